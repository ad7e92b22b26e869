"""A catalogue's folder, written from a few stanzas."""

from __future__ import annotations

from pathlib import Path

KINDS = """
"op.result" = { agent = true, meaning = "an operation ended", fields = ["resource", "rc"] }
"quorum.lost" = { meaning = "no quorum", fields = [] }
"""

FORMAT = r"""
[[format]]
name = "syslog"
part = "carrier"
text = '{month} {day} {time} {host} {payload}'
[[format.example]]
line   = "Jul  4 16:53:20 node1 crmd[1]: notice: x"
fields = { host = "node1" }

[[format]]
name = "daemon"
part = "payload"
text = '{daemon}\[{pid}\]: {level}: {message}'
[[format.example]]
line   = "crmd[1]: notice: x"
fields = { daemon = "crmd", pid = "1" }
"""

RESULT = """
[[message]]
kind   = "op.result"
daemon = ["pacemaker-controld", "crmd"]
text   = "Result of {operation} operation for {resource} on {target}: {rc_text}"
tail   = ["call", "key", "rc"]
[[message.example]]
line   = "Result of start operation for vip on n1: ok | call=7 key=vip_start_0 rc=0"
fields = { resource = "vip", operation = "start", target = "n1", rc_text = "ok", call = 7, rc = 0, interval = 0 }
"""

QUORUM = """
[[message]]
kind = "quorum.lost"
text = "Quorum lost"
[[message.example]]
line   = "Quorum lost"
fields = {}
"""


NOISE = """
[[noise]]
text    = "Diff: --- "
example = "Diff: --- 0.42.7 2"
"""


def write(
    folder: Path,
    *messages: str,
    kinds: str = KINDS,
    formats: str = FORMAT,
    noise: str = NOISE,
    reasons: str = "",
) -> Path:
    """A folder like parsers/ with `messages` in messages/daemon.toml and `reasons` in reasons/agents.toml."""
    for name in ("formats", "messages", "reasons"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "kinds.toml").write_text(kinds, encoding="utf-8")
    (folder / "noise.toml").write_text(noise, encoding="utf-8")
    (folder / "formats" / "lines.toml").write_text(formats, encoding="utf-8")
    (folder / "reasons" / "agents.toml").write_text(reasons, encoding="utf-8")
    (folder / "messages" / "daemon.toml").write_text("".join(messages), encoding="utf-8")
    return folder
