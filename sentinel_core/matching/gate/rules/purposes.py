"""Refusals over the purpose of a question: to notice a thing, to act on it, its consequences, its meaning."""

from sentinel_core.matching.gate.reading import Difference, Reading, fact, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule
from sentinel_core.support.patterns import lazy

_ANY = r"(?:i|you|we|one|people|someone|they)"
_OPEN = r"(?:how (?:many|much|long|often)|what|which|when|where)"
_PURPOSE = lazy(
    rf"^(?:(?P<notice>how to (?:know|tell|see|notice|recogni[sz]e|find out|check) (?:if|whether|when|that)\b"
    rf"|what are (?:the )?(?:first |early |typical |common )?(?:signs|symptoms) of\b)"
    rf"|(?P<act>what (?:do|should|must|can|shall|could) {_ANY} do (?:if|when|about|against|with|for|after)\b"
    r"|what to do (?:if|when|about|against|with|for|after)\b)"
    r"|(?P<follows>what (?:happens|will happen|would happen|if)\b)"
    r"|(?P<means>what (?:is|are) (?:an? |the )?(?!the\b|my\b|your\b|best\b)(?:[\w'-]+ )?[\w'-]+$)"
    r"|(?P<does>how to do (?:an? |the )?[\w' -]+$|how (?:is|are) .* (?:done|performed|carried out)$)"
    rf"|(?P<due>{_OPEN}\b.*?\b(?:am|are|is) {_ANY} (?:supposed|meant|expected|due) to\b"
    rf"|{_OPEN}(?: \w+){{0,3}} (?:should|must) {_ANY}\b)"
    rf"|(?P<done>{_OPEN}(?: \w+){{0,3}} (?:have|has|had|did) {_ANY}\b)"
    r"|(?P<possible>(?:is|are) .* (?:an option|options)\b))"
)
_SUPPOSED = lazy(r"\bif (?:(?!not\b)\w+ ){1,3}(?:were|had|was)\b")
_REPORT = lazy(r"^(?:i (?:have|just|am)|we (?:have|are)|there (?:is|are)|my \w+ (?:is|has))\b")
_OTHER_CASES = word_set("if when whenever case suppose supposing would unless")
_APART = frozenset(
    map(
        frozenset,
        (
            ("notice", "act"), ("notice", "follows"), ("act", "follows"), ("means", "does"), ("possible", "does"),
            ("means", "act"), ("means", "notice"), ("due", "done"),
        ),
    )
)  # fmt: skip
_TELLING = word_set(
    "know tell see notice recognise recognize check find signs symptoms if happens happen do done performed carried "
    "option options supposed meant expected due should must"
)
"""One of each two purposes that are apart needs one of these words."""

_ASKED = {
    word: kind
    for kind, words in (
        ("what", "what which"),
        ("who", "who whom"),
        ("whose", "whose"),
        ("when", "when"),
        ("why", "why"),
    )
    for word in words.split()
}
_NAMED = word_set(
    "time date day year hour reason boss manager owner author president king queen ceo leader captain coach teacher "
    "doctor"
)
"""Any question word may ask for these."""


@gate_rule(
    must_refuse=[
        ("How do I know if my tyre is worn?", "What do I do if my tyre is worn?", "notice", "act"),
        ("What are the signs of a stroke?", "What should I do about a stroke?", "notice", "act"),
        ("What happens if I miss the train?", "What should I do if I miss the train?", "follows", "act"),
        ("What is a handstand?", "How do I do a handstand?", "means", "does"),
        ("Is surgery an option for a hernia?", "How is surgery for a hernia done?", "possible", "does"),
        ("What am I supposed to pay?", "What have I paid?", "due", "done"),
        ("What do I have to bring?", "Who do I have to bring?", "what", "who"),
        ("Would it hurt me if I had gout?", "I have gout and ate it, help", "if i had", "i have"),
        ("When did you call?", "What did you call?", "when", "what"),
    ],
    must_pass=[
        ("What do I do if I lose my key?", "What should I do when I lose my key?"),
        ("How do I know if milk is off?", "How can I tell whether milk is off?"),
        ("What is a rebase?", "What does rebase mean?"),
        ("Which doctor can help me?", "What doctor can help me?"),
        ("What is the best time to visit?", "When is the best time to visit?"),
        ("Who is the owner?", "Which person is the owner?"),
    ],
)
def purpose(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse two purposes that cannot share an answer, and another question word before the same words."""
    if not _TELLING.isdisjoint(asked.vocabulary | stored.vocabulary):  # few pairs, and the pattern is a large one
        left, right = _purpose(asked), _purpose(stored)
        if frozenset((left, right)) in _APART:
            return Difference(left, right)
    return _other_word(asked, stored) or _supposed(asked, stored)


def _other_word(asked: Reading, stored: Reading) -> Difference | None:
    left, right = (
        _ASKED.get(asked.tokens[0] if asked.tokens else ""),
        _ASKED.get(stored.tokens[0] if stored.tokens else ""),
    )
    if left is None or right is None or left == right or not _NAMED.isdisjoint(asked.vocabulary):
        return None
    return Difference(left, right) if asked.tokens[1:] == stored.tokens[1:] else None


def _supposed(asked: Reading, stored: Reading) -> Difference | None:
    """Find a case that is only supposed against one that is reported: `if I had` and `I have`."""
    if ("if" in asked.vocabulary) == ("if" in stored.vocabulary):
        return None
    left, right = _SUPPOSED.search(asked.text), _SUPPOSED.search(stored.text)
    supposed, plain = (left, stored) if left else (right, asked)
    if supposed is None or bool(left) == bool(right) or not _OTHER_CASES.isdisjoint(plain.vocabulary):
        return None
    report = _REPORT.match(plain.text)
    if report is None:
        return None
    return Difference(supposed[0], report[0]) if left else Difference(report[0], supposed[0])


@fact
def _purpose(reading: Reading) -> str:
    """Return the purpose of a question; empty where none is known."""
    if reading.is_story:
        return ""
    found = _PURPOSE.match(reading.text)
    return (found.lastgroup or "") if found else ""
