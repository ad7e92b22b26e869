"""Bounds on how much is looked at, each with its reason. One that bites is told in `Knowledge.notices`."""

from __future__ import annotations

#: Chains that are not over, the latest, which a new happening is compared with one by one. A cluster has a handful; in
#: a storm of failures that never end, each would be compared with all before it.
MOST_OPEN = 64

#: Lines that a trigger cites: enough to show the thing from every node's view, of thousands that a storm tells.
MOST_LINES = 6

#: Chains of one resource and node whose failures are counted together; thresholds are single digits as a rule.
MOST_COUNTED = 16
