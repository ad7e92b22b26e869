"""The configuration of the cluster: values in model.py, one reader per file format beside it.

cib.py and corosync.py read, choice.py picks one configuration out of many, query.py and dependents.py answer questions.
"""

from logtrace.config.in_force import choose, config_at

__all__ = ["choose", "config_at"]
