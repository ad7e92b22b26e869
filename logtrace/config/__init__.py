"""The configuration of the cluster: values in model.py, one reader per file format beside it."""
