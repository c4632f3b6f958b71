"""`sentinel audit` on the log that `sentinel keys` writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sentinel_core.app import audit_command, keys_command


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"SENTINEL_KEYS_FILE": str(tmp_path / "keys.json"), "SENTINEL_NAMESPACE_SECRET": "a secret of the tests"}


def run(environ: dict[str, str], capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str]]:
    capsys.readouterr()
    code = audit_command.audit(arguments, environ)
    return code, capsys.readouterr().out.splitlines()


def test_commands_are_recorded_exported_and_checked(
    environ: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    keys_command.keys(["create", "acme"], environ)
    log = tmp_path / "log.txt"
    log.write_text(capsys.readouterr().err)

    code, [line] = run(environ, capsys, "export")
    record = json.loads(line)["action"]
    assert (code, record["action"], record["before"], record["after"]["tenant"]) == (0, "keys create", None, "acme")
    assert record["actor"].startswith("command:")
    assert run(environ, capsys, "verify", "--log", str(log)) == (0, ["1 records, 1 hashes in logs, 0 problems"])
    (tmp_path / "copy.jsonl").write_text(f"{line}\n")
    assert run(environ, capsys, "verify", str(tmp_path / "copy.jsonl"), "--log", str(log))[0] == 0
    (tmp_path / "copy.jsonl").write_text(line.replace("acme", "evil"))
    assert run(environ, capsys, "verify", str(tmp_path / "copy.jsonl"))[1][0].endswith("record 0: edited")
    (tmp_path / "audit.jsonl").write_text("")
    code, found = run(environ, capsys, "verify", "--log", str(log))
    assert (code, "in the log, but not stored" in found[0]) == (1, True)


def test_a_receipt_without_its_signature_is_refused(
    environ: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    receipt = {
        "id": "a", "state": "done", "kind": "user", "subject": "b", "started": 1.0, "finished": 2.0,
        "removed": {"entries": 1}, "not_reached": [], "signature": None,
    }  # fmt: skip
    (tmp_path / "receipt.json").write_text(json.dumps(receipt))
    code, said = run(environ, capsys, "receipt", str(tmp_path / "receipt.json"))
    assert (code, said) == (1, ["the signature is wrong, or there is none"])
