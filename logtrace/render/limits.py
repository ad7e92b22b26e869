"""How much of a case a page and a ticket show. What is left out is counted there; all of it is in the JSON."""

from __future__ import annotations

from msgspec import Struct


class Limits(Struct, frozen=True):
    """The most of each thing: `incidents`, `brief` and `rows` of other tables per page, the rest per incident.

    `operations`: rows of their table; `bars` and `lanes` are drawn. `sentence`: characters of a sentence of our own,
    which ends where it ends unless a log's names make it endless.
    """

    incidents: int = 200
    brief: int = 1000  # incidents that get a row instead of a section
    rows: int = 200
    lines: int = 200
    log: int = 4000  # recognised lines around incidents, of the whole page
    context: int = 60  # cited lines that are also shown among their neighbours
    operations: int = 300
    transitions: int = 60
    causes: int = 40  # of each verdict; and changes advised
    references: int = 8  # cited lines named for a cause
    names: int = 30  # nodes and resources of an incident
    named: int = 12  # files and logs in a sentence
    bars: int = 300
    lanes: int = 60
    sentence: int = 1000
    characters: int = 1000  # of a log line
    field: int = 400  # characters of anything else
    command: int = 20_000  # characters of a command; a longer one is left out, for half a command is a wrong one

    def divided(self, by: float) -> Limits:
        """Limits for a page that came out too large with these: what stands around cited lines falls first, then the
        tables, and slowest what is drawn and the numbers of incidents.
        """
        return Limits(
            incidents=max(int(self.incidents / by**0.5), 3),
            brief=max(int(self.brief / by**0.4), 20),
            rows=max(int(self.rows / by), 5),
            lines=max(int(self.lines / by), 5),
            log=int(self.log / by**2),
            context=int(self.context / by**2),
            operations=max(int(self.operations / by), 5),
            transitions=max(int(self.transitions / by), 3),
            causes=max(int(self.causes / by), 4),
            references=self.references,
            names=self.names,
            named=self.named,
            bars=max(int(self.bars / by**0.5), 10),
            lanes=max(int(self.lanes / by**0.3), 10),
            sentence=max(int(self.sentence / by**0.3), 300),
            characters=max(int(self.characters / by), 160),
            field=max(int(self.field / by), 80),
            command=max(int(self.command / by), 300),
        )


class Detail(Struct, frozen=True):
    """How much a ticket tells: rows, blocks of incidents, and of each its advice, commands and lines; notes."""

    rows: int
    blocks: int
    advice: int
    commands: int
    lines: int
    notes: int


class Some(Struct, frozen=True):
    """The first of some things, and how many there are."""

    shown: int
    total: int

    def __str__(self) -> str:
        return f"{self.total:,}" if self.shown == self.total else f"{self.shown:,} of {self.total:,}"
