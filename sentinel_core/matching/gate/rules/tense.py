"""Refusals over tense, where all other words are the same: what will be, is, was, or would have been."""

import re

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, content_apart, content_words, fact, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule
from sentinel_core.matching.language import is_english
from sentinel_core.matching.shared_run import shared_run

_AHEAD = re.compile(r"\b(?:will|shall|(?:is|are|am)(?: \w+){0,3} going to)\b")
_BACK = re.compile(r"\b(?:did|was|were|(has|have|had)(?: \w+){0,2} been)\b")
_PAST_VERBS = word_set("won went made came became began took happened sang wrote got")
_WILL = re.compile(r"will\b(?!.* be \w+ing\b)")
_GOING_ON = re.compile(r"(?:is|are) .*?\b(?!going\b|coming\b)(\w{2,}ing)\b")
_PLANNED = re.compile(r"\b(?:tonight|tomorrow|next|soon|later|weekend|today|this)\b|\d")
_UNREAL = re.compile(r"\b(?:(would(?: \w+){0,2} have)|(had)) (?!to\b)\w")
_SHOULD_HAVE = re.compile(
    r"\b(?:(should|ought to|ought)(?: (?!not\b)\w+){0,3} have(?: \w+)? \w+(?:ed|en|id|nt|ne|wn|ade|ft|ost|old|pt)"
    r"|(?:if|had) (?:.* )?(had)(?: not)? (?:been|\w+ed|\w+en))\b"
)
_NOW = {"is": "was", "are": "were", "does": "did", "do": "did"}
_FOREIGN = {
    "ist": "war", "sind": "waren", "est": "\u00e9tait", "sont": "\u00e9taient", "es": "era", "son": "eran",
    "haben": "hatten", "hat": "hatte",
    "gibt": "gab", "gilt": "galt", "ont": "avaient", "a": "avait",
    "tiene": "ten\u00eda", "tienen": "ten\u00edan", "hay": "hab\u00eda",
    "hanno": "avevano", "ha": "aveva", "tem": "tinha", "heeft": "had",
    "hebben": "hadden", "\u00e8": "era", "\u00e9": "era", "s\u00e3o": "eram", "is": "was", "zijn": "waren",
}  # fmt: skip
_ENDS = frozenset({
    ("e", "\u00eda"), ("e", "ia"), ("en", "\u00edan"), ("em", "iam"), ("a", "aba"), ("an", "aban"), ("am", "avam"),
    ("", "ait"),
    ("e", "ait"), ("t", "ait"), ("ent", "aient"), ("", "va"), ("no", "vano"), ("t", "te"), ("t", "ten"),
    ("", "de"), ("", "te"),
    ("e", "\u00f3"), ("a", "\u00f3"),
})  # fmt: skip
"""Endings of verbs in the present and in the past, behind the letters that both have."""

_FOREIGN_STILL = word_set(
    "noch immer encore toujours todav\u00eda a\u00fan ancora tuttora ainda nog steeds heute aujourd'hui hoy oggi"
)
_STILL = re.compile(r"\b(?:still|currently|nowadays|today|now|yet|these days|at present|presently|(?:is|are) being)\b")
_OPEN = re.compile(r"^(?:who|what|which|how many) .*?\b(?:can|could|may|might)\b")
_USED_TO = re.compile(
    r"^(?:who|which|what|where)(?: (?!is\b|are\b|was\b|were\b|do\b|does\b)\w+){0,3} used? to\b|\bdid .* used? to\b"
)
_PERSONAL = word_set("i my me mine we our us you your")
_HELD = word_set(
    "coach trainer manager captain president chairman chairwoman chair ceo cfo director head leader mayor governor "
    "minister king queen pope chancellor ambassador owner champion holder speaker principal editor boss price cost fee "
    "toll rate rent salary wage fare tax limit minimum maximum capital currency deadline rule policy weather "
    "temperature status name"
)
"""Offices and values that are held for a time."""

_HOLDING = word_set("own lead run manage hold rule govern coach sponsor control operate represent play work live")


@gate_rule(
    must_refuse=[
        ("Where did the fair take place?", "Where will the fair take place?", "did", "will"),
        ("What are they going to do next?", "What did they do next?", "are they going to", "did"),
        ("What changed in the rules?", "What will change in the rules?", "changed", "will"),
        ("Will rents rise?", "Are rents rising?", "will", "rising"),
        ("Will I be charged for this?", "Have I been charged for this?", "will", "have been"),
        ("Who is the coach of the team?", "Who was the coach of the team?", "is", "was"),
        ("Are the fountains on?", "Were the fountains on?", "are", "were"),
        ("Where does the singer live?", "Where did the singer live?", "does", "did"),
        ("Who owns the mill?", "Who owned the mill?", "owns", "owned"),
        ("What happens if guests pay late?", "What would have happened if guests had paid late?", "", "would have"),
        ("Which countries still use the guilder?", "Which countries had used the guilder?", "still", "used"),
        ("Which teams were promoted?", "Which teams can still be promoted?", "were", "still"),
        ("Which hotels may be sold?", "Which hotels were sold?", "may", "were"),
        ("Should I have called a doctor?", "Should I call a doctor?", "should have", ""),
        ("Should I have paid the toll?", "Should I pay the toll?", "should have", ""),
        ("What if the key had been lost?", "What if the key is lost?", "had", ""),
        ("Who used to sponsor the club?", "Who sponsors the club?", "used to", ""),
        ("Welche L\u00e4nder haben noch die Mark?", "Welche L\u00e4nder hatten die Mark?", "haben", "hatten"),
        ("Qui dirige le mus\u00e9e ?", "Qui dirigeait le mus\u00e9e ?", "dirige", "dirigeait"),
        ("Wer ist der Trainer von Ajax?", "Wer war der Trainer von Ajax?", "ist", "war"),
    ],
    must_pass=[
        ("Will I get my money back?", "When am I going to get my money back?"),
        ("Will the shop open tomorrow?", "Is the shop opening tomorrow?"),
        ("Did it arrive?", "Has it arrived?"),
        ("Why is my card still declined?", "Why was my card declined?"),
        ("Which banks still offer it?", "Which banks offer it?"),
        ("Which is the best phone as of now?", "What are the best phones?"),
        ("What is a saw used to cut?", "What does a saw cut?"),
        ("How will the refund be paid?", "How is the refund paid?"),
        ("What is yellow journalism?", "What was yellow journalism?"),
        ("Who is the author of the play?", "Who was the author of the play?"),
        ("Why is my card declined?", "Why was my card declined?"),
        ("Who is elected in 2017?", "Who was elected in 2017?"),
    ],
)
def tense(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse the future against the past, and the present of what changes against both, where all other words agree."""
    if asked.is_story or stored.is_story or not _have_one_content(asked, stored):
        return _now_or_then_elsewhere(asked, stored)
    is_one = content_words(asked) == content_words(stored)
    for mine, theirs, is_swapped in ((asked, stored, False), (stored, asked, True)):
        found = _unreal(mine, theirs) or (_in_time(mine, theirs) if is_one else None)
        if found:
            return Difference(found.stored, found.asked) if is_swapped else found
    return None


def _in_time(mine: Reading, theirs: Reading) -> Difference | None:
    return (
        _will_or_did(mine, theirs)
        or _will_or_is(mine, theirs)
        or _is_or_was(mine, theirs)
        or _would_have(mine, theirs)
        or _still_or_past(mine, theirs)
    )


def _have_one_content(asked: Reading, stored: Reading) -> bool:
    """Whether both have the same words of meaning; `called` has none, but is a form of `call`."""
    apart = content_apart(asked, stored)
    return not apart or (
        len(apart) == 1 and all(apart <= set(map(lexicon.base, each.tokens)) for each in (asked, stored))
    )


def _will_or_did(mine: Reading, theirs: Reading) -> Difference | None:
    ahead, back = _AHEAD.search(mine.text), _past(theirs)
    apart = ahead and back and not _past(mine) and not _AHEAD.search(theirs.text)
    return Difference(ahead[0], back) if ahead and apart else None


def _will_or_is(mine: Reading, theirs: Reading) -> Difference | None:
    """Find the future against the present: `will prices fall` and `are prices falling`."""
    if not _WILL.match(mine.text) or _PLANNED.search(theirs.text) or _PERSONAL & (mine.vocabulary | theirs.vocabulary):
        return None
    going_on = _GOING_ON.match(theirs.text)
    return Difference("will", going_on[1]) if going_on else None


def _is_or_was(mine: Reading, theirs: Reading) -> Difference | None:
    """Find the present of an office or a value, of a question for yes or no, or of what one does, against the past."""
    if (_PERSONAL & (mine.vocabulary | theirs.vocabulary)) or any(map(_has_number, (mine, theirs))):
        return None
    verbs = [(one, other) for one, other in zip(mine.tokens, theirs.tokens, strict=False) if one != other]
    if len(mine.tokens) != len(theirs.tokens) and not verbs:
        return None
    now, then = verbs[0] if verbs else ("", "")
    if _NOW.get(now) == then and (now in ("does", "do") or now == mine.tokens[0] or _HELD & mine.vocabulary):
        return Difference(now, then)
    holds = (
        len(verbs) == 1 and now != then and lexicon.base(now) == lexicon.base(then) and lexicon.base(now) in _HOLDING
    )
    return Difference(now, then) if holds and now.endswith("s") and not then.endswith("s") else None


def _still_or_past(mine: Reading, theirs: Reading) -> Difference | None:
    """Find what still is or may yet be against what was: `still use`, `can be used`, `used`, `had used`, `used to`."""
    if _PERSONAL & (mine.vocabulary | theirs.vocabulary):
        return None
    once, now = _USED_TO.search(theirs.text), _STILL.search(mine.text) or _OPEN.search(mine.text)
    if once and not (_USED_TO.search(mine.text) or _past(mine)):
        return Difference(now[0] if now else "", "used to")
    if now is None or _STILL.search(theirs.text) or _OPEN.search(theirs.text):
        return None
    is_past = _past(theirs) or _inflected(mine, theirs)
    return Difference(now[0].split()[-1], is_past) if is_past and not _BACK.search(mine.text) else None


def _inflected(mine: Reading, theirs: Reading) -> str:
    """Return the past form of a verb that the other has in the present."""
    verbs = {lexicon.base(word): word for word in mine.tokens}
    past = (
        word for word in theirs.tokens if lexicon.base(word) != "be" and verbs.get(lexicon.base(word), word) != word
    )
    return next((word for word in past if not word.endswith(("s", "ing")) and lexicon.base(word) != word), "")


def _has_number(reading: Reading) -> bool:
    return any(token[0].isdigit() for token in reading.tokens)


def _would_have(mine: Reading, theirs: Reading) -> Difference | None:
    unreal = _UNREAL.search(mine.text)
    if not unreal or not unreal[1] or _UNREAL.search(theirs.text) or _past(theirs):
        return None
    return Difference("would have", "")


def _unreal(mine: Reading, theirs: Reading) -> Difference | None:
    """Find `should have paid` against `should pay`, and `if it had been` against `if it is`."""
    found = _SHOULD_HAVE.search(mine.text)
    if not found or _SHOULD_HAVE.search(theirs.text) or _past(theirs):
        return None
    if found[1]:
        return Difference(f"{found[1]} have", "") if found[1] in theirs.text else None
    return Difference(found[2], "")


def _now_or_then_elsewhere(asked: Reading, stored: Reading) -> Difference | None:
    """Find `ist` against `war` as the only difference, in other languages."""
    if abs(len(asked.tokens) - len(stored.tokens)) > 1 or asked.is_story:
        return None
    left, right = _without_still(asked), _without_still(stored)
    if len(left) != len(right):
        return None
    apart = [pair for pair in zip(left, right, strict=True) if pair[0] != pair[1]]
    if len(apart) != 1:
        return None
    one, other = apart[0]
    if _ends_apart(one, other) and not is_english(asked.text):
        return Difference(one, other)
    return Difference(one, other) if _FOREIGN.get(one) == other or _FOREIGN.get(other) == one else None


@fact
def _without_still(reading: Reading) -> tuple[str, ...]:
    return tuple(word for word in reading.tokens if word not in _FOREIGN_STILL)


def _ends_apart(one: str, other: str) -> bool:
    """Whether one word is a verb in the present and the other the same verb in the past, by their endings."""
    start = shared_run(one, other)
    return start > 2 and ((one[start:], other[start:]) in _ENDS or (other[start:], one[start:]) in _ENDS)


@fact
def _past(reading: Reading) -> str:
    """Return what tells of the past: an auxiliary, or the verb of a question after its subject."""
    found = _BACK.search(reading.text)
    if found:
        return f"{found[1]} been" if found[1] else found[0]
    verb = reading.tokens[1] if len(reading.tokens) > 2 and reading.tokens[0] in ("what", "who", "which") else ""
    return verb if verb in _PAST_VERBS or (verb.endswith("ed") and lexicon.base(verb) != verb) else ""
