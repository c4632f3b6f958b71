import subprocess
import sys

_CODE = """
import json
reads = []
loads = json.loads
json.loads = lambda text, *rest, **named: reads.append(text) or loads(text, *rest, **named)
import sentinel_core.matching.gate
assert not reads
"""


def test_importing_the_gate_reads_no_word_list() -> None:
    run = subprocess.run([sys.executable, "-c", _CODE], check=False, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
