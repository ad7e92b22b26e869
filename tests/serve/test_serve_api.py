"""The API is what its description says, and what the documents show of it works as it stands there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate
from servers import ARCHIVE, ROOT, log, server

from logtrace.cli import run
from logtrace.serve.api import OPERATIONS, described


def test_the_description_is_valid_and_whole() -> None:
    told = described()
    validate(told)
    assert {(path, method.upper()) for path, each in told["paths"].items() for method in each} == {
        (each.path, each.method) for each in OPERATIONS
    }
    assert all(answer["description"] for each in told["paths"].values() for one in each.values()
               for answer in one["responses"].values())  # fmt: skip


def test_answers_are_as_described(tmp_path: Path) -> None:
    told = described()

    def check(name: str, value: object) -> None:
        schema = {"$ref": f"#/components/schemas/{name}", "components": told["components"]}
        jsonschema.validate(value, schema)

    with server(tmp_path / "store") as running:
        answer = running.upload(("a.log", log()))
        check("JobState", answer.json)
        job = running.wait(answer.json["id"])
        check("JobState", job)
        check("Listing", running.get("/api/cases").json)
        check("Found", running.get(f"/api/cases/{job['cases'][0]}").json)
        check("Told", running.get("/api/cases/none").json)
        check("Told", running.get("/api/none").json)
        assert running.get("/api/openapi.json").json == json.loads(json.dumps(told))
        assert running.ask("PUT", "/api/cases").status == 405


def test_the_examples_of_the_readme_work(tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    told = (ROOT / "README.md").read_text(encoding="utf-8")
    upload, search = re.findall(r"^(curl .*?) +#", told, re.MULTILINE)
    with server(tmp_path / "store") as running:

        def call(command: str) -> Any:
            command = command.replace("http://127.0.0.1:8464", running.address)
            return json.loads(subprocess.run(command, cwd=ROOT, shell=True, capture_output=True, check=True).stdout)

        running.wait(call(upload)["id"])
        [found] = call(search)["cases"]
        assert "slow_init" in found["causes"]


def test_the_examples_of_the_documents_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    text = (ROOT / "docs" / "serve.md").read_text(encoding="utf-8")
    [script] = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (tmp_path / "node1.tar.bz2").write_bytes(ARCHIVE.read_bytes())
    (tmp_path / "node2.tar.bz2").write_bytes(ARCHIVE.read_bytes()[:-10])
    assert run(["serve", str(tmp_path / "store"), "--add-token", "ann"]) == 0
    token = capsys.readouterr().out.strip()
    with server(tmp_path / "store") as running:
        ran = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=tmp_path,
            env={**os.environ, "TOKEN": token, "SERVER": running.address},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert '"ticket":"INC-7"' in ran.stdout
        assert "slow_init" in (tmp_path / "case.json").read_text()
        assert (tmp_path / "ticket.md").read_text().startswith("#")
        assert list((running.store / "serve" / "files").iterdir()) == []
