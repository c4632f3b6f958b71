"""The judge of the function as Lambda runs it: pairs wait in a real Redis until a warm-up has them judged."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from pathlib import Path

import pytest

from scripts.devtools.http.replies import answer
from scripts.devtools.http.upstream import Upstream
from scripts.devtools.redis.server import RedisServer
from tests.support import sandboxes
from tests.support.processes import PATIENT

JUDGE, OTHER = "llama-3.1-8b-instant", "llama-3.3-70b-versatile"
PROMPTS = (
    "how do i reset my banking password",
    "how do i reset my banking password on a phone",
    "my banking password is lost what now",
)
WARM_UP = {"source": "sentinel.warmup"}


def asked(upstream: Upstream, judge: str) -> int:
    return sum(call.body["model"] == judge for call in upstream.calls)


@pytest.mark.parametrize(
    ("policy", "judge"),
    [({}, JUDGE), ({"SENTINEL_POLICY": f"rules:\n  - set: {{judge: groq/{OTHER}, audit_share: 1}}\n"}, OTHER)],
)
def test_a_warm_up_judges_waiting_pairs_and_compares_audits(
    tmp_path: Path, policy: Mapping[str, str], judge: str
) -> None:
    redis = RedisServer(tmp_path, durable=False)
    redis.start()
    try:
        with Upstream.running() as upstream:
            upstream.models[judge] = deque([answer("same")])
            environ = {
                "GROQ_API_KEY": "k",
                "GROQ_BASE_URL": upstream.url,
                "SENTINEL_REDIS_URL": redis.url,
                **PATIENT,
                "SENTINEL_JUDGE": f"groq/{JUDGE}",
                "SENTINEL_AUDIT_SHARE": "0" if policy else "1",
                "SENTINEL_JUDGE_TIMEOUT_MS": "5000",
                **policy,
            }
            with sandboxes.running(environ) as function:
                function.ask(PROMPTS[0], cache_control="no-store")
                missed = [json.loads(function.ask(prompt).body)["reason"] for prompt in PROMPTS[:2]]
                before = asked(upstream, judge)
                function.invoke(WARM_UP)
                judged = asked(upstream, judge)
                audited = json.loads(function.ask(PROMPTS[2]).body)
                function.invoke(WARM_UP)
                counted = {name: function.counted(name) for name in ("Audits", "WrongAudits")}
                spent = function.counted("JudgeDollars"), function.counted("AuditDollars")
                assert not any(prompt in function.written() for prompt in PROMPTS)
        assert missed == [None, "gate:addition"]
        assert (before, judged) == (0, 2)
        assert (audited["outcome"], audited["reason"], audited["cost_usd"] > 0) == ("miss", "audit", True)
        assert counted == {"Audits": 1.0, "WrongAudits": 0.0}
        assert min(spent) > 0
    finally:
        redis.kill()
