"""What this process holds for callers beside entries and vectors: each holder is filled, and takes what it says."""

from __future__ import annotations

import gc
import json
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from pydantic import SecretStr

from sentinel_core.app.build import build
from sentinel_core.app.memory_plan import FIXED_MB, FULL_MB, JUDGED_FULL_MB, plan_of
from sentinel_core.app.settings import Settings
from sentinel_core.cache.agreements import WINDOW, Label
from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.decided import Reusing
from sentinel_core.cache.decision import Arrived, Bypassed, arrive
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.near_miss import NearMiss
from sentinel_core.cache.odds import MOST_STRATA, JudgeErrors, Odds, Steering
from sentinel_core.cache.outcome import Hit, HitKind
from sentinel_core.cache.pairs import JudgedPair, Labeller, Relation, key_of
from sentinel_core.cache.ports import Candidate
from sentinel_core.cache.scope import Query
from sentinel_core.cache.scope_variety import MOST_PARAMS, sample
from sentinel_core.cache.verdict import Verdict
from sentinel_core.chat.messages import ChatRequest, Completion
from sentinel_core.gateway.conversations import MOST_TURNS, Conversations, Served
from sentinel_core.gateway.near_misses import MOST as MOST_NEAR_MISSES
from sentinel_core.gateway.near_misses import NearMisses
from sentinel_core.gateway.repeated import Repeated
from sentinel_core.gateway.rewordings import MOST_PROMPTS, Rewordings
from sentinel_core.learning.feedback import MOST_RECENT, RecentAnswers
from sentinel_core.learning.free_labels import MOST_SCOPES, RECENT, FreeLabels
from sentinel_core.learning.ledger import MOST_DAYS, MOST_NAMES, MOST_OWNERS, Ledger
from sentinel_core.learning.odds_book import MOST_NAMESPACES, OddsBook
from sentinel_core.learning.rates import MOST_RATES, Rates
from sentinel_core.learning.rates import WINDOW as AUDITS
from sentinel_core.matching.gate import Gate, reading
from sentinel_core.stores.days import day_of
from sentinel_core.stores.judged_pairs import MOST_PAIRS, JudgedPairs
from sentinel_core.stores.memory import MemoryStore
from sentinel_core.stores.memory_tops import MemoryTops
from sentinel_core.stores.rankings import MAX_ENTRIES, MAX_RANKINGS
from sentinel_core.support.bounded import BoundedMap
from sentinel_core.support.clock import SYSTEM_CLOCK
from sentinel_core.telemetry.alike import Alike, AlikeHit
from sentinel_core.telemetry.cost_ledger import CostLedger
from sentinel_core.telemetry.counters import Counters
from sentinel_core.telemetry.fair_ring import FairRing
from sentinel_core.telemetry.logs import _HitLines
from sentinel_core.telemetry.observed import LONGEST_PROMPT, MOST_HITS, MOST_REQUESTS, MOST_SERIES, Observed
from sentinel_core.telemetry.records import Answered
from sentinel_core.telemetry.scope_varieties import MOST_EACH, ScopeVarieties
from sentinel_core.telemetry.scope_varieties import MOST_NAMESPACES as MOST_VARIED
from sentinel_core.telemetry.series import Series
from sentinel_core.telemetry.shared_rings import SeenHit, Texts
from sentinel_core.telemetry.sums import SeenRequest
from sentinel_core.tenants.api_key import ANYONE
from sentinel_core.tenants.policy import NO_POLICY
from sentinel_core.web.pages import Page, _mark
from sentinel_core.web.presenting import AnswerView, fixed_headers
from sentinel_core.web.recording import MOST_TENANTS
from sentinel_core.web.repeats import LONGEST, MOST_REPEATS, Repeat, Repeats
from sentinel_core.web.routes.query import _BODY, QueryRequest
from tests.support.fakes import RULES
from tests.telemetry.adding import add

NO_ANSWER = Completion("groq", "m", {}, "stop")
MEGABYTE = 1_048_576
WIDE = "文" * 2_000
SHARE = 20
"""Holders are filled to a twentieth of their bound, for tracing is slow; what they take grows with it."""

SMALL_SHARE, TINY_SHARE = 40, 80
"""For holders of many small parts, which are slower to fill."""

LARGE_SHARE = 10
"""For a holder whose own tables would weigh too much in a twentieth."""


def hexadecimal(number: int) -> str:
    return f"{number:064x}"


def query(number: int, namespace: str = "ns") -> Query:
    return Query(namespace, hexadecimal(number), f"{number}{WIDE[:1_990]}", hexadecimal(number))


def answered(number: int, outcome: str = "hit_semantic") -> Answered:
    return Answered(
        route="/v1/query", outcome=outcome, status=200, latency_ms=float(number % 40), detail=f"detail {number % 7}",
        provider="groq", model="m", request_id=hexadecimal(number), timings_ms={"store": 0.1 * number},
    )  # fmt: skip


def rankings() -> object:
    tops = MemoryTops(SYSTEM_CLOCK)
    for space in range(MAX_RANKINGS // SHARE):
        for number in range(2 * MAX_ENTRIES):
            tops.note(f"ns{space}", f"{hexadecimal(space)}:{hexadecimal(number)}", 0.1 * number)
    return tops


def rewordings() -> object:
    held = Rewordings(MOST_PROMPTS // SHARE)
    for number in range(MOST_PROMPTS // SHARE + 50):
        held.note(query(number), np.zeros(384, np.float32))
        remembered = held.get(query(number))
        assert remembered is not None
        for near in range(10):
            entry = Entry(f"{near} {number}{WIDE[:1_990]}", NO_ANSWER, 0.0, 0.0)
            verdict = Verdict(False, 0.1, "rule", f"asked {near}", f"stored {near}")
            remembered.note(Candidate(entry, 0.9), 0.8, 0.5, verdict)
    return held


def conversations() -> object:
    held = Conversations(MOST_TURNS // LARGE_SHARE)
    for number in range(MOST_TURNS // LARGE_SHARE + 50):
        for scope in range(3):
            prompt = f"{scope} {number} {'x' * 500}".encode()
            each = Served(prompt, 0.9, Verdict(True, 0.9 + 0.0001 * number, "", f"{number}"), RULES)
            held.note(replace(query(number), fingerprint=hexadecimal(scope)), "answer", each)
    return held


def repeats() -> object:
    held = Repeats(MOST_REPEATS // SHARE)
    for number in range(MOST_REPEATS // SHARE + 50):
        raw = json.dumps({"prompt": f"{number}{WIDE[: LONGEST // 3 - 10]}"}, ensure_ascii=False).encode()
        asked, place = QueryRequest.model_validate_json(raw), ("/v1/query", raw, None, ())
        chat = ChatRequest("groq", "m", ({"role": "user", "content": asked.prompt},))
        plan = arrive(CacheRequest(chat, "ns", 0.0), rules=RULES, now=0.0, store_budget=1.0)
        repeated = Repeated(plan.plan.ask)
        repeated.keep(plan, sample(chat), 0.0)
        held._held.put("ns", place, Repeat(asked, chat, None, ANYONE, NO_POLICY, repeated, page(plan, number)))
    return held


def page(plan: Arrived | Bypassed, number: int) -> Page:
    """The page of a prompt's own entry, with its line in the log."""
    assert isinstance(plan, Arrived)
    entry = Entry(f"{plan.query.prompt[:-1]}.", NO_ANSWER, 0.0, 1.0)
    hit = Hit(HitKind.EXACT, 1.0, 0.0)
    answer = Reusing(plan.plan, plan.trace, hit, entry, f"{number}:{plan.query.digest}").answer({})
    view = AnswerView(answer)
    facts = view.facts(route="/v1/query", latency_ms=1.0, tenant="tenant", request_id="r")
    alike = Alike(facts, "k", plan.query.prompt[:LONGEST_PROMPT], str(answer.entry_id), "ns", plan.query.digest)
    str(_HitLines([AlikeHit(alike, 0.0, 1.0, 1.0, "r")]))
    return Page(plan.plan, _mark(entry), alike, fixed_headers(view), _BODY.format(view))


def near_misses() -> object:
    held = NearMisses(most=MOST_NEAR_MISSES // SHARE)
    for number in range(MOST_NEAR_MISSES // SHARE + 100):
        verdict = Verdict(False, 0.1, "rule", f"asked {number}", f"stored {number}")
        held.note(
            NearMiss(number, query(number, f"ns{number % 9}"), hexadecimal(-number % 7), 0.8, 0.9, verdict, "a", "k")
        )
    assert sum(len(held.of(f"ns{number}")) for number in range(9)) == MOST_NEAR_MISSES // SHARE
    return held


def recent_answers() -> object:
    held = RecentAnswers(MOST_RECENT // SHARE)
    for number in range(MOST_RECENT // SHARE + 100):
        held.note(
            "ns", hexadecimal(number), f"{hexadecimal(number)}:{hexadecimal(number + 1)}", hexadecimal(number + 2)
        )
    return held


def pairs() -> object:
    held = JudgedPairs(SYSTEM_CLOCK, most=MOST_PAIRS // SHARE)
    for number in range(MOST_PAIRS // SHARE + 100):
        key = key_of(hexadecimal(number), hexadecimal(number + 1))
        pair = JudgedPair(key, Relation.SAME, Labeller.JUDGE, 1.0 * number, SYSTEM_CLOCK.now() + 1e6, "passed:9")
        held.learn((f"ns{number % 50}", hexadecimal(number)), pair)
    assert len(held) == MOST_PAIRS // SHARE
    return held


def odds() -> object:
    held = [Odds() for _ in range(MOST_NAMESPACES // TINY_SHARE)]
    for at, each in enumerate(held):
        for number in range(MOST_STRATA):
            for said in (True, False, True):
                each.note(f"stratum {number}", is_same=said)
        for number in range(at * 1_000, at * 1_000 + WINDOW + 10):
            each.agree(Label(f"stratum {number % MOST_STRATA}", number // 30 + 10**12, number + 10**15, -0.1 * number))
        for number in range(MOST_STRATA):
            each.steered(Verdict(False, 0.1, stratum=f"stratum {number}"), 0.5)
    return held


def rates() -> object:
    held = Rates(windows=BoundedMap(MOST_RATES // SMALL_SHARE))
    for number in range(MOST_RATES // SMALL_SHARE + 10):
        for _ in range(AUDITS + 10):
            held.note(hexadecimal(number), f"groq/model {number}", "/v1/chat/completions", is_wrong=False)
    return held


def sums() -> object:
    owners, days = BoundedMap[str, Counter[str]](MOST_OWNERS // SMALL_SHARE), MOST_DAYS // SMALL_SHARE
    held = Ledger(None, SYSTEM_CLOCK, owners=owners, days=BoundedMap(days))
    for number in range(MOST_OWNERS // SMALL_SHARE + 10):
        for label in range(MOST_NAMES):
            amounts = {f"name {each}": number + 0.1 * label for each in range(9)}
            held.add(hexadecimal(number), [f"model:groq/model {label}"], **amounts)
    return held


def answers_of_scopes() -> object:
    held = FreeLabels(OddsBook(JudgeErrors(), Steering(), SYSTEM_CLOCK, JudgedPairs(SYSTEM_CLOCK)), Ledger())
    for number in range(MOST_SCOPES + 10):
        answers = held._answers((hexadecimal(number), hexadecimal(-number)))
        for each in range(RECENT + 1):
            answers.note(hexadecimal(number * 100 + each), hash((number, each)), besides="")
    return held


def counters() -> object:
    held = [Counters(SYSTEM_CLOCK) for _ in range(MOST_TENANTS // SHARE)]
    for each in held:
        for number in range(40):
            each.record(answered(number, ("miss", "hit_exact", "hit_semantic", "bypass")[number % 4]))
    return held


def series() -> object:
    held = [Series() for _ in range(MOST_SERIES // SHARE)]
    for each in held:
        for number in range(300):
            add(each, answered(7), at=1e9 + number * (61 if number > 150 else 3_601))
    return held


def latest_requests() -> object:
    ledger = CostLedger(day_of)
    rings = FairRing[SeenRequest | AlikeHit](MOST_REQUESTS // SHARE), FairRing[SeenHit](MOST_HITS // SHARE)
    held = Observed(SYSTEM_CLOCK, ledger, *rings)
    for number in range(MOST_REQUESTS // SHARE + 50):
        asked, stored, answer = (f"{number}{each}{WIDE}" for each in "abc")
        held.note(answered(number), f"key {number}", asked, f"{number}", "ns")
        held.note_hit(answered(number), Texts(asked, stored, answer, "ns", f"{number}", hexadecimal(number)))
    held.settle()
    return held


def scope_varieties() -> object:
    held = ScopeVarieties(namespaces=MOST_VARIED // SHARE)
    for namespace in range(MOST_VARIED // SHARE + 1):
        for number in range(MOST_EACH):
            params = {f"{each} parameter": f"{namespace} {number}" for each in range(MOST_PARAMS)}
            request = ChatRequest("openai", "m", ({"role": "user", "content": f"{number}"},), params)
            held.note(f"ns{namespace}", sample(request))
    return held


def readings() -> object:
    gate = Gate()
    for number in range(40):
        text = " ".join(f"{number}{word}" for word in "abcdefghij" * 90)
        gate.judge(text, f"{text} more", 0.9)
    return gate


HOLDERS: dict[str, tuple[Callable[[], object], int]] = {
    "rankings": (rankings, SHARE),
    "rewordings": (rewordings, SHARE),
    "turns of chats": (conversations, LARGE_SHARE),
    "near misses": (near_misses, SHARE),
    "recent answers": (recent_answers, SHARE),
    "repeated requests": (repeats, SHARE),
    "judged pairs": (pairs, SHARE),
    "counters by tenant": (counters, SHARE),
    "time series by tenant": (series, SHARE),
    "samples of scopes": (scope_varieties, SHARE),
    "latest requests": (latest_requests, SHARE),
    "odds": (odds, TINY_SHARE),
    "rates of audits": (rates, SMALL_SHARE),
    "sums by namespace": (sums, SMALL_SHARE),
    "readings of prompts": (readings, 1),
    "answers of scopes": (answers_of_scopes, 1),
}
"""How each is filled, and the share of its constant bound that is filled."""

SAID = {**FULL_MB, **JUDGED_FULL_MB, **FIXED_MB}


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    reading.forget()
    yield
    reading.forget()


@pytest.mark.no_cover  # coverage's tracer would slow that of memory, and its own memory count
@pytest.mark.parametrize("name", HOLDERS)
def test_each_holder_takes_what_it_says_at_most(name: str) -> None:
    fill, share = HOLDERS[name]
    fill()  # tables and caches of the gate are no part of it
    reading.forget()
    gc.collect()
    tracemalloc.start()
    held = fill()
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0] / MEGABYTE * share
    tracemalloc.stop()

    assert held is not None
    assert taken < 1.1 * SAID[name]


@pytest.mark.parametrize("judge", [None, "groq/llama-3.1-8b-instant"])
@pytest.mark.parametrize("megabytes", [64, 256, 2_048])
def test_full_holders_stay_within_a_quarter_of_the_setting(megabytes: int, judge: str | None) -> None:
    plan = plan_of(Settings(max_memory_mb=megabytes, judge=judge))
    full = sum(FULL_MB.values()) + (sum(JUDGED_FULL_MB.values()) if judge else 0)
    held = plan.entries / MEGABYTE + plan.fraction * full + sum(FIXED_MB.values())

    assert held <= 1.25 * megabytes
    assert 0 < plan.fraction <= 1


@pytest.mark.anyio
async def test_a_process_builds_each_holder_by_the_plan() -> None:
    secret = SecretStr("s" * 32)
    settings = Settings(
        max_memory_mb=64, provider="simulated", judge="simulated/m", audit_share=0.1, namespace_secret=secret
    )
    built, plan = build(settings, has_background=True), plan_of(settings)
    learning, recording = built.parts.learning, built.recording
    assert learning is not None
    assert learning.auditor is not None
    assert recording.observed is not None
    store, observed = built.parts.store, recording.observed
    assert isinstance(store, MemoryStore)
    bounds = {
        "judged pairs": (store.pairs._most, MOST_PAIRS),
        "odds": (learning.odds_book.held._most, MOST_NAMESPACES),
        "rates": (learning.auditor.rates.windows._most, MOST_RATES),
        "sums": (learning.ledger.owners._most, MOST_OWNERS),
        "days": (learning.ledger.days._most, MOST_DAYS),
        "counters": (recording.tenants._most, MOST_TENANTS),
        "recent answers": (recording.recent._given._most, MOST_RECENT),
        "series": (observed.series._most, MOST_SERIES),
        "requests": (observed.requests._most, MOST_REQUESTS),
        "hits": (observed.hits._most, MOST_HITS),
    }
    await built.parts.aclose()

    assert {name: most for name, (most, _) in bounds.items()} == {
        name: plan.most(full) for name, (_, full) in bounds.items()
    }
