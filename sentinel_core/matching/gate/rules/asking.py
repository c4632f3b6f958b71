"""Refusals over the question word."""

from sentinel_core.matching.gate.reading import Difference, Reading, content_apart, fact, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule
from sentinel_core.support.patterns import lazy

_VERB = r"(?:is|are|was|were|am|do|does|did|will|would|can|could|shall|should|must|may|might|has|have|had|to|exactly)\b"
_PLACE = r"(?:place|location|city|country|state|town)"
TIME = r"(?:more )?(?:seconds|minutes|hours|days|weeks|months|years|working days|business days)"
_YES_OR_NO = r"(?:is|are|was|were|do|does|did|can|could|should|will|would|has|have|had|must) (?:not )?\w"
_ABLE = r"(?:possible|able|available|allow\w*|accept\w*|offer\w*|options?|support\w*|features?)"
_WHAT = r"^what (?:do|does|did|is|can|will)\b"
_MEASURES = (
    "tall|high",
    "wide|broad",
    "big|large",
    "deep",
    "thick|thin",
    "heavy",
    "steep",
    "loud",
    "bright",
    "hot|cold|warm",
)
"""Adjectives after `how` that ask for one measure."""

_HOW = lazy(r"\\b(how [\w ]*)(?:\(\?:[\w|]+\))?\\b\Z")


def _hint(pattern: str) -> str:
    """Return the words that a pattern begins with, which are looked for first; nothing for patterns of many words."""
    found = _HOW.match(pattern)
    return found[1] if found else ""


_WH = frozenset({"meaning", "effect", "when", "made of", "where to", "where", "who", "whom", "extreme"})
"""Kinds whose patterns have `what`, `which`, `who`, `when` or `where` in each alternative."""

_QUESTIONS = tuple(
    ("wh" if kind in _WH else _hint(pattern), lazy(pattern), kind)
    for pattern, kind in (
        (rf"\bhow many {TIME}\b", "how long"),
        (r"\bhow much (?:time|longer)\b", "how long"),
        (r"\bhow many\b|\bnumber of\b|\bcount\b", "how many"),
        (r"\bhow much\b|\b(?:what|which)\b.{0,12}\b(?:price|cost|fee|charge)s?\b", "how much"),
        (r"^is there (?:a|any) reasons?\b|\b(?:taking|take|takes|took) (?:so|that|this) (?:very )?long\b", "why"),
        (
            rf"{_WHAT} .{{1,60}}\b(?:mean|means|meant|signify|stand for)\b|^what is (?:the meaning of|meant by)\b"
            r"|^what (?:is|are) (?:an? )?(?!the\b|my\b|your\b)[\w-]+(?: [\w-]+)?$",
            "meaning",
        ),
        (rf"{_WHAT} (?!i\b|we\b|you\b|one\b).{{1,40}}\bdo(?: to \w+(?: \w+)?)?$|^what (?:the )?\w+ does$", "effect"),
        (r"\bhow long ago\b", "how long ago"),
        (r"\bhow long\b", "how long"),
        (r"\bhow old\b", "how old"),
        (r"\bhow far\b", "how far"),
        *((rf"\bhow (?:{listed})\b", f"how {listed.split('|')[0]}") for listed in _MEASURES),
        (r"\bhow often\b", "how often"),
        (
            rf"^(?:when {_VERB}|when \w+ \w+(?: \w+)?$|(?:at )?what (?:time|date|day|year|month)\b"
            r"|which (?:date|day|year|month)\b)|\bdate when\b",
            "when",
        ),
        (
            r"^(?:what|which \w+) (?:is|are|was|were) .{0,60}\b(?:made|built|composed)(?: up| out)? (?:of|from)$",
            "made of",
        ),
        (r"^where (?:can|do|could|should) i\b", "where to"),
        (
            rf"^where\b(?! (?:can|do|could|should) i)|^(?:in |at )(?:what|which) {_PLACE}\b"
            rf"|^(?:what|which) {_PLACE} (?:is|are|was|were|do|does|did|has)\b"
            r"|^what (?:is|was) the (?:location|whereabouts|venue|setting) of\b",
            "where",
        ),
        (r"^(?:who|whom|whose)\b|^(?:what|which) (?:person|people)\b", "who"),
        (r"\bby whom\b", "whom"),
        (
            r"^how (?!come\b|about\b|do|did|is\b|are\b|was\b|were\b|ha|can|could|sh|w|m)\w+ (?:is|are|was|were)\b",
            "degree",
        ),
        (
            r"^(?:i|we)(?:'d| would)? (?:really )?(?:want|like|need|wish|love)"
            r" (?!.*\b(?:how|when|why|what|where|know|learn|date|time)\b)",
            "wish",
        ),
        (
            r"^(?:what|which) (?:is|are|was|were) the (?:\w+est|most \w+)"
            r"(?! (?:time|period|distance|height|length|age|amount|depth|duration|size|date|day)\b) \w",
            "extreme",
        ),
        (r"^(?:should|shall|ought) (?:i|we|one)\b", "advice"),
        (r"^(?:is|are) there\b", "existence"),
        (
            r"^(?:what (?:is|are|was|were) the (?:names?|titles?) of|name (?:the|all|a)\b"
            r"|(?:list|show|give)(?: me| us)? (?:the |all |all the )?(?:names?|titles?)\b)",
            "name",
        ),
        (
            rf"^(?:can|could|may|might|(?:do|would|will) you)\b|^{_YES_OR_NO}.*\b{_ABLE}\b"
            r"|^whether\b.*\b(?:can|could|may|able|possible)\b",
            "ability",
        ),
        (rf"^{_YES_OR_NO}|^whether\b", "whether"),
        (
            r"^how (?:do|does|did|is|are|was|were|has|have|had|can|could|should|shall|will|would|must|may|to|\w+s\b"
            r"|(?:\w+ ){1,3}(?:start|begin|began|end|work|happen)\w*)\b",
            "how",
        ),
        (r"^why\b|\breasons? (?:for|why)\b|^what reasons?\b|^what caused?s?\b", "why"),
    )
)
_WHICH = lazy(
    rf"^(?:what|which) (?!{_VERB}|(?:time|times|date|day|days|year|month|hour|hours|age|stage|point|season|century"
    r"|period|moment|deadline|kind|type|sort|way|reasons?|if|about|else|happens|causes?|makes)\b)[a-z]+ [a-z]+"
)
"""Which of several things, which is no time and no reason."""

_EXCLUSIVE = frozenset({
    "whether", "ability", "how", "how many", "how long", "how old", "how far", "how often", "when", "where", "who",
    "why", "made of", "how long ago", "which", "where to", "advice", "existence",
        *(f"how {listed.split('|')[0]}" for listed in _MEASURES),
})  # fmt: skip
_YES_KINDS = frozenset({"whether", "ability", "advice", "existence"})
"""Kinds of questions that yes or no answers."""

_APART = frozenset(
    frozenset(pair)
    for pair in (
        ("meaning", "effect"),
        ("degree", "why"),
        ("name", "whom"),
        *(
            (one, kind)
            for one in ("name", "wish", "extreme")
            for kind in (
                "when",
                "why",
                "how old",
                "how far",
                "how often",
                "how long",
                "how tall",
                "how deep",
                "how big",
            )
        ),
        *(("how much", kind) for kind in ("wish", "how long", "when", "who", "why", "how old", "how far", "how often")),
    )
)
"""Kinds that are apart from these alone."""

_COMPATIBLE = frozenset(
    frozenset(pair)
    for pair in (
        ("how long", "when"),
        *((kind, "existence") for kind in ("ability", "whether", "how", "how long", "where", "where to")),
        *((kind, "advice") for kind in ("ability", "whether", "how long", "where to")),
        ("how long ago", "when"),
        ("how long ago", "how old"),
        ("how long", "how many"),
        ("how long", "how far"),
        ("how long", "whether"),
        ("how long", "ability"),
        ("how", "ability"),
        ("how", "where"),
        ("how", "how many"),
        ("where", "whether"),
        ("where to", "how"),
        ("where to", "where"),
        ("where to", "who"),
        ("where to", "whether"),
        ("where to", "ability"),
        ("how big", "how many"),
        ("how big", "how tall"),
        ("how tall", "how many"),
        ("where", "ability"),
        ("whether", "ability"),
    )
)


@gate_rule(
    must_refuse=[
        ("when was it built", "who built it", "when", "who"),
        ("when covid started", "how covid started", "when", "how"),
        ("how did it start", "when did it start", "how", "when"),
        ("who built the bridge", "how was the bridge built", "who", "how"),
        ("how clever are pigs", "why are pigs clever", "degree", "why"),
        ("why is coffee good for you", "is coffee good for you", "why", "whether"),
        ("how is coffee dangerous", "is coffee dangerous", "how", "whether"),
        ("explain why glass is a liquid", "explain whether glass is a liquid", "why", "whether"),
        ("should I be tested", "how can I be tested", "advice", "how"),
        ("where is it made", "what is it made of", "where", "made of"),
        ("which dynasty finished the wall", "when was the wall finished", "which", "when"),
        ("how long ago was it built", "how long did it take to build", "how long ago", "how long"),
        ("how big is the pool", "how deep is the pool", "how big", "how deep"),
        ("where can I collect it", "when can I collect it", "where to", "when"),
        ("what does rust do", "what does rust mean", "effect", "meaning"),
        ("why does the visa take so long", "how long does the visa take", "why", "how long"),
        ("i want to fly to Rome", "how long does it take to fly to Rome", "wish", "how long"),
        ("how tall is the tallest tower", "what is the tallest tower", "how tall", "extreme"),
        ("name the course of the dean", "the course of the dean is given by whom", "name", "whom"),
        ("is there a test for gout", "should I be tested for gout", "existence", "advice"),
        ("when was the fight", "what was the location of the fight", "when", "where"),
    ],
    must_pass=[
        ("when my card expires, will I get a new one", "how often do I get a new one when my card expires"),
        ("which country won", "who won"),
        ("what does it mean when a dog yawns", "why does a dog yawn"),
        ("what time does it open", "when does it open"),
        ("where is the hotel", "what is the location of the hotel"),
        ("what age can I drive at", "when can I drive"),
        ("what is it made of", "which material is it made from"),
        ("where can I find it", "how do I find it"),
        ("where can I get help", "who can help me"),
        ("how tall is the tower", "how high is the tower"),
        ("how cold is it", "how warm is it"),
        ("can I pay by card", "how do I pay by card"),
        ("is it possible for guests to pay by card", "how do guests pay by card"),
        ("does the shop accept cards", "how can I pay by card in the shop"),
        ("does the shop take cards", "can I pay by card in the shop"),
    ],
)
def question(asked: Reading, stored: Reading) -> Difference | None:
    """Two question words that cannot share an answer."""
    left, right = _question(asked), _question(stored)
    if frozenset({left, right}) in _APART:
        return Difference(left, right)
    if "which" in (left, right) and not {left, right} & {"when", "why"}:
        return None
    if left == right or not {left, right} <= _EXCLUSIVE or frozenset({left, right}) in _COMPATIBLE:
        return None
    return Difference(left, right)


_HOW_MUCH = lazy(
    r"\b(?:how (?:much|many)|(?:what|which) (?:share|percentage|proportion|fraction|part|amount))(?: of)?\b"
)
_SHARES = word_set("share percentage proportion fraction part amount percent much many any some")
_PRICES = word_set("fee cost charge price pay rate commission expensive cheap money limit maximum score")
_MANY = word_set(
    "combien cu\u00e1nto cu\u00e1nta cu\u00e1ntos cu\u00e1ntas quanto quanta quanti quante quantos quantas "
    "hoeveel viel viele wieviel "
    "wieviele mycket m\u00e5nga mye mange ile \u0441\u043a\u043e\u043b\u044c\u043a\u043e ka\u00e7"
)
_SMALL = word_set("wie hur hvor de du des d' d y a il t gibt es")


@gate_rule(
    must_refuse=[
        ("is there caffeine in white tea", "how much caffeine is there in white tea", "whether", "how much"),
        ("what share of fees is deductible", "are fees deductible", "what share of", "whether"),
        ("Zit er caf\u00e9ine in thee?", "Hoeveel caf\u00e9ine zit er in thee?", "", "hoeveel"),
        ("Y a-t-il du sucre dans le lait ?", "Combien de sucre y a-t-il dans le lait ?", "", "combien"),
    ],
    must_pass=[
        ("is there a fee for a transfer", "how much is the fee for a transfer"),
        ("do I have any days off left", "how many days off do I have left"),
        ("how much iron does honey contain", "what amount of iron does honey contain"),
    ],
)
def amount(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse how much of a thing against whether there is any; who asks whether there is a fee wants its amount."""
    if asked.is_story or stored.is_story:
        return None
    left, right = _amount(asked), _amount(stored)
    if bool(left) == bool(right) or not (_PRICES.isdisjoint(asked.content) or (left + right).endswith(" of")):
        return None
    plain = stored if left else asked
    if "i" in asked.vocabulary and "i" in stored.vocabulary:  # do I have days left, how many days do I have left
        return None
    if left + right in _MANY:
        return Difference(left, right) if _told(asked) == _told(stored) else None
    if _question(plain) not in _YES_KINDS or content_apart(asked, stored) - _SHARES:
        return None
    return Difference(left or "whether", right or "whether")


@fact
def _amount(reading: Reading) -> str:
    if "how m" in reading.text or not _SHARES.isdisjoint(reading.vocabulary):
        found = _HOW_MUCH.search(reading.text)
        if found:
            return found[0]
    return "" if _MANY.isdisjoint(reading.vocabulary) else next(word for word in reading.tokens if word in _MANY)


def _told(reading: Reading) -> list[str]:
    """Return the words of a question without those that ask how much, in any order."""
    return sorted(word for word in reading.tokens if word not in _MANY and word not in _SMALL)


@fact
def _question(reading: Reading) -> str:
    text = reading.text
    for hint, pattern, kind in _QUESTIONS:
        if hint in text and pattern.search(text):
            return kind
    return "which" if _WHICH.search(text) else ""
