"""Refusals over what a question asks for: the cause or the effect, the one who does it or the one it is done to."""

import re
from collections.abc import Sequence

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, fact, is_content, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule

_BACKWARD = (
    r"(?:caused|triggered|brought about|brought on|induced|produced|provoked|created) by"
    r"|due to|attributable to|down to"
    r"|results? (?:from|of)|resulted from|resulting from|stem(?:s|med|ming)? from|aris(?:es?|ing) from|arose from"
    r"|(?:comes?|came|derives?|derived|originates?|originated|follows?|followed|emerges?|emerged) from"
)
_FORWARD = (
    r"causes?|caused|leads? to|led to|results? in|resulted in|brings? about|brings? on|brought about"
    r"|gives? rise to|gave rise to"
    r"|triggers?|triggered|provokes?|induces?|contributes? to|contributed to|sets? off|ends? in|culminates? in"
)
_VERB = re.compile(rf"\b(?:(?P<backward>{_BACKWARD})|(?P<forward>{_FORWARD}))(?![\w-])")
_ASKS = re.compile(r"^(?:what|which)\b")
_AUXILIARY = re.compile(r"\b(?:do|does|did|can|could|will|would|may|might|is|are|was|were|has|have)\b(.*)$")
_CAUSE, _EFFECT = "cause", "effect"

_INVERTED = word_set("do does did can could will would should may might must")
_LIGHT_VERBS = word_set(
    "own owns owned use uses used need needs needed make makes made call calls called like likes want wants"
)
_MUTUAL = word_set("border meet marry overlap resemble match adjoin touch intersect equal neighbor face join")
"""Who does these to another one has them done by the other."""

_BEING = word_set("is are was were be been being")
_PLACED = word_set("in at on with from to for through via of under")
_MOST = 12  # words between
_PASSIVE = re.compile(r"\b(?:is|are|was|were|be|been|being|get|gets|got)\b(?: \w+){0,4} (\w+) by\b")


@gate_rule(
    must_refuse=[
        ("which conditions result in swollen ankles", "which conditions result from swollen ankles", "cause", "effect"),
        ("what does insomnia lead to", "what does insomnia stem from", "effect", "cause"),
        ("which diseases bring on fatigue", "which diseases are brought on by fatigue", "cause", "effect"),
        ("what can bring about a fever", "what can a fever bring about", "cause", "effect"),
        ("which errors cause a full disk", "which errors are caused by a full disk", "cause", "effect"),
    ],
    must_pass=[
        ("what does smoking cause", "what is caused by smoking"),
        ("what does smoking lead to", "what results from smoking"),
        ("what is anemia due to", "what leads to anemia"),
    ],
)
def cause(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a question for the cause of something against one for its effect."""
    left, right = _wanted(asked), _wanted(stored)
    return Difference(left, right) if left and right and left != right else None


@fact
def _wanted(reading: Reading) -> str:
    """Return whether a question asks for the cause or the effect: "what leads to", "what does … lead to"."""
    verb = _VERB.search(reading.text) if _ASKS.search(reading.text) and not reading.is_story else None
    if verb is None:
        return ""
    auxiliary = _AUXILIARY.search(reading.text[: verb.start()])
    is_inverted = auxiliary is not None and any(map(is_content, auxiliary[1].split()))
    return _CAUSE if (verb.lastgroup == "forward") != is_inverted else _EFFECT


@gate_rule(
    must_refuse=[
        ("which services does the worker call", "which services call the worker", "worker call", "call worker"),
        ("which pods can reach the gateway", "which pods can the gateway reach", "reach gateway", "gateway reach"),
        ("how many firms own Alphabet", "how many firms are owned by Alphabet", "own", "owned by"),
    ],
    must_pass=[
        ("which modules does the parser import", "which modules are imported by the parser"),
        ("which cities did Napoleon capture", "which cities has Napoleon captured"),
        ("which days does the shop open", "which days the shop opens"),
    ],
)
def doer(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse `which services does it call` against `which services call it`, and a passive against its active."""
    return _inverted(asked, stored) or _passive(asked, stored)


def _inverted(asked: Reading, stored: Reading) -> Difference | None:
    for mine, theirs, is_swapped in ((asked, stored, False), (stored, asked, True)):
        inner = _after_head(mine)
        plain = _plain(theirs, mine) if inner else ()
        if plain and _verb_first(inner, plain):
            pair = (" ".join(inner), " ".join(plain))
            return Difference(*(pair[::-1] if is_swapped else pair))
    return None


@fact
def _after_head(reading: Reading) -> tuple[str, ...]:
    """Return the content words after the auxiliary of `which services does the worker call`, in base form."""
    words = reading.tokens[:_MOST]
    at = next((at for at, word in enumerate(words) if word in _INVERTED), 0)
    asks = words[:1] in (("which",), ("what",), ("whose",)) or words[:2] == ("how", "many")
    if not asks or not any(map(is_content, words[1:at])) or "by" in words or reading.is_story:
        return ()
    return _bases(words[at + 1 :])


def _plain(reading: Reading, other: Reading) -> tuple[str, ...]:
    """Return the content words after the same head as the other's; nothing where the heads differ or of a passive."""
    head = _head(other)
    words = _bases(reading.tokens[:_MOST])
    if not head or words[: len(head)] != head or reading.tokens[0] != other.tokens[0]:
        return ()
    if "by" in reading.vocabulary or not _BEING.isdisjoint(reading.vocabulary):
        return ()
    return words[len(head) :]


@fact
def _head(reading: Reading) -> tuple[str, ...]:
    at = next((at for at, word in enumerate(reading.tokens) if word in _INVERTED), 0)
    return _bases(reading.tokens[1:at])


def _bases(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(lexicon.base(word) for word in words if is_content(word) or word in _LIGHT_VERBS)


def _verb_first(inner: tuple[str, ...], plain: tuple[str, ...]) -> bool:
    """Whether the other words are in the same order, and the verb, which one has behind the subject, is first."""
    at = inner.index(plain[0]) if plain[0] in inner else 0
    return at > 0 and plain[0] not in _MUTUAL and inner[:at] + inner[at + 1 :] == plain[1:]


def _passive(asked: Reading, stored: Reading) -> Difference | None:
    left, right = _done_by(asked), _done_by(stored)
    if bool(left) == bool(right) or asked.is_story or stored.is_story:
        return None
    words = _bases(asked.tokens)
    if words != _bases(stored.tokens):
        return None
    active, base = (stored if left else asked), lexicon.base(left or right)
    pairs = zip(active.tokens, active.tokens[1:], strict=False)
    verb = next((word for word, after in pairs if lexicon.base(word) == base and after not in _PLACED), "")
    if "by" in active.vocabulary or not verb or _after_head(active) or len({*words}) < len(words):
        return None
    return Difference(f"{left} by", verb) if left else Difference(verb, f"{right} by")


@fact
def _done_by(reading: Reading) -> str:
    """Return the verb of a passive that says by what."""
    found = _PASSIVE.search(reading.text)
    return found[1] if found and found[1].endswith(lexicon.PARTICIPLE_ENDINGS) else ""
