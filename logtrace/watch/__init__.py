"""Logs while they are written: what files.py finds new in them, window.py holds as events, incidents.py compares with
what was told before, and outputs/ tells. state.py is what survives a restart, run.py the loop around all of it.
"""
