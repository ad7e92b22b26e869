"""What belongs together: chains of cause and effect, found by one state over everything in order of time."""
