"""What a server was told when it was started; web and workers share it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from msgspec import Struct

#: Folders of a store's `serve/`: what was uploaded, what is being uploaded, what was made of it.
FILES: Final = "files"
INCOMING: Final = "incoming"
CASES: Final = "cases"


class Settings(Struct, frozen=True):
    """`folder`: where files and cases are; `database`: its address as SQLAlchemy takes it; `store`: the path or address
    of the store of many cases that finished ones go to. Sizes in bytes.

    `memory`, `seconds`: what one analysis may take; `threads`: of it. `max_upload`, `max_files`: of one upload;
    `rate`: uploads of one user in a minute; `min_free`: what uploads leave of the disk. `keep`: seconds after which a
    case is deleted, None: never. `scheduler`: of a Dask cluster that analyses, None: it is done here. `private`:
    everybody sees only what they uploaded. `patience`: seconds a client may take to send or take the next bytes.
    """

    folder: str
    database: str
    store: str
    workers: int = 1
    memory: int = 4_000_000_000
    seconds: int = 600
    threads: int = 0
    max_upload: int = 1_000_000_000
    max_files: int = 50
    rate: int = 120
    min_free: int = 1_000_000_000
    keep: float | None = None
    scheduler: str | None = None
    private: bool = False
    patience: float = 30.0

    @property
    def files(self) -> Path:
        return Path(self.folder, FILES)

    @property
    def incoming(self) -> Path:
        return Path(self.folder, INCOMING)

    @property
    def cases(self) -> Path:
        return Path(self.folder, CASES)

    def make_folders(self) -> None:
        """For this user only: logs are confidential."""
        for folder in (Path(self.folder), self.files, self.incoming, self.cases):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
