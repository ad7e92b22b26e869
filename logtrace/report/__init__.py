"""The case: incidents, statistics, what looks like trouble and is none, and the part of it that was asked for."""
