"""From the bytes of one log file to its lines that may matter: blocks.py cuts, scan.py sifts, headers.py reads."""

from logtrace.lines.scan import Scan, scan

__all__ = ["Scan", "scan"]
