"""`logtrace serve`: a page on which archives are dropped and answers are read, for a team, in the house.

    web ── incoming ──> files/        what was uploaded, durable before it is answered
        ── queue ─────> jobs          one for each set of files, by their content
    worker ── bounded ── analysis     a process with limits makes the case of one job
        ── finished ──> cases/        pages and documents, and what searches ask, in one transaction with "done"

The web process never reads a log. All that is not a file is in a database (SQLite, or PostgreSQL).
"""
