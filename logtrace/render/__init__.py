"""One renderer per file, each working on a `Case` and computing nothing; words.py and sentences.py are shared."""
