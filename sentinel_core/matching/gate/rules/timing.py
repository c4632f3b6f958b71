"""Refusals over whether something is before, during or after something else, and until or from a day or an hour on."""

from collections.abc import Mapping

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import (
    Difference,
    Reading,
    by_group,
    content_words,
    fact,
    is_content,
    sets_differ,
    word_set,
)
from sentinel_core.matching.gate.rules.rule import gate_rule
from sentinel_core.support.patterns import has_any, lazy

_BEFORE, _DURING, _AFTER, _TILL = "before", "during", "after", "till"
_RELATIONS = {
    _BEFORE: (
        r"before|beforehand|prior to|previous to|ahead of|preceding|in advance(?: of)?"
        r"|(?:in the )?run[- ]up to|leading up to"
        r"|on the eve of|in preparation for|pending|awaiting"
        r"|im vorfeld|bevor|avant|pr\u00e9alablement \u00e0|en amont d[eu]|\u00e0 la veille d[eu]"
        r"|antes d\w+|previo a|previa a|previamente a|prima d\w+|voorafgaand|voordat|alvorens"
    ),
    _DURING: (
        r"during|while|whilst|throughout|in the course of|amid|in the mid(?:dle|st) of"
        r"|w\u00e4hrend|im laufe|im verlauf|pendant|durant|lors d[eu]|au cours d[eu]|durante|mientras|nel corso d\w+"
        r"|enquanto|tijdens|gedurende"
    ),
    _AFTER: (
        r"after|afterwards?|subsequently|subsequent to"
        r"|(?<!the )(?<!and )(?<!people )following(?! the (?:steps?|rules?|instructions?))"
        r"|in the wake of|in the aftermath of|upon|as soon as|once(?! (?:a|an|per|every|in|more|and)\b)"
        r"|im anschluss an|nachdem|apr\u00e8s|\u00e0 la suite d[eu]|\u00e0 l'issue d[eu]|au lendemain d[eu]"
        r"|despu\u00e9s d\w+|tras|luego d\w+|posterior a|dopo|in seguito a|a seguito d\w+|depois d\w+|ap\u00f3s|nadat"
        r"|volgend op"
    ),
    _TILL: r"(?<!long )(?:until|till)|up to the (?:moment|time|point)",
}
_IN_RELATIONS = (
    "before", "prior to", "previous to", "ahead of", "preced", "in advance", "run up", "run-up", "up to", "eve of",
    "preparation", "pending", "awaiting", "vorfeld", "bevor", "avant", "alablement", "amont", "veille", "antes ",
    "previ", "prima ", "voor", "alvorens", "uring", "whil", "throughout", "course of", "amid", "in the mid", "hrend",
    "laufe", "verlauf", "pendant", "urant", "gedurende", "lors d", "cours d", "mientras", "corso", "enquanto",
    "tijdens", "after",
    "subsequent", "following", "wake of", "upon", "as soon as", "once", "anschluss", "nachdem", "apr\u00e8s", "suite",
    "issue d", "lendemain", "despu\u00e9s", "tras", "luego", "posterior", "dopo", "seguito", "depois", "ap\u00f3s",
    "nadat", "volgend", "until", "till",
)  # fmt: skip
"""Texts one of which stands in all that `_RELATION` finds."""

_RELATION = lazy("|".join(rf"(?P<{name}>(?<![\w-])(?:{words})\b)" for name, words in _RELATIONS.items()))

_DAY = (
    r"(?:the |this |next |end of |dem |den |le |el |il |o |de )*(?:\d|noon|midnight|mid\w?day|tomorrow|today|tonight"
    r"|jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun|christmas|easter)"
)
_WORD = lazy(r"[^\W_]+")
_UNTIL, _FROM = "until", "from"
_LIMIT = lazy(
    rf"\b(?P<{_UNTIL}>(?:by|until|till|up to|(?:no|not) later than|before|through"
    r"|bis(?: zum)?|sp\u00e4testens|jusqu'\u00e0|jusqu'au|au plus tard|hasta|a m\u00e1s tardar|fino al?|entro"
    r"|at\u00e9|tot|uiterlijk"
    rf") {_DAY})"
    rf"|\b(?P<{_FROM}>(?:as of|as from|starting|beginning|effective|(?:no|not) earlier than|since|after|past"
    r"|ab(?: dem)?|fr\u00fchestens|seit|\u00e0 partir d[eu]|d\u00e8s|depuis|a partir d\w+|a partire d\w+|desde"
    r"|vanaf|sinds"
    rf")(?: from| on)? {_DAY}|from {_DAY}[\w ]{{0,20}} (?:on|onwards?|forward)\b)"
)

_UNIT = r"(?:second|minute|hour|day|night|week|weekend|fortnight|month|quarter|year|decade|century)"
_LONG = r"(?: (?:a|an|the|one|\d+|few|couple of|several|half|next|last|past|first|whole))+"
_SPAN = lazy(
    rf"\b(?P<every>(?:every|each)(?: other| \d+)? (?:{_UNIT}|morning|afternoon|evening))"
    rf"|\b(?P<ago>(?:a|an|one|\d+|few|several) {_UNIT}s? ago)"
    rf"|\b(?P<last>(?:for|over|during|throughout){_LONG} {_UNIT}s?|all(?: the)? {_UNIT})"
    rf"|\b(?P<within>within{_LONG} {_UNIT}s?)"
    rf"|\b(?P<after>after{_LONG} {_UNIT}s?)"
    rf"|\b(?P<in>in{_LONG} {_UNIT}s?)"
    rf"|\b(?P<at>at (?:night|weekends?)|(?:by|in the|during the) (?:night|morning|afternoon|evening))"
    rf"|\b(?P<from>(?:from|since|starting) {_UNIT} \d+)"
    rf"|\b(?P<until>(?:until|till|by|before) {_UNIT} \d+)"
    rf"|\b(?P<on>(?:on|in) {_UNIT} \d+)"
)
_UNITS = word_set(
    "second minute hour day night week weekend fortnight month quarter year decade century seconds minutes hours days "
    "morning afternoon evening all "
    "nights weeks weekends months quarters years decades every each ago whole last past next several half"
)
_ALIKE = (frozenset({"in", "within"}), frozenset({"in", "after"}))
"""Spans that many people mean the same by: done in a week is done within it, or after it."""

_OVER = ("over", "during", "throughout")

_RATE = lazy(r"\b(?:per|a|an|each|every) (second|minute|hour|day|night|week|fortnight|month|quarter|year)\b")


@gate_rule(
    must_refuse=[
        ("what runs prior to the deploy", "what runs subsequent to the deploy", "prior to", "subsequent to"),
        ("can I take it ahead of breakfast", "can I take it following breakfast", "ahead of", "following"),
        ("which logs are written upon shutdown", "which logs are written prior to shutdown", "upon", "prior to"),
        ("which steps are done beforehand", "which steps are done afterwards", "beforehand", "afterwards"),
        ("can I cancel until it ships", "can I cancel as soon as it ships", "until", "as soon as"),
        ("do I paint it before sanding", "do I sand it before painting", "sand", "paint"),
        ("what is tested throughout the trial", "what is tested following the trial", "throughout", "following"),
        ("Que faire pr\u00e9alablement \u00e0 la vente ?", "Que faire \u00e0 la suite de la vente ?",
         "pr\u00e9alablement \u00e0", "\u00e0 la suite de"),
    ],
    must_pass=[
        ("what runs prior to the deploy", "what runs before the deploy"),
        ("can I cancel until it ships", "can I cancel before it ships"),
        ("what should I do after surgery", "what should I do following surgery"),
        ("can I cancel after the trial ends", "can I cancel once the trial ends"),
        ("what can I eat during pregnancy", "what can I eat while I am pregnant"),
    ],
)  # fmt: skip
def timing(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse before against during against after, however they are worded."""
    left, right = _relations(asked), _relations(stored)
    if {*left, *right} == {_BEFORE, _TILL}:
        return None
    return _apart(left, right) or (_swapped(asked, stored) if len(left) == 1 and left.keys() == right.keys() else None)


def _swapped(asked: Reading, stored: Reading) -> Difference | None:
    """Find two events that have changed places around the same word."""
    mine, theirs = _events(asked), _events(stored)
    if not all(mine) or mine[0] == mine[1] or mine != theirs[::-1]:
        return None
    return Difference(" ".join(sorted(mine[1])), " ".join(sorted(theirs[1])))


@fact
def _events(reading: Reading) -> tuple[frozenset[str], frozenset[str]]:
    """Return the words that carry meaning before the relation in time of a prompt, and behind it."""
    found = _RELATION.search(reading.text)
    texts = (reading.text[: found.start()], reading.text[found.end() :]) if found else ("", "")
    before, after = (frozenset(map(lexicon.base, filter(is_content, _WORD.findall(text)))) for text in texts)
    return before, after


@gate_rule(
    must_refuse=[
        ("can I file it by 1 June", "can I file it from 1 June on", "by 1", "from 1 june on"),
        ("is it valid until Friday", "is it valid as of Friday", "until fri", "as of fri"),
        ("Gilt das Ticket bis 9 Uhr?", "Gilt das Ticket ab 9 Uhr?", "bis 9", "ab 9"),
    ],
    must_pass=[
        ("can I file it by 1 June", "can I file it no later than 1 June"),
        ("is it valid from 1 June on", "is it valid starting 1 June"),
        ("is it open from 9 to 5", "is it open until 5"),
    ],
)
def limits(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse until a day or an hour against from then on."""
    return _apart(_limits(asked), _limits(stored))


@gate_rule(
    must_refuse=[
        ("how many days off do staff get per month", "how many days off do staff get per year", "month", "year"),
        ("how much is the rent a week", "how much is the rent each month", "week", "month"),
    ],
    must_pass=[
        ("how much is the rent per month", "how much is the rent a month"),
        ("how many calls a day does a nurse get in a year", "how many calls per year does a nurse get a day"),
    ],
)
def rates(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse an amount for one time against that for another: per month and per year."""
    left, right = _rates(asked), _rates(stored)
    return sets_differ(left, right) if left and right and left.isdisjoint(right) else None


@gate_rule(
    must_refuse=[
        ("does it run every 5 minutes", "does it run for 5 minutes", "every 5 minute", "for 5 minutes"),
        ("can I pay in 30 days", "can I pay for 30 days", "in 30 days", "for 30 days"),
        ("did prices fall a year ago", "did prices fall over a year", "a year ago", "over a year"),
        ("how do I stay awake at night", "how do I stay awake for a night", "at night", "for a night"),
        ("is it due on day 3", "is it due from day 3", "on day 3", "from day 3"),
    ],
    must_pass=[
        ("can I return it within 30 days", "can I return it in 30 days"),
        ("did prices fall over a year", "did prices fall in a year"),
        ("how much is it for a week", "how much is it a week"),
    ],
)
def spans(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse two relations to one span of time: for a week, in a week, every week, a week ago."""
    left, right = _spans(asked), _spans(stored)
    if len(left) != 1 or len(right) != 1 or left.keys() == right.keys() or {*left, *right} in _ALIKE:
        return None
    one, other = *left.values(), *right.values()
    is_over = {*left, *right} <= {"last", "in", "within"} and (one.startswith(_OVER) or other.startswith(_OVER))
    if is_over or content_words(asked) - _UNITS != content_words(stored) - _UNITS:
        return None
    return Difference(one, other)


@fact
def _spans(reading: Reading) -> Mapping[str, str]:
    """Return the words of each relation to a span of time, by its kind."""
    if _UNITS.isdisjoint(reading.vocabulary) or reading.is_story:
        return {}
    return by_group(_SPAN, reading.text)


@fact
def _rates(reading: Reading) -> frozenset[str]:
    return frozenset(_RATE.findall(reading.text)) if not reading.is_story else frozenset()


def _apart(mine: Mapping[str, str], theirs: Mapping[str, str]) -> Difference | None:
    if len(mine) != 1 or len(theirs) != 1 or mine.keys() == theirs.keys():
        return None
    return Difference(*mine.values(), *theirs.values())


@fact
def _relations(reading: Reading) -> Mapping[str, str]:
    """Return the words of each relation in time that a prompt speaks of; a story speaks of many."""
    is_told = not reading.is_story and has_any(reading.text, _IN_RELATIONS)
    return by_group(_RELATION, reading.text) if is_told else {}


@fact
def _limits(reading: Reading) -> Mapping[str, str]:
    return by_group(_LIMIT, reading.text)
