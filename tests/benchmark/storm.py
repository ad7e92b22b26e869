"""Logs of a cluster in trouble: quiet minutes of pacemaker_logs, crashes at random, and lines of every kind between.

The lines are the catalogue's own examples, one a minute, of random nodes and resources: most mean nothing together,
many begin an incident, and none comes at an even interval. The same bytes for the same arguments.
"""

from __future__ import annotations

import random
import re
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pacemaker_logs
from pacemaker_logs import MINUTE, NODES, SERVICES

from logtrace import catalogue
from logtrace.catalogue.model import Example, Message

#: A crash in so many minutes: one in 100 kB.
_CRASH: Final = 4.2


def write(folder: Path, size: int) -> list[Path]:
    """Write `<node>/pacemaker.log` for three nodes into `folder`, together about `size` bytes; gives the paths."""
    chance = random.Random(size)
    told = [(message, example) for message in catalogue.load().messages for example in message.examples]
    quiet = {node: pacemaker_logs.template(node, pacemaker_logs.quiet_minute(node)) for node in NODES}
    crash = {node: pacemaker_logs.template(node, pacemaker_logs.crash_minute(node)) for node in NODES}
    paths = [folder / node / "pacemaker.log" for node in NODES]
    with ExitStack() as stack:
        files = {}
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            files[path.parent.name] = stack.enter_context(path.open("w", encoding="utf-8", buffering=1 << 20))
        failures = 0
        for minute in range(max(1, size // pacemaker_logs.minute_size())):
            crashes = chance.random() * _CRASH < 1
            failures += crashes
            known = pacemaker_logs.values(minute, minute + failures, failures)
            teller = chance.choice(NODES)
            for node, file in files.items():
                text = quiet[node] % known + (crash[node] % known if crashes else "")
                lines = text.splitlines(keepends=True)
                if node == teller:
                    lines.append(_line(node, minute, chance, *chance.choice(told)))
                # a stamp says which line is earlier, for no month ends within a minute
                file.writelines(sorted(lines, key=lambda line: line[:19]))
    return paths


def _line(node: str, minute: int, chance: random.Random, message: Message, example: Example) -> str:
    """An example as `node` prints it at some time of a minute, of other nodes and resources than its own."""
    text = example.line
    for field, names in (("resource", SERVICES), ("target", NODES), ("peer", NODES), ("origin", NODES)):
        if (name := example.fields.get(field)) and isinstance(name, str):
            text = re.sub(rf"\b{re.escape(name)}\b", chance.choice(names), text)
    at = chance.randrange(1000 * MINUTE)
    daemon = min(message.daemons, default="pacemaker-controld")
    stamp = pacemaker_logs.stamp(pacemaker_logs.START + minute * MINUTE + at // 1000)
    return f"{stamp}.{at % 1000:03d} {node} {daemon:<20}[999] (told) \tnotice: {text}\n"
