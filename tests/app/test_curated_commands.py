from __future__ import annotations

from pathlib import Path

import pytest

from scripts.devtools.http.replies import failure
from scripts.devtools.http.serving import serving
from scripts.devtools.http.upstream import Upstream
from sentinel_core.__main__ import main

FAQ = 'question,answer,tags\nHow long is the warranty?,Two years.,faq\n"Where are you?",Porto.,\n,No question.,\n'


def test_answers_are_imported_served_exported_and_imported_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    faq, first, second = tmp_path / "faq.csv", tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    faq.write_text(FAQ)
    prompts = tmp_path / "prompts.txt"
    prompts.write_bytes(b"What is a warranty?\n\xff\n")

    def run(*arguments: str) -> tuple[int, str]:
        code = main([*arguments, "--url", url])
        return code, capsys.readouterr().out.splitlines()[-1]

    with serving() as server:
        url = str(server.http.base_url)
        assert run("import", str(faq)) == (2, "2 answers are new or changed, 0 were there, 1 rows are refused")
        answer = server.http.post("/v1/query", json={"prompt": "How long is the warranty?"}).json()
        assert (answer["response"], answer["reason"]) == ("Two years.", "curated")
        assert run("export", str(first)) == (0, "2 answers")
        assert run("import", str(first)) == (0, "0 answers are new or changed, 2 were there, 0 rows are refused")
        assert run("export", str(second)) == (0, "2 answers")
        assert first.read_bytes() == second.read_bytes()
        assert run("warm", str(prompts)) == (2, "1 prompts are answered from now on; $0.0000 spent; 1 rows are refused")


def test_answers_are_copied_between_tenants_and_a_killed_import_is_repeated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    faq, half = tmp_path / "faq.jsonl", tmp_path / "half.jsonl"
    lines = [f'{{"question": "question {number}", "answer": "{number}", "tags": ["a"]}}\n' for number in range(130)]
    faq.write_text("".join(lines))
    half.write_text("".join(lines[:70]) + lines[70][:20])
    files = {name: tmp_path / f"{name}.jsonl" for name in ("acme", "globex")}
    secrets = {
        "SENTINEL_NAMESPACE_SECRET": "a secret of the copy test",
        "SENTINEL_ADMIN_KEY": "an-admin-key-of-the-copy-test",
    }

    def run(*arguments: str) -> str:
        main([*arguments, "--url", url, "--key", secrets["SENTINEL_ADMIN_KEY"]])
        return capsys.readouterr().out.strip()

    with serving(**secrets, SENTINEL_KEYS_FILE=str(tmp_path / "keys.json")) as server:
        url = str(server.http.base_url)
        first, again = (run("import", str(file), "--tenant", "acme") for file in (half, faq))
        assert first == "70 answers are new or changed, 0 were there, 1 rows are refused"
        assert again == "60 answers are new or changed, 70 were there, 0 rows are refused"
        assert run("copy", "--tenant", "acme", "--to", "globex") == "130 answers are new or changed"
        assert run("copy", "--tenant", "acme", "--to", "globex") == "0 answers are new or changed"
        for name, path in files.items():
            assert run("export", str(path), "--tenant", name) == "130 answers"
        assert files["acme"].read_bytes() == files["globex"].read_bytes()


def test_a_server_that_refuses_is_named(tmp_path: Path) -> None:
    faq = tmp_path / "faq.csv"
    faq.write_text(FAQ)

    assert main(["export", str(tmp_path / "out.jsonl"), "--url", "http://127.0.0.1:9/"]) == 2
    assert not (tmp_path / "out.jsonl").exists()
    for command in ("warm", "import", "restore"):
        assert main([command, str(tmp_path / "none.csv"), "--url", "http://127.0.0.1:9/"]) == 2
    with pytest.raises(SystemExit):
        main(["copy", "--url", "http://127.0.0.1:9/"])


def test_warm_goes_past_a_prompt_that_fails_and_stops_in_an_outage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prompts = tmp_path / "prompts.txt"
    prompts.write_text("what is a noun\nwhat is a verb\nwhat is an adverb\nwhat is a clause\n")
    refused = failure(401, "no such key")

    with Upstream.running() as upstream:
        own = {"SENTINEL_PROVIDER": "custom", "CUSTOM_BASE_URL": upstream.url, "SENTINEL_MODEL": "m"}
        with serving(**own) as server:
            asking = ["warm", str(prompts), "--url", str(server.http.base_url), "--budget", "5"]
            upstream.script(refused)
            first = main(asking), capsys.readouterr()
            upstream.default = refused
            prompts.write_text("who are you\nwhere are you\nwhen are you\nwhy are you\n")
            second = main(asking), capsys.readouterr()

    assert (first[0], first[1].err.count("502 custom refused")) == (2, 1)
    assert first[1].out.startswith("3 prompts are answered from now on; $")
    assert (second[0], second[1].err.count("prompts.txt:")) == (2, 3)
    assert second[1].out == "3 prompts failed one after the other, after 0 answers: run it again to go on\n"


@pytest.mark.parametrize("budget", ["nan", "inf", "-1", "much"])
def test_a_budget_is_an_amount_of_dollars(budget: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["warm", "prompts.txt", f"--budget={budget}"])

    assert "must be a number of dollars from 0" in capsys.readouterr().err
