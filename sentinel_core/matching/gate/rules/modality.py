"""Refusals where all other words are the same: allowed or required, let or let out, as much or more, others as well."""

import re
from collections.abc import Mapping

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, content_words, fact, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule

_ALLOWED, _REQUIRED, _ADVISED = "allowed", "required", "advised"
_DUTIES = (
    (re.compile(r"\b(?:can|could|may|get to|gets to|allowed|permitted|entitled|able|possible|optional)\b"), _ALLOWED),
    (
        re.compile(
            r"\b(?:must|have to|has to|need to|needs to|needed|required?|obliged|obligated|mandatory|compulsory"
            r"|obligatory|necessary|forced to)\b"
        ),
        _REQUIRED,
    ),
    (re.compile(r"\b(?:should|ought to|recommended|advisable|supposed to)\b"), _ADVISED),
)
_WHETHER = re.compile(r"^(?:is|are|am|was|were|do|does|did|can|could|may|must|should|will|would|has|have|need|ought)\b")
_DUTY_WORDS = word_set(
    "allow permit able possible optional need require oblige obligate mandatory compulsory obligatory necessary "
    "force recommend advisable suppose ought allowed permitted needed required obliged obligated forced recommended "
    "supposed entitle entitled get"
)
_FOREIGN = {
    word: duty
    for duty, words in (
        (_ALLOWED, "darf d\u00fcrfen kann k\u00f6nnen puedo puede pueden podemos puis peux peut peuvent pouvons posso "
         "pode podem pu\u00f2 possono possiamo mag mogen mog\u0119 mo\u017ce mog\u0105 mo\u017cna mo\u017cemy"),
        (_REQUIRED, "muss m\u00fcssen debo debe deben debemos dois doit doivent devons devo deve devem devono dobbiamo "
         "moet moeten musz\u0119 musi musz\u0105 musimy trzeba"),
    )
    for word in words.split()
}  # fmt: skip
"""Verbs of permission and duty in other languages."""

_WHICH = re.compile(
    r"^(?:(?:on|in|at|for|to|from|by|with) )?(?:which|who|whom|when|where(?!.* (?:go|find)\b)"
    r"|what (?!do\b|does\b|must\b|can\b|should\b|may\b|is\b|are\b|am\b|steps?\b|else\b)\w+"
    r"|how (?:many|much|often|long|far|late|early|old|fast|soon|high|tall|big|large|heavy|loud)) "
)
_MANNER = word_set("wie comment c\u00f3mo come como hoe jak warum pourquoi perch\u00e9 waarom dlaczego")
_DOING = word_set("tun machen faire hacer fare fazer doen zrobi\u0107 gehen aller ir andare iść")
_ABLE = re.compile(r"\b(?:able|capable)\b")
_PERMITTED = re.compile(r"\b(?:allowed|permitted|entitled|legal)\b")
_PERSONAL = word_set("i we you my our")

_LET = re.compile(r"\b(rent|leas|hir|lend)\w*\b(?: \w+){0,3}? out\b")
_PASSIVE = re.compile(r"\b(?:get|gets|getting|got) (\w{2,})\b")
_ONESELF = word_set("refund verify register certify enroll list pay involve interest start marry change dress use")
"""Who gets these done has done them."""

_SOMEONE = word_set("someone somebody people person anyone others")
_DIFFERENT = re.compile(r"\b(?:different|differently|differences?|differ|differs|distinguish|tell apart)\b")
_MORE_THAN = re.compile(
    r"\b(better|worse|more|less|(?!rather|other|whether|after|ever|over|number|under|either)\w{3,}er)"
    r" (?:(?!from)\w+ ){0,4}?than\b"
    r"|^(?:which|what) (?:one |\w+ )?(?:is|are) (?:the )?(better|worse|\w{3,}er)\b"
)
_FURTHER = word_set("other else another")
_LEVELS = (("more", "er"), ("most", "est"))


@gate_rule(
    must_refuse=[
        ("can drivers park here", "do drivers have to park here", "allowed", "required"),
        ("do cyclists have to wear a vest", "do cyclists get to wear a vest", "required", "allowed"),
        ("should children wear a helmet", "must children wear a helmet", "advised", "required"),
        ("Darf ich im Park grillen?", "Muss ich im Park grillen?", "allowed", "required"),
        ("which tools may I bring", "which tools must I bring", "allowed", "required"),
        ("how many guards can be on duty", "how many guards must be on duty", "allowed", "required"),
        ("are trucks able to go there", "are trucks allowed to go there", "able", "allowed"),
        ("Welche Schuhe muss ich tragen?", "Welche Schuhe darf ich tragen?", "required", "allowed"),
        ("Quels outils puis-je apporter ?", "Quels outils dois-je apporter ?", "allowed", "required"),
    ],
    must_pass=[
        ("do I need to bring my ID", "is it mandatory to bring my ID"),
        ("can guests park here", "are guests allowed to park here"),
        ("what do I have to do to close my card", "how can I close my card"),
        ("Wie kann ich zahlen?", "Wie muss ich zahlen?"),
        ("Was kann ich tun?", "Was muss ich tun?"),
        ("am I able to pay by card", "am I allowed to pay by card"),
        ("which forms must I sign", "which forms do I have to sign"),
        ("which form should I use", "which form do I need to use"),
        ("how often must I oil a chain", "how often should I oil a chain"),
        ("where can I go to vote", "where do I have to go to vote"),
    ],
)
def duty(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse permission against duty and advice, and ability against permission."""
    left, right = _duty(asked), _duty(stored)
    if not left or not right or _bare(asked) != _bare(stored):
        return None
    if left == right == _ALLOWED:
        left, right = _possibility(asked), _possibility(stored)
    return Difference(left, right) if left and right and left != right else None


@fact
def _duty(reading: Reading) -> str:
    """Return the one duty that a question is about, or nothing; ways and reasons are not asked for."""
    if reading.is_story or not reading.tokens:
        return ""
    is_which = bool(_WHICH.search(reading.text))
    if is_which or _WHETHER.search(reading.text):
        found = [duty for pattern, duty in _DUTIES if pattern.search(reading.text)]
        found = [_REQUIRED] if is_which and found == [_ADVISED] else found  # how much one should, and must drink
    elif reading.tokens[0] in _MANNER or not _DOING.isdisjoint(reading.vocabulary):
        return ""
    else:
        found = [_FOREIGN[word] for word in reading.tokens if word in _FOREIGN]
    return found[0] if len(found) == 1 else ""


@fact
def _possibility(reading: Reading) -> str:
    """Return whether a thing is said to be able or to be allowed; of oneself both are one."""
    if not _PERSONAL.isdisjoint(reading.vocabulary):
        return ""
    return "able" if _ABLE.search(reading.text) else "allowed" if _PERMITTED.search(reading.text) else ""


@fact
def _bare(reading: Reading) -> frozenset[str]:
    pairs = zip(reading.surfaces, reading.content, strict=True)
    return frozenset(base for word, base in pairs if not {word, base} & (_DUTY_WORDS | _FOREIGN.keys()))


@gate_rule(
    must_refuse=[
        ("how do I rent a garage", "how do I rent out a garage", "rent", "rent out"),
        ("how can I lease my field out", "how can I lease a field", "lease out", "lease"),
        ("how do I get hired as a welder", "how do I hire a welder", "get hired", "hire"),
        ("how do I get invited to a group", "how do I invite someone to a group", "get invited", "invite"),
    ],
    must_pass=[
        ("how do I rent out a garage", "how can I rent my garage out"),
        ("how do I get my fee refunded", "how do I refund my fee"),
        ("how do I get verified", "how do I verify"),
        ("what if it gets cancelled by the shop", "what if the shop cancels it"),
        ("how do I merge two files", "how can two files be merged"),
    ],
)
def party(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse what one does against what one has done to oneself: to rent and to rent out, to hire and to get hired."""
    if content_words(asked) - _SOMEONE != content_words(stored) - _SOMEONE:
        return None
    left, right = _party(asked), _party(stored)
    if bool(left) == bool(right):
        return None
    one = left or right
    verb = one.split()[-1] if one.startswith("get ") else one.split()[0]
    base = lexicon.base(verb)
    other = next((word for word in (stored if left else asked).tokens if lexicon.base(word) == base), "")
    if not other or (one.startswith("get ") and other == verb):
        return None
    return Difference(one, other) if left else Difference(other, one)


@fact
def _party(reading: Reading) -> str:
    """Return the verb by which someone else gets the thing, or does it to the speaker; or nothing."""
    let = _LET.search(reading.text)
    if let:
        return f"{let[0].split()[0]} out"
    passive = _PASSIVE.search(reading.text)
    verb = passive[1] if passive and " by " not in reading.text else ""
    is_participle = verb in lexicon.ranks() and verb.endswith(("ed", "en")) and lexicon.base(verb) != verb
    return f"get {verb}" if is_participle and lexicon.base(verb) not in _ONESELF else ""


@gate_rule(
    must_refuse=[
        ("which car is safer", "which car is safest", "safer", "safest"),
        ("is gold denser than lead", "is gold as dense as lead", "denser", "dense"),
        ("why is tin different from zinc", "why is tin cheaper than zinc", "different", "cheaper"),
        ("who scored more than Pele", "who scored as much as Pele", "more", "as much"),
    ],
    must_pass=[
        ("which car is the safest", "what is the safest car"),
        ("what does a teacher teach", "what do teachers teach"),
    ],
)
def comparison(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse `safer` against `as safe as`, `safest` and `different`: more than another, as much, the most, another."""
    if asked.is_story or stored.is_story:
        return None
    for mine, theirs, is_swapped in ((asked, stored, False), (stored, asked, True)):
        differs = _DIFFERENT.search(mine.text) if _are_told_apart(mine) else None
        ranked = _ranked(theirs) if differs else ""
        if differs and ranked and not _DIFFERENT.search(theirs.text) and not _ranked(mine):
            return Difference(ranked, differs[0]) if is_swapped else Difference(differs[0], ranked)
    left, right = _degrees(asked), _degrees(stored)
    for stem, (word, level) in left.items():
        other, other_level = right.get(stem, (word, level))
        if level != other_level:
            return Difference(word, other)
    return None


def _are_told_apart(reading: Reading) -> bool:
    text = reading.text
    return "differ" in text or "distinguish" in text or "tell apart" in text


@fact
def _ranked(reading: Reading) -> str:
    """Return the adjective by which one of two things is above the other, or nothing."""
    found = _MORE_THAN.search(reading.text)
    return found[1] or found[2] if found else ""


@fact
def _degrees(reading: Reading) -> Mapping[str, tuple[str, str]]:
    """Return the word and the degree of each adjective that is compared, by its stem."""
    found: dict[str, tuple[str, str]] = {}
    words = reading.tokens
    for before, word, after in zip(("", *words), words, (*words[1:], ""), strict=False):
        if before == "as" and after == "as":
            found["much" if word in ("much", "many") else _stem(word)] = (_as_much(word), "as")
        elif word in ("more", "most"):
            if before not in ("at", "no", "or"):  # a bound, which another rule compares
                found["much"] = (word, word)
        else:
            ending = next((level for level, end in _LEVELS if word.endswith(end) and len(word) > len(end) + 2), "")
            if ending:
                found[_stem(word.removesuffix("er").removesuffix("est"))] = (word, ending)
    return found


def _as_much(word: str) -> str:
    return f"as {word}" if word in ("much", "many") else word


def _stem(word: str) -> str:
    """Return what `dense`, `denser` and `bigger` share with `densest` and `big`."""
    trunk = word.removesuffix("e")
    trunk = f"{trunk[:-1]}y" if trunk.endswith("i") else trunk
    return trunk[:-1] if len(trunk) > 3 and trunk[-1] == trunk[-2] else trunk


@gate_rule(
    must_refuse=[
        ("what other ports does it have", "what ports does it have", "other", ""),
        ("who signed it", "who else signed it", "", "else"),
    ],
    must_pass=[
        ("are there any other ways to pay by card", "can I pay by card"),
        ("what else can I eat", "what other things can I eat"),
    ],
)
def further(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse the same words with one more that speaks of others besides."""
    left, right = _FURTHER & asked.vocabulary, _FURTHER & stored.vocabulary
    if bool(left) == bool(right) or asked.is_story or stored.is_story:
        return None
    plain = [[word for word in reading.tokens if word not in _FURTHER] for reading in (asked, stored)]
    return Difference(" ".join(sorted(left)), " ".join(sorted(right))) if plain[0] == plain[1] else None
