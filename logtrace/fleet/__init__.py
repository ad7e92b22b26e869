"""Many reports: a store of their tables, filled by many processes or machines, and asked in SQL.

`tickets` finds what is to be read, `work` reads one of it wherever it runs, `local` and `cluster` run much of it,
`store` keeps what comes of it in a place of `places`, `add` joins these, `compact` and `views` serve whoever asks, and
`removal` takes a ticket out.
"""
