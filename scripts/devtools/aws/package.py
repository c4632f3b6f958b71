"""Builds the Lambda package without a container: wheels for the target, stripped, compiled, verified."""

from __future__ import annotations

import argparse
import compileall
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from py_compile import PycInvalidationMode

from sentinel_core.matching.embedders.model_files import INT8, PACKAGE, PUBLISHED

ROOT = Path(__file__).resolve().parents[3]
BUILD = ROOT / "build"
CEILING = 230_000_000
"""Bytes unpacked; Lambda itself refuses 262,144,000, layers included."""

PLATFORMS = {
    # Amazon Linux 2023 has glibc 2.34.
    "arm64": [f"manylinux_2_{minor}_aarch64" for minor in (34, 31, 28, 27, 17)] + ["manylinux2014_aarch64"],
    "x86_64": [f"manylinux_2_{minor}_x86_64" for minor in (34, 31, 28, 27, 17)] + ["manylinux2014_x86_64"],
}
LOCAL_ONLY = {"uvicorn", "uvloop", "python-dotenv", "flatbuffers", "protobuf", "prometheus-client"}
"""The server of local runs and its Prometheus metrics, and what onnxruntime asks for only to convert models."""

FASTEMBED_ONLY = {
    *("fastembed", "huggingface-hub", "hf-xet", "pillow", "py-rust-stemmers", "mmh3", "loguru", "tqdm", "requests"),
    *("urllib3", "charset-normalizer", "fsspec", "filelock", "packaging", "click"),
}
STRIPPED = (
    *("bin", "hf_xet*", "numpy/f2py", "numpy/_pyinstaller", "**/tests", "**/*.pyi"),
    *(f"onnxruntime/{part}" for part in ("tools", "transformers", "quantization", "datasets", "backend")),
    # The runtime for programs in C; Python's extension module has its own inside.
    "onnxruntime/capi/libonnxruntime.so*",
    # For programs in C that are built against numpy.
    *("numpy/_core/include", "numpy/_core/lib", "numpy/random/lib", "**/*.pxd", "**/*.pyx"),
    # Modules that only numpy's own tests and its report on the machine import.
    *("numpy/_core/_simd.*", "numpy/_core/_*_tests.*"),
    # FastAPI does without; while it is there, the first route imports it, which is 3 % of a cold start.
    "pydantic/v1",
    # Parts of numpy that are imported only by name.
    *("numpy/ma", "numpy/polynomial", "numpy/testing"),
    # What Powertools has for routes, events, queues and payloads that we read ourselves; its Swagger UI is ours.
    *(f"aws_lambda_powertools/event_handler/{part}" for part in ("*.py", "*_appsync", "middlewares", "openapi/*.py")),
    *(f"aws_lambda_powertools/utilities/{part}" for part in ("auth_alpha", "batch", "circuit_breaker", "data_classes")),
    *(f"aws_lambda_powertools/utilities/{part}" for part in ("data_masking", "feature_flags", "idempotency", "kafka")),
    *(f"aws_lambda_powertools/utilities/{part}" for part in ("parser", "streaming", "validation")),
)
VERIFY = "import handler, sys; sys.exit(0 if (state := handler.function.state)['embedder'] == 'ready' else str(state))"
"""Imports everything and runs the model once, as each cold start does."""

KEEP_CODE = """
from sentinel_core.support.kept_code import Keeping
keeping = Keeping("sentinel_core.app.streaming_function")
import handler, sentinel_core.app.redis_stores, sentinel_core.stores.redis.upstash
handler.function.prepare()
keeping.write(but_for=["handler"])
"""
"""Moves byte code into one file, beside code that no byte code holds; by the Python and the libraries that will run."""


@dataclass(frozen=True, slots=True)
class Choice:
    architecture: str
    embedder: str
    into: Path
    byte_code: bool
    keeps_code: bool = True
    """Whether the code of a start is moved into one file; needs byte code, and this machine's architecture."""


def main(arguments: Sequence[str] | None = None) -> int:
    choice = _choice(arguments)
    try:
        build(choice)
    except subprocess.CalledProcessError as error:
        print(
            f"package: failed with status {error.returncode}: {Path(error.cmd[0]).name} {error.cmd[1]} …",
            file=sys.stderr,
        )
        return 1
    sizes = measure(choice.into)
    print(table(sizes))
    total = sum(sizes.values())
    if total > CEILING:
        print(f"package: {total:,} bytes unpacked, more than {CEILING:,}", file=sys.stderr)
        return 1
    return 0


def _choice(arguments: Sequence[str] | None) -> Choice:
    parser = argparse.ArgumentParser(prog="scripts/package", description="Build the Lambda package and print its size.")
    parser.add_argument("--architecture", choices=PLATFORMS, default="arm64", help="of the function (default arm64)")
    parser.add_argument("--embedder", choices=("onnx", "fastembed"), default="onnx", help="runtime of the model")
    parser.add_argument(
        "--into", type=Path, help="directory, emptied first (default build/package/EMBEDDER-ARCHITECTURE)"
    )
    parser.add_argument("--no-byte-code", action="store_true", help="leave compiling to each cold start, to compare")
    parser.add_argument("--no-kept-code", action="store_true", help="leave byte code in its own files, to compare")
    given = parser.parse_args(arguments)
    into = given.into or BUILD / "package" / f"{given.embedder}-{given.architecture}"
    return Choice(given.architecture, given.embedder, into.resolve(), not given.no_byte_code, not given.no_kept_code)


def build(choice: Choice) -> None:
    """Fill `choice.into`; raises CalledProcessError where a wheel is missing or the result does not work."""
    shutil.rmtree(choice.into, ignore_errors=True)
    _copy(dependencies(choice), choice.into)
    _copy_sources(choice)
    if choice.architecture == own_architecture():
        if choice.byte_code and choice.keeps_code:
            run(choice, KEEP_CODE)
        run(choice, VERIFY)
    else:
        print(f"package: built for {choice.architecture} on another architecture: not run", file=sys.stderr)


def dependencies(choice: Choice) -> Path:
    """Return the directory of all that is not ours, made once for each list of pins and way of making it."""
    made = dependencies_at(choice)
    if not made.exists():
        partial = made.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        _install(choice, partial)
        put_graph(partial / PACKAGE, choice.architecture)
        strip(partial)
        if choice.byte_code:
            compile_all(partial)
        partial.rename(made)
    return made


def dependencies_at(choice: Choice) -> Path:
    made_of = [repr(choice.byte_code), *wanted(choice), Path(__file__).read_text()]
    digest = hashlib.sha256("\n".join(made_of).encode()).hexdigest()[:16]
    return BUILD / "dependencies" / f"{choice.embedder}-{choice.architecture}-{digest}"


def pins(left_out: Iterable[str] = (), *, file: Path = ROOT / "requirements.txt") -> list[str]:
    """Return each pin of a list on one line, with its marker and hashes, but for the names left out."""
    lines = file.read_text().replace("\\\n", "").splitlines()
    names = set(left_out)
    return [" ".join(line.split()) for line in lines if "==" in line and name_of(line) not in names]


def wanted(choice: Choice) -> list[str]:
    return pins(LOCAL_ONLY | (FASTEMBED_ONLY if choice.embedder == "onnx" else set()))


def _install(choice: Choice, into: Path) -> None:
    tags = [word for tag in PLATFORMS[choice.architecture] for word in ("--platform", tag)]
    target = ["--target", str(into), "--python-version", "3.13", "--only-binary", ":all:", *tags]
    # The list is complete and exact, so nothing is resolved here, and nothing can slip in.
    install(Path(sys.executable), wanted(choice), "--no-compile", *target)


def _copy(tree: Path, into: Path) -> None:
    def link(source: str, target: str) -> None:
        try:
            os.link(source, target)
        except OSError:  # on another file system
            shutil.copy2(source, target)

    shutil.copytree(tree, into, copy_function=link)


def _copy_sources(choice: Choice) -> None:
    ours = choice.into / "sentinel_core"
    shutil.copy2(ROOT / "handler.py", choice.into / "handler.py")
    shutil.copytree(ROOT / "sentinel_core", ours, ignore=shutil.ignore_patterns("__pycache__"))
    if choice.byte_code:
        compile_all(ours, within=choice.into)
        compile_all(choice.into, levels=0)


def environment(directory: Path, wanted: Sequence[str], *, base: str = sys.executable) -> Path:
    """Return the interpreter of a virtual environment with just these pins in it."""
    stamp, content = directory / "installed", "\n".join(wanted)
    python = directory / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != content:
        subprocess.run([base, "-m", "venv", "--clear", str(directory)], check=True)
        install(python, wanted)
        stamp.write_text(content)
    return python


def put_graph(folder: Path, architecture: str) -> None:
    """Put the architecture's graph into the model's folder; the file of the other graph goes."""
    from scripts.devtools import graphs  # imports this module

    graphs.put(folder, architecture)
    (folder / (PUBLISHED if architecture == "x86_64" else INT8).file).unlink(missing_ok=True)


def strip(tree: Path) -> None:
    """Remove what is never imported at run time; the metadata of the packages stays, libraries read it."""
    for path in {path for pattern in STRIPPED for path in tree.glob(pattern)}:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def compile_all(
    tree: Path, *, within: Path | None = None, levels: int | None = None, prefix: str = "/var/task"
) -> None:
    """Write byte code that is never checked against its source: what lies at `prefix` is not written to."""
    done = compileall.compile_dir(
        tree,
        maxlevels=levels,
        quiet=2,
        workers=0,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
        stripdir=within or tree,
        prependdir=prefix,
    )
    if not done:
        raise SystemExit("package: some sources could not be compiled")


def run(choice: Choice, code: str) -> None:
    """Run code in the package with the simplest settings; raises CalledProcessError."""
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(choice.into), "PYTHONDONTWRITEBYTECODE": "1"}
    settings = {"SENTINEL_PROVIDER": "simulated", "SENTINEL_STORE": "memory", "SENTINEL_EMBEDDER": choice.embedder}
    # Without site packages, so that nothing of this machine can stand in for what is missing.
    subprocess.run([sys.executable, "-S", "-c", code], env={**environ, **settings}, cwd=choice.into, check=True)


def measure(tree: Path) -> dict[str, int]:
    """Return bytes by top-level directory, largest first; metadata and single files are `other`."""
    sizes: dict[str, int] = {}
    for path in tree.rglob("*"):
        if path.is_file():
            top = path.relative_to(tree).parts[0]
            name = "other" if top.endswith(".dist-info") or not (tree / top).is_dir() else top
            sizes[name] = sizes.get(name, 0) + path.stat().st_size
    return dict(sorted(sizes.items(), key=lambda item: -item[1]))


def table(sizes: dict[str, int], *, rows: int = 14) -> str:
    shown = list(sizes.items())[:rows]
    rest = sum(sizes.values()) - sum(size for _, size in shown)
    lines = [*shown, ("all others", rest), ("unpacked", sum(sizes.values()))]
    return "\n".join(f"{name:24}{size:>14,}" for name, size in lines)


def name_of(pin: str) -> str:
    """Return the name in front of the version, as package indexes write it."""
    return pin.split("==")[0].lower().replace("_", "-")


def install(python: Path, pins: Sequence[str], *options: str) -> None:
    """Install pins; pip reads their hashes from a file only."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(pins))
        file.flush()
        command = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-deps", *options]
        subprocess.run([*command, "--require-hashes", "-r", file.name], check=True)


def own_architecture() -> str:
    return {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), platform.machine())


if __name__ == "__main__":
    sys.exit(main())
