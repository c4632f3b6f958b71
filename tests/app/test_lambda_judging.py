"""The judge of the function as Lambda runs it: pairs wait in a real Redis until a warm-up has them judged."""

from __future__ import annotations

import json
from collections import deque
from pathlib import Path

from scripts.devtools.http.upstream import Upstream, answer
from scripts.devtools.redis.server import RedisServer
from tests.support import sandboxes

JUDGE = "llama-3.1-8b-instant"
PROMPTS = (
    "how do i reset my banking password",
    "how do i reset my banking password on a phone",
    "my banking password is lost what now",
)
WARM_UP = {"source": "sentinel.warmup"}


def asked(upstream: Upstream) -> int:
    return sum(call.body["model"] == JUDGE for call in upstream.calls)


def test_a_warm_up_judges_waiting_pairs_and_compares_audits(tmp_path: Path) -> None:
    redis = RedisServer(tmp_path, durable=False)
    redis.start()
    try:
        with Upstream.running() as upstream:
            upstream.models[JUDGE] = deque([answer("same")])
            environ = {
                "GROQ_API_KEY": "k",
                "GROQ_BASE_URL": upstream.url,
                "SENTINEL_REDIS_URL": redis.url,
                "SENTINEL_JUDGE": f"groq/{JUDGE}",
                "SENTINEL_AUDIT_SHARE": "1",
                "SENTINEL_JUDGE_TIMEOUT_MS": "5000",
            }
            with sandboxes.running(environ) as function:
                function.ask(PROMPTS[0], cache_control="no-store")
                missed = [json.loads(function.ask(prompt).body)["reason"] for prompt in PROMPTS[:2]]
                before = asked(upstream)
                function.invoke(WARM_UP)
                judged = asked(upstream)
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
