"""A case as tables for SQL: what `--parquet` writes, `logtrace sql` asks, and a store of many cases keeps.

`schemas` has every table and column with its meaning, `build` makes the tables of one case, `questions` answers SQL.
"""
