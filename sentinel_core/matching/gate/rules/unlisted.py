"""Refusals over small words in the one place where two prompts differ, unless a list says that they change nothing."""

from collections.abc import Sequence

from sentinel_core.matching.gate import lexicon, likeness
from sentinel_core.matching.gate.reading import Difference, Reading, function_words, is_content, word_set
from sentinel_core.matching.gate.rules.edits import NEUTRAL
from sentinel_core.matching.gate.rules.rule import gate_rule
from sentinel_core.matching.gate.rules.slots import Slot, slot

_VERBS = word_set(
    "is are was were be been being am do does did done doing has have had having can could will would shall should may "
    "might must get got gets getting make makes made making take takes took taken use uses using give gives show shows "
    "tell tells find finds want wants need needs like help know say says said go goes going went gone come comes came "
    "provide return list display mean means please let"
)
_FREE = _VERBS | word_set(
    "i you we one they he she it me us them my your our his her its their who that which whom whose what when where "
    "why how there here this these those a an the and or so then if whether as than to of in on at for with by from "
    "about through via into upon onto up again own gotten used really exactly currently now today just very quite "
    "basically also actually any some all not no name named kind kinds type types sort way ways thing things "
    "something anything possible able re s t ll d ve m even though although because ever yet already still once out "
    "puis nous vous je voudrais posso vorrei io eu yo ich ik kannst puedo per too"
)
"""Function words that change nothing, or that other rules compare; every other one tells something."""

_ASKING = word_set("who whom whose which what where when why how")
_ANYONE = word_set("person someone somebody anyone anybody customer user client guest man one")
_DOERS = word_set("i you we one to ich man they")
_SAME = lexicon.memberships(
    (
        "each every all any", "other others else different", "another additional different extra second new",
        "over above exceeding", "under below", "more much many", "off up out", "again once more one", "again next",
        "during in while on", "used taken spent", "name title called named", "now quick quickly immediately",
        "me myself yourself it", "most best", "some best good", "much high good",
    )
)  # fmt: skip
_USED = ("used",)
_DOING = {
    "get": word_set("order open locate call ask request buy purchase obtain receive see feel wake bag acquire reach "
                    "fetch earn book become receive retrieve"),
    "have": word_set("order own possess hold offer experience suffer carry keep contain include"),
    "use": word_set("take exhaust spend utilize utilise employ apply consume"),
    "find": word_set("locate identify discover see search spot detect check lookup"),
    "make": word_set("program create cook bake submit earn build file lodge raise prepare produce brew set write place "
                     "perform develop design construct generate form manufacture do"),
    "do": word_set("receive perform make carry accept complete work"),
    "give": word_set("pass hand provide send offer"),
    "take": word_set("use spend require need last bring have swallow"),
}  # fmt: skip
"""Verbs that say what a light one says, before some things."""

_RELATIVE = ("that",)
_IDLE = NEUTRAL | word_set("heck hell earth world")
_MUCH = word_set("much many")


@gate_rule(
    must_refuse=[
        ("flats with over ten windows", "flats with exactly ten windows", "over", "exactly"),
        ("my ticket is not valid yet", "my ticket is not valid any more", "yet", "any more"),
        ("suggest a name for my dog", "suggest another name for my dog", "", "another"),
        ("how much is a used piano", "how much is a new piano", "used", "new"),
        ("films that won the prize", "films by directors who won the prize", "that", "by directors who"),
        ("how do I answer a complaint", "how do I make a complaint", "answer", "make"),
        ("how has it affected you", "how has it affected your relatives", "you", "relatives"),
    ],
    must_pass=[
        ("what do I do now", "what do I do"),
        ("how do I get a copy", "how do I request a copy"),
        ("what is this made of", "what is this made up of"),
        ("what is the fine for parking", "how much is the fine for parking"),
        ("can I get another card", "can I get an additional card"),
        ("where can guests park", "where can I park"),
    ],
)
def unlisted(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse one small word for another, for none, or for a thing, that is not known to change nothing."""
    found = slot(asked, stored)
    if found is None:
        return None
    left = list(filter(is_content, found.asked))
    right = list(filter(is_content, found.stored))
    if left and right:
        return None
    tells = _is_other_thing(found, left or right) if left or right else _tells(found.asked, found.stored)
    return Difference(" ".join(found.asked), " ".join(found.stored)) if tells else None


def _tells(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether function words differ that tell something, the listed ones aside."""
    mine, theirs = _telling(left), _telling(right)
    if mine == theirs or (not _ASKING.isdisjoint({*left, *right}) and mine | theirs <= _MUCH):
        return False
    return not (_are_in(mine, right) and _are_in(theirs, left))


def _telling(words: Sequence[str]) -> frozenset[str]:
    return function_words().intersection(words) - _FREE


def _are_in(telling: frozenset[str], others: Sequence[str]) -> bool:
    """Whether each word has its like among the others."""
    return all(any(_is_one(word, other) for other in others) for word in telling)


def _is_one(one: str, other: str) -> bool:
    known, known_2 = _SAME.get(one, frozenset()), _SAME.get(other, frozenset())
    return one == other or not known.isdisjoint(known_2) or likeness.nearest([one], [other])[0] >= likeness.SYNONYM


def _is_other_thing(found: Slot, things: Sequence[str]) -> bool:
    """Whether a thing stands in the place of small words that are neither a verb nor a question's."""
    small, other = found.asked, found.stored
    if any(map(is_content, small)):
        small, other = other, small
    if len(small) == len(other) == 1 and lexicon.base(small[0]) in _DOING:
        return lexicon.base(other[0]) not in _DOING[lexicon.base(small[0])]
    is_used = small == _USED and bool(found.after) and is_content(found.after[0])
    if not small or _IDLE.issuperset(things) or not (is_used or _VERBS.isdisjoint({*small, *other})):
        return False
    if _asks(small, other) or not all(word.isalpha() and len(word) > 1 for word in {*small} - {"i"}):
        return False
    if _DOERS.issuperset(small) and _ANYONE.issuperset(map(lexicon.base, things)):
        return False
    return not any(_is_one(one, word) for one in things for word in small)


def _asks(small: Sequence[str], other: Sequence[str]) -> bool:
    """Whether a question word differs, which other rules compare; a relative pronoun may be one of them."""
    return small != _RELATIVE and not _ASKING.isdisjoint({*small, *other[:1]})
