"""The log around incidents, as the page's script takes it: JSON, compressed, its names told once."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Sequence
from typing import Any, Final

from logtrace.render.limits import Limits
from logtrace.render.untrusted import shown
from logtrace.report.surroundings import LogLine, Surroundings

_LEVEL: Final = 6  # of compression


def packed(known: Surroundings, limits: Limits) -> str:
    """`known` as base64 of deflated JSON; what logs hold is made visible, and is text to the script.

    Its keys: `nodes`, `daemons`, `levels`, `files`; `lines` as [place, milliseconds since 1970, precise, node, daemon,
    level, file, line, text], where names are places in these lists; `around`: incident -> [stretches of places as
    [first, last], lines it spans].
    """
    lines = known.lines
    nodes, daemons = _names(each.node for each in lines), _names(each.daemon for each in lines)
    levels, files = _names(each.level for each in lines), _names(each.file for each in lines)

    def row(each: LogLine) -> list[Any]:
        told = [each.place, round(each.time.timestamp() * 1000), int(each.precise)]
        told += [nodes[each.node or ""], daemons[each.daemon or ""], levels[each.level or ""], files[each.file]]
        return [*told, each.line, shown(each.text, limits.characters)]

    document = {
        "nodes": _shown(nodes),
        "daemons": _shown(daemons),
        "levels": _shown(levels),
        "files": _shown(files),
        "lines": [row(each) for each in lines],
        "around": {name: [_stretches(places), span] for name, (places, span) in known.around.items()},
    }
    text = json.dumps(document, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(), _LEVEL)).decode()


def _names(told: Iterable[str | None]) -> dict[str, int]:
    """Each name once, with its place, in the order of names."""
    return {name: place for place, name in enumerate(sorted({each or "" for each in told}))}


def _shown(names: Iterable[str]) -> list[str]:
    return [shown(name, 200) for name in names]


def _stretches(places: Sequence[int]) -> list[list[int]]:
    """Places that follow each other, as [first, last]."""
    out: list[list[int]] = []
    for place in places:
        if out and place == out[-1][1] + 1:
            out[-1][1] = place
        else:
            out.append([place, place])
    return out
