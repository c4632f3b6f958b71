from __future__ import annotations

import ast
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
import yaml

from scripts.devtools.aws.package import own_architecture
from scripts.devtools.http.ports import free_port
from sentinel_core.app.settings import Settings
from sentinel_core.matching.embedders.model_files import INT8, PACKAGE, PUBLISHED, Graph

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "scripts" / "container"
BASE = "docker.io/library/python:3.13-slim"
MOST_BYTES = 450_000_000


def instructions() -> list[str]:
    text = (FOLDER / "Containerfile").read_text().replace("\\\n", " ")
    return [" ".join(line.split()) for line in text.splitlines() if line and not line.startswith("#")]


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())
    return found


def test_the_image_has_two_stages_no_root_and_a_health_check() -> None:
    assert [line.split()[1:] for line in instructions() if line.startswith("FROM")] == [
        ["${BASE}", "AS", "build"],
        ["${BASE}"],
    ]
    last = instructions()[instructions().index("FROM ${BASE}") :]
    assert "USER 10001:10001" in last
    assert "STOPSIGNAL SIGTERM" in last
    [check] = [line for line in last if line.startswith("HEALTHCHECK")]
    assert "/health" in check
    assert last[-1] == 'ENTRYPOINT ["python", "-m", "sentinel_core"]'
    assert not any(tool in line for line in last for tool in ("pip", "apt-get", "gcc"))


def copied() -> set[Path]:
    """Files that the image's build has, of those in `scripts/`."""
    sources = [line.split()[1:-1] for line in instructions() if line.startswith("COPY scripts")]
    paths = [ROOT / name for names in sources for name in names]
    return {file for path in paths for file in ([path] if path.is_file() else path.rglob("*.py"))}


def imported(source: Path) -> Iterator[Path]:
    """Files of `scripts/` that a file imports."""
    for node in ast.walk(ast.parse(source.read_text())):
        names = [each.name for each in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        modules = names if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            modules = [str(node.module), *(f"{node.module}.{name}" for name in names)]
        files = (ROOT / f"{module.replace('.', '/')}.py" for module in modules if module.startswith("scripts."))
        yield from (file for file in files if file.exists())


def test_the_image_s_build_has_each_file_that_its_scripts_import() -> None:
    files = copied()

    assert ROOT / "scripts" / "int8_graph.py" in files
    assert {name for file in files if file.suffix == ".py" for name in imported(file)} - files == set()


def test_the_image_sets_only_settings_that_exist() -> None:
    [line] = [line for line in instructions() if line.startswith("ENV")]
    names = {pair.split("=")[0] for pair in line.split()[1:]}
    assert {name for name in names if name.startswith("SENTINEL_")} <= set(Settings.variables())


def test_compose_keeps_redis_s_data_and_its_secrets_out_of_the_file() -> None:
    services = compose()["services"]
    redis, sentinel = services["redis"], services["sentinel"]
    assert redis["volumes"] == ["redis:/data"]
    assert "--appendonly yes" in redis["command"]
    assert "ports" not in redis
    assert sentinel["ports"] == ["127.0.0.1:8001:8001"]
    assert sentinel["env_file"] == ".env"
    assert (sentinel["read_only"], sentinel["cap_drop"]) == (True, ["ALL"])


def test_compose_waits_longer_for_the_end_than_the_server_does() -> None:
    sentinel = compose()["services"]["sentinel"]
    assert float(sentinel["stop_grace_period"].removesuffix("s")) > 5 + float(
        sentinel["environment"]["SENTINEL_SHUTDOWN_SECONDS"]
    )


def test_the_example_of_the_secrets_names_settings_and_holds_none() -> None:
    lines = [line for line in (FOLDER / "env.example").read_text().splitlines() if line and line[0] != "#"]
    given = dict(line.split("=", 1) for line in lines)
    assert given.keys() - {"REDIS_PASSWORD"} <= set(Settings.variables())
    assert [name for name, value in given.items() if value] == ["SENTINEL_TRUSTED_PROXIES"]


def graph() -> Graph:
    """The graph that the image must hold on this machine."""
    return INT8 if own_architecture() == "x86_64" else PUBLISHED


def buildah(*arguments: str, **options: Any) -> str:
    environ = {**os.environ, "STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"}
    done = subprocess.run(["buildah", *arguments], env=environ, capture_output=True, text=True, check=True, **options)
    return str(done.stdout).strip()


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    """The built image, of which the base must be here already: no test downloads one. CI builds it; it takes 20 s."""
    if os.environ.get("TESTS_BUILD_IMAGE") != "1":
        pytest.skip("TESTS_BUILD_IMAGE is not 1, as it is in .ci/run")
    if shutil.which("buildah") is None:
        pytest.skip("buildah is not installed")
    try:
        buildah("inspect", "--type", "image", BASE)
    except subprocess.CalledProcessError:
        pytest.skip(f"{BASE} is not in the local storage; scripts/container/base makes one of Debian's packages")
    tag = f"localhost/sentinel-test-{os.getpid()}"
    mounts = [
        part
        for path in ("/etc/pip.conf", "/etc/ssl/certs")
        if Path(path).exists()
        for part in ("--volume", f"{path}:{path}:ro")
    ]
    buildah(
        "build",
        "--pull=never",
        "--format",
        "docker",
        *mounts,
        "--ignorefile",
        str(FOLDER / "Containerfile.dockerignore"),
        "-f",
        str(FOLDER / "Containerfile"),
        "-t",
        tag,
        str(ROOT),
    )
    yield tag
    buildah("rmi", tag)


def test_the_built_image_is_small_serves_and_stops_in_order(image: str, tmp_path: Path) -> None:
    port, container = free_port(), buildah("from", "--pull=never", image)
    try:
        mounted = Path(buildah("mount", container))
        size = sum(path.lstat().st_size for path in mounted.rglob("*") if path.is_file() and not path.is_symlink())
        assert size <= MOST_BYTES
        assert not [name for name in ("gcc", "cc", "make") if list(mounted.glob(f"usr/*bin/{name}"))]
        weights = mounted / "opt" / "sentinel" / PACKAGE / graph().file
        assert [file.name for file in weights.parent.glob("*.onnx")] == [weights.name]
        config = json.loads(buildah("inspect", container))["Docker"]["config"]
        assert config["User"] == "10001:10001"
        flags = ["--user", "10001:10001", "--env", f"SENTINEL_PORT={port}", "--env", "SENTINEL_OPEN=true"]
        environ = {**os.environ, "STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"}
        command = ["buildah", "run", *flags, container, "--", *config["Entrypoint"]]
        with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as server:
            health = _health(port)
            statuses = [_ask(port, f"{how} I reset my password?") for how in ("How do", "How do", "How can")]
            check = ["--env", f"SENTINEL_PORT={port}", container, "--", *config["Healthcheck"]["Test"][1:]]
            buildah("run", *check)
            os.kill(_inner(server.pid), signal.SIGTERM)  # buildah passes no signal on, as docker and podman do
            assert server.wait(30) == 0
        assert health["status"] == "ok"
        assert statuses == [
            "sentinel; fwd=miss; stored",
            "sentinel; hit; detail=exact",
            "sentinel; hit; detail=semantic",
        ]
    finally:
        buildah("rm", container)


def _health(port: int) -> dict[str, Any]:
    for _ in range(300):
        try:
            with urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the container does not answer")


def _ask(port: int, prompt: str) -> str:
    """Return what the answer's `cache-status` says."""
    body, headers = json.dumps({"prompt": prompt}).encode(), {"content-type": "application/json"}
    with urlopen(Request(f"http://127.0.0.1:{port}/v1/query", body, headers), timeout=10) as answer:
        return str(answer.headers["cache-status"])


def _inner(process: int) -> int:
    """Return the youngest descendant: the process in the container."""
    children = {int(path.parent.name): path for path in Path("/proc").glob("[0-9]*/stat")}
    parents = {
        pid: int(path.read_text().rpartition(")")[2].split()[1]) for pid, path in children.items() if path.exists()
    }
    while found := [pid for pid, parent in parents.items() if parent == process]:
        process = found[-1]
    return process
