"""From the bytes of one log file to its lines that may matter: blocks.py cuts, wrapped.py and marks.py make lines of
what carriers put around and between them, sift.py sifts, headers.py reads.
"""

from logtrace.lines.sift import Scan, scan

__all__ = ["Scan", "scan"]
