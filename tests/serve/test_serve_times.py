"""What logs do not tell of their times, users do: with the upload, or when a case looks wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import Server, form, log, server


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server(tmp_path_factory.mktemp("serve") / "store", "--rate", "1000") as running:
        yield running


def bare(resource: str) -> bytes:
    """Lines that tell neither a zone nor a year, nor by an epoch what these are."""
    return re.sub(rb"2026-11-22T(\S{8})\S*", rb"Nov 22 \1", re.sub(rb"\(ref=\S+\)", b"", log(resource)))


def upload(serving: Server, resource: str, **fields: str) -> dict[str, object]:
    body, kind = form([(f"{resource}.log", bare(resource))])
    more = "".join(
        f'--between-the-parts-7f3a\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    answer = serving.ask("POST", "/api/cases", more.encode() + body, {"Content-Type": kind})
    assert answer.status == 202, answer.text
    return dict(serving.wait(answer.json["id"]))


def ended(serving: Server, job: dict[str, object]) -> str:
    [case] = job["cases"]  # type: ignore[misc]
    return str(serving.get(f"/api/cases/{case}").json["end"])[:16]


def test_a_zone_and_a_year_come_with_the_upload(serving: Server) -> None:
    job = upload(serving, "told", timezone="Europe/Berlin", year="2021")
    assert (job["timezone"], job["year"]) == ("Europe/Berlin", 2021)
    assert ended(serving, job) == "2021-11-22T15:46"


def test_the_same_files_are_read_again_where_other_times_are_told(serving: Server) -> None:
    job = upload(serving, "twice", year="2021")
    assert ended(serving, job) == "2021-11-22T16:46"
    case = job["cases"][0]  # type: ignore[index]
    serving.ask("PATCH", f"/api/cases/{case}", b'{"note": "mine", "ticket": "INC-9"}')
    again = upload(serving, "twice", timezone="+02:00", year="2021")
    assert (again["id"], again["cases"]) == (job["id"], job["cases"])
    assert ended(serving, again) == "2021-11-22T14:46"
    kept = serving.get(f"/api/cases/{case}").json
    assert (kept["note"], kept["ticket"]) == ("mine", "INC-9")
    assert ended(serving, upload(serving, "twice")) == "2021-11-22T14:46", "who tells nothing changes nothing"


def test_a_case_is_read_again_from_its_page(serving: Server) -> None:
    job = upload(serving, "again", year="2021")
    answer = serving.post(f"/jobs/{job['id']}/again", {"timezone": "America/New_York", "year": "2020"})
    assert (answer.status, answer.headers["Location"]) == (303, f"/jobs/{job['id']}")
    assert ended(serving, serving.wait(str(job["id"]))) == "2020-11-22T21:46"
    page = serving.get(f"/cases/{job['cases'][0]}").text  # type: ignore[index]
    assert 'value="America/New_York"' in page
    answer = serving.ask("POST", f"/api/jobs/{job['id']}/again", json.dumps({"year": 2019}).encode())
    assert (answer.status, answer.json["year"], answer.json["timezone"]) == (202, 2019, None)
    assert ended(serving, serving.wait(str(job["id"]))) == "2019-11-22T16:46"
    store = serving.store / "serve" / "cases"
    assert [path.name for path in (store / str(job["id"])).iterdir()] == ["1"]


@pytest.mark.parametrize(
    "times", [{"timezone": "Mars/Phobos"}, {"timezone": "/etc/passwd"}, {"year": "21"}, {"year": "²⁰²¹"}]
)
def test_what_is_no_zone_or_year_is_told(serving: Server, times: dict[str, str]) -> None:
    job = upload(serving, "wrong", year="2021")
    answer = serving.post(f"/jobs/{job['id']}/again", times)
    assert answer.status == 400
    assert serving.get(f"/api/jobs/{job['id']}").json["state"] == "done"
    assert serving.ask("POST", f"/api/jobs/{job['id']}/again", b'{"year": "soon"}').status == 400
    assert serving.ask("POST", "/api/jobs/none/again", b"{}").status == 404


def test_a_case_stays_where_it_cannot_be_read_again(tmp_path: Path) -> None:
    with server(tmp_path / "store") as running:
        job = running.wait(running.upload(("a.log", log())).json["id"])
    with server(tmp_path / "store", "--max-memory", "600M") as running:
        assert running.ask("POST", f"/api/jobs/{job['id']}/again", b"{}").status == 202
        failed = running.wait(job["id"])
        assert (failed["state"], failed["cases"]) == ("failed", job["cases"])
        page = running.get(f"/cases/{job['cases'][0]}")
        assert "this is how they were read before" in page.text
        assert running.get(f"/cases/{job['cases'][0]}/page").status == 200
    with server(tmp_path / "store") as running:
        assert running.get(f"/cases/{job['cases'][0]}/page").status == 200, "a new server sweeps it away"
