"""Where the pages of an analysis go: one file for one case, a folder with an index for several."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from logtrace.cli import outputs
from logtrace.cli.messages import say
from logtrace.errors import LogtraceError, UsageError

if TYPE_CHECKING:
    from logtrace.report.case import Case

_INDEX: Final = "index.html"


class Pages(Struct, frozen=True):
    """What was asked for: `target`, where `--html` points, if it was given; `folder`, the same where it is a folder;
    `name`, that of the input. `of`: see outputs.identity. `command`: the command line that is told in the page.
    """

    target: str | None
    folder: str | None
    name: str
    of: str
    command: str | None
    light: bool
    quiet: bool

    def write(self, cases: Sequence[Case]) -> str | None:
        """Writes a page for each case and gives the one to open; None where there could be none and nobody had asked
        for it, which is worth a warning.
        """
        try:
            return self._one(cases[0]) if len(cases) == 1 else self._several(cases)
        except LogtraceError as error:
            if self.target is not None:
                raise
            if not self.quiet:
                say(f"warning: no page: {error}, or use --no-html")
            return None

    def _one(self, case: Case) -> str:
        if self.folder is not None:
            from logtrace.render import files

            files.make_folder(Path(self.folder))
            target = str(Path(self.folder, f"{self.name}.logtrace.html"))
        else:
            target = self.target or outputs.default_page(self.name, self.of)
        self._render(case, target)
        return target

    def _several(self, cases: Sequence[Case]) -> str:
        from logtrace.render import files, index

        if self.target is not None and self.folder is None and (Path(self.target).suffix or Path(self.target).exists()):
            raise UsageError(
                f"there are {len(cases)} cases, and a page for each",
                where=self.target,
                remedy="name a folder, or add --one-case",
            )
        folder = Path(self.folder or self.target or outputs.default_folder(self.name, self.of, _INDEX))
        files.make_folder(folder)
        places = [f"{name}.html" for name in outputs.file_names([case.name for case in cases])]
        for case, place in zip(cases, places, strict=True):
            self._render(case, str(folder / place))
        files.write(folder / _INDEX, index.page(cases, places, of=self.of))
        told = folder / _INDEX
        return str(told) if told.is_absolute() else f"./{told}"

    def _render(self, case: Case, target: str) -> None:
        from logtrace.render import files, page

        files.write(Path(target), page.render(case, light=self.light, command=self.command, of=self.of))
