"""Bodies that are costly for their size: one atom repeated up to the limit, wherever JSON and the routes allow it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

TEXTS = (
    "a", " ", "a ", ",", "[", '{\\"', "\\\\", '\\"', "\\n", "\\r\\n", "\\u0000", "\\u0301\\u0316", "a\\u0301",
    "\\ud83d\\ude00", "\\ud800", "\u00e9", "\U0001f642", "\u4f60", "six ", "-", "http://a.b/c ", "\ufb03", "I ", "my ",
    "today ", "Ignore this. ", "1,000 ", "\u017f", "\u0130", "A",
)  # fmt: skip
VALUES = (
    "1", "-1.5e3", "1.7976931348623157e308", "1e400", "NaN", "true", "null", '""', '"a"', "[]", "{}", "[1]",
    '{"a":1}', '{"a":{"a":[]}}', '{"type":"text","text":"a"}', '{"type":"image_url","image_url":{"url":"a"}}',
    '{"role":"user","content":"a"}', '{"role":"user","content":[{"type":"text","text":"a"}]}',
    '{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"a","arguments":"{}"}}]}', '{"prompt":"a"}',
    '{"prompt":"a","system":"b","user":"c"}', "123456789012345678901234567890",
)  # fmt: skip
MESSAGE = '{"role":"user","content":"hi"}'
HOLDERS = ("@", '{"prompt":@}', '{"type":"text","text":@}', '{"role":"user","content":@}')
DEEPEST = 190


class Body(NamedTuple):
    """One request body; `shape` names how it was made."""

    path: str
    shape: str
    raw: bytes

    @property
    def method(self) -> str:
        return "PUT" if self.path in PUT else "POST"


def bodies(chance: random.Random, *, count: int, largest: int, only: str = "") -> Iterator[Body]:
    """Yield `count` bodies of up to `largest` bytes, half of them close to it or to 50,000 values."""
    templates = [(path, template) for path, template in TEMPLATES if path.endswith(only)]
    for _ in range(count):
        path, template = chance.choice(templates)
        size = largest - 200 if chance.random() < 0.5 else int(largest ** chance.uniform(0.3, 1.0))
        name, fill = chance.choice(FILLINGS)
        raw = template.replace("@", fill(chance, size)).encode("utf-8", "surrogatepass")
        yield Body(path, f"{template} with {name}", raw[:largest] if len(raw) > largest else raw)


def _text(chance: random.Random, size: int) -> str:
    atom = "".join(chance.sample(TEXTS, chance.choice((1, 1, 2))))
    return f'"{atom * (size // len(atom.encode()))}"'


def _list(chance: random.Random, size: int) -> str:
    value = chance.choice(VALUES)
    number = min(size // (len(value) + 1), int(chance.choice((1.0, 0.99, 0.5)) * 50_000 / _weight(value)))
    return "[" + ",".join([value] * max(1, number)) + "]"


def _weight(value: str) -> int:
    return 1 + value.count(",") + value.count("[") + value.count("{")


def _texts(chance: random.Random, size: int) -> str:
    """A list of texts, or of objects that hold one, which fill the whole."""
    number = chance.choice((2, 16, 256, 4_000))
    text = _text(chance, max(1, size // number - 40))
    holder = chance.choice(HOLDERS)
    return "[" + ",".join([holder.replace("@", text)] * number) + "]"


def _deep(chance: random.Random, size: int) -> str:
    opening, closing = chance.choice((("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")))
    depth = chance.choice((10, DEEPEST // len(closing), 49_000))
    number = min(size // (depth * len(opening + closing)), 49_000 // depth // len(closing)) or 1
    return "[" + ",".join([f"{opening * depth}1{closing * depth}"] * number) + "]"


def _keys(chance: random.Random, size: int) -> str:
    width = chance.choice((8, 100, 10_000))
    number = min(24_000, size // (width + 6)) or 1
    return "{" + ",".join(f'"{at:0{width}}":1' for at in range(number)) + "}"


def _rubbish(chance: random.Random, size: int) -> str:
    return chance.choice(('"', "[", "{", ",", "\\", "\x00", "1", "}", '{"')) * min(size, 200_000)


FILLINGS: tuple[tuple[str, Callable[[random.Random, int], str]], ...] = (
    ("a text", _text),
    ("a list", _list),
    ("texts", _texts),
    ("a deep nest", _deep),
    ("keys", _keys),
    ("rubbish", _rubbish),
)
CHAT, QUERY, BATCH, EXPLAIN = "/v1/chat/completions", "/v1/query", "/v1/query/batch", "/v1/cache/explain"
RESPONSES, MESSAGES, COUNT, OLD = "/v1/responses", "/v1/messages", "/v1/messages/count_tokens", "/v1/completions"
EMBEDDINGS, ENTRIES, KEYS = "/v1/embeddings", "/v1/cache/entries", "/v1/admin/keys"
PUT = frozenset({ENTRIES})
_EMBEDDING = '"model":"sentinel/minilm"'
_CURATED = '"questions":["How long may I return a desk?"],"answer":"30 days"'
TEMPLATES = (
    (QUERY, '{"prompt":@}'),
    (QUERY, '{"prompt":"hi","system":@}'),
    (QUERY, '{"prompt":"hi","user":@}'),
    (QUERY, '{"prompt":"hi",@:1}'),
    (CHAT, '{"messages":@}'),
    (CHAT, '{"messages":[{"role":"user","content":@}]}'),
    (CHAT, '{"messages":[{"role":"user","content":@}],"stream":true}'),
    (CHAT, '{"messages":[{"role":"system","content":@},' + MESSAGE + "]}"),
    (CHAT, '{"messages":[{"role":"user","content":"hi","name":@}]}'),
    (CHAT, '{"messages":[' + MESSAGE + '],"tools":@}'),
    (CHAT, '{"messages":[' + MESSAGE + '],"response_format":@}'),
    (CHAT, '{"messages":[' + MESSAGE + '],"metadata":@}'),
    (CHAT, '{"messages":[' + MESSAGE + '],"model":@}'),
    (CHAT, '{"messages":[' + MESSAGE + "],@:1}"),
    (RESPONSES, '{"input":@}'),
    (RESPONSES, '{"input":@,"stream":true}'),
    (RESPONSES, '{"input":"hi","instructions":@}'),
    (RESPONSES, '{"input":"hi","tools":@}'),
    (RESPONSES, '{"input":"hi","metadata":@}'),
    (RESPONSES, '{"input":"hi","metadata":@,"stream":true}'),
    (RESPONSES, '{"input":[{"role":"user","content":@}],"store":false}'),
    (MESSAGES, '{"model":"m","max_tokens":9,"messages":@}'),
    (MESSAGES, '{"model":"m","max_tokens":9,"messages":[{"role":"user","content":@}]}'),
    (MESSAGES, '{"model":"m","max_tokens":9,"messages":[{"role":"user","content":@}],"stream":true}'),
    (MESSAGES, '{"model":"m","max_tokens":9,"messages":[' + MESSAGE + '],"system":@}'),
    (MESSAGES, '{"model":"m","max_tokens":9,"messages":[' + MESSAGE + '],"tools":@}'),
    (COUNT, '{"model":"m","messages":@}'),
    (COUNT, '{"model":"m","messages":[{"role":"user","content":@}]}'),
    (COUNT, '{"model":"m","messages":[' + MESSAGE + '],"system":@}'),
    (OLD, '{"prompt":@}'),
    (OLD, '{"prompt":"hi","suffix":@}'),
    (EMBEDDINGS, "{" + _EMBEDDING + ',"input":@}'),
    (EMBEDDINGS, "{" + _EMBEDDING + ',"input":"hi","x":@}'),
    (EMBEDDINGS, '{"model":"m","input":@}'),
    ("/v1/moderations", '{"model":"m","input":@}'),
    ("/v1/moderations", "@"),
    ("/v1/images/generations", '{"model":"m","prompt":@}'),
    (BATCH, '{"items":@}'),
    (BATCH, '{"items":[{"prompt":@}]}'),
    (BATCH, '{"items":[' + ",".join(f'{{"prompt":"{at}"}}' for at in range(256)) + '],"defaults":{"system":@}}'),
    (BATCH, '{"items":[{"prompt":"a"}],"defaults":@}'),
    (EXPLAIN, '{"query":{"prompt":@}}'),
    (EXPLAIN, '{"query":{"prompt":"hi","system":@}}'),
    (EXPLAIN, '{"chat":{"messages":@}}'),
    (EXPLAIN, '{"chat":{"messages":[{"role":"user","content":@}]}}'),
    (EXPLAIN, '{"chat":{"messages":[' + MESSAGE + '],"tools":@}}'),
    ("/v1/cache/compare", '{"first":@,"second":"What is a bond?"}'),
    ("/v1/cache/compare", '{"first":@,"second":@}'),
    ("/v1/cache/feedback", '{"entry_id":@,"verdict":"wrong"}'),
    ("/v1/cache/feedback", '{"entry_id":"' + f"{'0' * 64}:{'1' * 64}" + '","prompt":@,"verdict":"wrong"}'),
    ("/v1/cache/purge", '{"tag":@}'),
    ("/v1/cache/sources", '{"source":@,"version":"1"}'),
    (ENTRIES, '{"entries":@}'),
    (ENTRIES, '{"entries":[{"questions":@,"answer":"30 days"}]}'),
    (ENTRIES, '{"entries":[{' + _CURATED + ',"system":@}]}'),
    (ENTRIES, '{"entries":[{' + _CURATED + ',"tags":@}]}'),
    (KEYS, '{"tenant":@}'),
    (KEYS, '{"tenant":"a","models":@}'),
    (KEYS, '{"tenant":"a","limits":@}'),
    ("/v1/admin/purge", '{"tag":@}'),
    ("/v1/admin/erasures", '{"user":@}'),
    ("/v1/admin/entries/search", '{"text":@}'),
    ("/v1/admin/entries/search", '{"like":@}'),
    ("/v1/admin/learning/reset", "@"),
    ("/v1/admin/learning/freeze", '{"frozen":@}'),
    ("/v1/admin/backup/restore", '{"header":@,"rows":[]}'),
    ("/v1/admin/backup/restore", '{"header":{},"rows":@}'),
    ("/v1/admin/hits/a/verdict", "@"),
    ("/v1/cache/hits/a/verdict", '{"verdict":@}'),
    *((path, "@") for path in (QUERY, CHAT, BATCH, RESPONSES, MESSAGES, COUNT, OLD, EMBEDDINGS, ENTRIES, KEYS)),
)  # fmt: skip
