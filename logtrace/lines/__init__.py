"""From the bytes of logs to their lines that may matter: blocks.py cuts, earlier.py says what need not be looked at,
carriers/ takes off what was put around lines, marks.py dates what stands between them, sift.py sifts, headers.py reads
and stamps.py the times; reader.py does it for many files at once.
"""

from logtrace.lines.earlier import Earlier, last_time
from logtrace.lines.reader import Log, Reader

__all__ = ["Earlier", "Log", "Reader", "last_time"]
