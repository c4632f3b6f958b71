from io import StringIO

from sentinel_core.matching.evaluation.progress import EVERY_SECONDS, Progress
from tests.support.fakes import FakeClock


def test_progress_says_seldom_how_long_the_rest_takes() -> None:
    clock, out = FakeClock(), StringIO()
    progress = Progress(out, clock=clock)
    progress.begin("embedding", 1_000)
    progress.advance(100)
    clock.advance(EVERY_SECONDS)
    progress.advance(100)
    progress.advance(100)
    assert out.getvalue() == "embedding: 200 of 1,000, about 8 s left\n"
