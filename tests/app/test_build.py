from __future__ import annotations

import pytest
from httpx import ASGITransport, AsyncClient

from sentinel_core.app import build as building
from sentinel_core.app.build import build
from sentinel_core.app.settings import Settings
from sentinel_core.cache import wording
from sentinel_core.errors import ConfigurationError
from sentinel_core.matching.gate import lexicon, reading, scoring
from sentinel_core.web.repeats import Repeats
from tests.support.fakes import WordEmbedder

pytestmark = pytest.mark.anyio

MEMORIES = (lexicon.base, lexicon.rarity, reading._read_short, reading._read_long)
TABLES = (
    lexicon.ranks, lexicon._rows, lexicon.alike, lexicon.synonyms, scoring.correction, scoring.calibration,
    reading.function_words,
)  # fmt: skip


async def test_once_it_is_warm_no_prompt_reads_a_table() -> None:
    for table in (*MEMORIES, *TABLES, wording.weights):
        table.cache_clear()
    state = await build(Settings(), embedder=WordEmbedder()).parts.warm()

    assert state == {"store": "ok", "embedder": "ready", "provider": "simulated"}
    assert [table.cache_info().currsize for table in TABLES] == [1] * len(TABLES)
    assert wording.weights.cache_info().currsize == 2


@pytest.mark.parametrize(("most", "remembered"), [("0", 0), ("1", 1)])
async def test_a_process_without_remembered_prompts_remembers_no_request(
    most: str, remembered: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[Repeats] = []

    class Kept(Repeats):
        def __init__(self, most: int) -> None:
            super().__init__(most)
            built.append(self)

    monkeypatch.setattr(building, "Repeats", Kept)
    app = build(Settings.from_environ({"SENTINEL_REMEMBERED_PROMPTS": most}), embedder=WordEmbedder()).app
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://localhost") as client:
        answers = [(await client.post("/v1/query", json={"prompt": "what is a fox"})).json() for _ in range(3)]

    assert [answer["outcome"] for answer in answers] == ["miss", "hit_exact", "hit_exact"]
    assert [len(each) for each in built] == [remembered]


@pytest.mark.parametrize("variable", ["SENTINEL_GATE_RULES_OFF", "SENTINEL_VOLATILE_RULES_OFF"])
def test_a_rule_that_does_not_exist_stops_the_start(variable: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{variable}: no such rule: nobody, none"):
        build(Settings.from_environ({variable: "none, nobody"}))
