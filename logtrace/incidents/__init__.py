"""Which of it belongs together, what it cost, and what to call it."""

from __future__ import annotations

from logtrace.incidents.assemble import incidents

__all__ = ["incidents"]
