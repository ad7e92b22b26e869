"""Reading around: all lines of all logs, also those nobody understands, on the clock of the case.

lines.py reads them again, block by block; search.py finds those that are asked for, and what stands around them.
"""
