"""`--pages`: the page of an incident when it closes, as `analyze` writes it, in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from logtrace.errors import UsageError
from logtrace.render import files, page
from logtrace.watch.messages import Message, What
from logtrace.watch.run import News


class Pages:
    """A file for each incident, named by when it began and by its id; one that closes again has its page anew."""

    name = "--pages"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"cannot be made: {error.strerror}", where=str(folder), remedy="name a folder") from None

    def tell(self, news: News) -> None:
        """Raises UsageError for the last page that cannot be written; the others are."""
        failed = None
        for message in news.messages:
            case = news.cases.get(message.case)
            if message.what is not What.CLOSED or message.incident is None or case is None:
                continue
            case = replace(case, incidents=(message.incident,))
            try:
                files.write(self._folder / name_of(message), page.render(case))
            except UsageError as error:
                failed = error
        if failed is not None:
            raise failed

    def again(self, lines: Sequence[str]) -> None:
        """What was told stands in other outputs; a page of before a crash, or that failed, is not made anew."""

    def waiting(self) -> list[str]:
        return []

    def close(self) -> None: ...


def name_of(message: Message) -> str:
    """`20261122T180307-0c689820fe0d.html`."""
    began = message.incident.began if message.incident else None
    return f"{began:%Y%m%dT%H%M%S}-{message.incident_id}.html" if began else f"{message.incident_id}.html"
