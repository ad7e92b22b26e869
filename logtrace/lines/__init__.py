"""From the bytes of logs to their lines that may matter: blocks.py cuts, wrapped.py and marks.py make lines of what
carriers put around and between them, sift.py sifts, headers.py reads; reader.py does it for many files at once.
"""

from logtrace.lines.reader import Log, Reader

__all__ = ["Log", "Reader"]
