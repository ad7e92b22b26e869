"""What fails while a watch goes on: said, counted, and survived.

Who is on call needs the next incident told more than the watch needs to be right about this one, and nobody is there to
start it again. Ending it would help nothing either: after a restart it reads the lines it still needs again, and what
they did to it they do again. So it goes on with what it holds, at the few places where all of that is whole whatever
happens within: a look into the files, a judgement, which changes nothing that is held, the telling to one output, the
state. Nothing is hidden: each failure is a line on standard error, which names the place where it is a defect, and a
number in the metrics, and alerts.yml has a rule for that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Final

import polars as pl

from logtrace.errors import LogtraceError

_FOLDER: Final = f"{Path(__file__).parents[1]}/"

_AN_HOUR: Final = 3600.0


class Doing(StrEnum):
    """What a watch does. Metrics have it as a label."""

    READING = "reading"
    JUDGING = "judging"
    TELLING = "telling"
    KEEPING = "keeping"


class Failures:
    """`counted`: how often each thing failed. `say` is given a sentence when something fails, and when it does so in
    another way; of what goes on failing, however often it is tried, once in an hour of `clock`.
    """

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float]) -> None:
        self.counted: Counter[Doing] = Counter()
        self._say = say
        self._clock = clock
        self._said: dict[str, tuple[str, float]] = {}

    def noted(self, text: str) -> None:
        """Of what is read, something cannot be, and was passed over: `text` says what and why."""
        self.counted[Doing.READING] += 1
        self._say(text)

    @contextmanager
    def survived(self, doing: Doing, what: str) -> Iterator[None]:
        """Go on behind this block where something fails in it. `what`: it is about, in words.

        Not where nobody reads standard output any more: that is how a pipe ends whoever writes to it.
        """
        try:
            yield
        except BrokenPipeError:
            raise
        except (LogtraceError, OSError) as error:
            self._failed(doing, what, f"{what}: {error}")
        except (Exception, pl.exceptions.PanicException) as error:
            text = f"a defect of logtrace, {what}: {type(error).__name__} at {_place(error)}: {error}"
            self._failed(doing, what, text)

    def _failed(self, doing: Doing, what: str, text: str) -> None:
        self.counted[doing] += 1
        said, when = self._said.get(what, ("", 0.0))
        if text != said or self._clock() - when >= _AN_HOUR:
            self._said[what] = text, self._clock()
            self._say(f"{text}; the watch goes on")


def _place(error: BaseException) -> str:
    """The last line of logtrace that an error came through."""
    place, step = "?", error.__traceback__
    while step is not None:
        path = step.tb_frame.f_code.co_filename
        if path.startswith(_FOLDER):
            place = f"{path.removeprefix(_FOLDER)}:{step.tb_lineno}"
        step = step.tb_next
    return place
