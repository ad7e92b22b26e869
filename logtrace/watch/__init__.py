"""Logs while they are written: what files.py finds new in them, window.py holds as events, look.py judges, ledger.py
compares with what was told before, and outputs/ tells. state.py is what survives a restart, failures.py how what fails
is survived, run.py the loop around all of it.
"""
