"""Refusals over an action behind a verb: to do something or doing it, doing it or having it done."""

import re
from collections.abc import Mapping

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, content_apart, fact, is_content, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule

_VERBS = {
    form: verb
    for verb, forms in (
        ("stop", "stop stops stopped stopping"),
        ("quit", "quit quits quitting"),
        ("remember", "remember remembers remembered remembering"),
        ("forget", "forget forgets forgot forgotten forgetting"),
        ("regret", "regret regrets regretted regretting"),
        ("go on", "on"),
        ("used", "used"),
    )
    for form in forms.split()
}
"""Verbs to which an action that follows is an aim behind "to", and a deed where it ends in "ing"."""

_COMPLEMENT = re.compile(
    r"\b(stop(?:s|ped|ping)?|quit(?:s|ting)?|remember(?:s|ed|ing)?|forg[eo]t(?:s|ten|ting)?|regret(?:s|ted|ting)?"
    r"|(?<=go )on|(?<=goes )on|(?<=went )on|(?<=going )on|used) (?:(to) )?(\w{3,})\b"
)

_HAVE = word_set("get gets got getting have has had having")
_LETTING = word_set("ask asking asked pay paying paid hire hiring hired let letting tell telling told take takes")
_ARRANGING = _HAVE | _LETTING
_HELPERS = re.compile(
    r"(?:\w+(?:er|or|ist|ian|man|woman)|firm|company|professional|expert|pro|shop|salon|garage|agency)s?"
)
_DETERMINERS = word_set("a an the my our your his her their its this that these those some")
_MOST = 4  # words from the verb to the participle

_HANDIWORK = word_set(
    "cut wash clean repair fix mend paint tattoo pierce translate inspect bury shorten lengthen resize castrate "
    "dye trim groom tune restring sharpen "
    "tow appraise value survey frame engrave alter tailor hem polish wax clip neuter spay vaccinate notarize notarise "
    "weld whiten straighten bleach shave massage restore refurbish refinish upholster plaster tile insulate sweep "
    "prune mow shear resole bind examine drill pull iron steam laminate proofread photograph wrap valet detail style "
    "braid curl cater embroider knit sew varnish sand weigh assess bake cook decorate dig clear pave roof shoe milk"
)
"""Work that one does oneself or has done by another, to whom another answer leads."""

_LIGHT = word_set("own ask pay hire let tell take online")
_ONESELF = word_set("own myself yourself ourselves oneself")


@gate_rule(
    must_refuse=[
        ("did the guard stop to smoke", "did the guard stop smoking", "to smoke", "smoking"),
        ("how can I remember locking the door", "how can I remember to lock the door", "locking", "to lock"),
        ("did she go on to study law", "did she go on studying law", "to study", "studying"),
        ("are nurses used to lift patients", "are nurses used to lifting patients", "to lift", "lifting"),
    ],
    must_pass=[
        ("how do I stop smoking", "how do I quit smoking"),
        ("how do I get used to working at night", "how can I get used to working nights"),
        ("what if I forget to pay", "what happens if I forgot to pay"),
    ],
)
def complement(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse an aim against a deed behind one verb: to stop to smoke, and to stop smoking."""
    left, right = _complements(asked), _complements(stored)
    for key in left.keys() & right.keys():
        if left[key] != right[key]:
            return Difference(left[key], right[key])
    return None


@fact
def _complements(reading: Reading) -> Mapping[tuple[str, str], str]:
    """Return the words behind each such verb, by the verb and the action: `to smoke` or `smoking`."""
    if reading.vocabulary.isdisjoint(_VERBS) or reading.is_story:
        return {}
    found = {}
    for form, to, word in _COMPLEMENT.findall(reading.text):
        verb, is_doing = _VERBS["forget" if form.startswith("forg") else form], word.endswith("ing")
        if (verb == "used" and to) or (verb != "used" and bool(to) != is_doing):
            found[verb, lexicon.base(word)] = f"to {word}" if to and not is_doing else word
    return found


@gate_rule(
    must_refuse=[
        ("how do I cut my hair", "how do I get my hair cut", "cut", "get cut"),
        ("where can I have my old car washed", "where can I wash my old car", "have washed", "wash"),
        ("can I inspect a boiler", "can I have a boiler inspected today", "inspect", "have inspected"),
        ("how do I cut my fringe", "how do I ask a stylist to cut my fringe", "cut", "ask to cut"),
        ("how long does it take to paint a room myself", "how long does it take a firm of painters to paint a room",
         "paint", "take to paint"),
        ("what does it cost to replace my own door", "what does it cost to have a door replaced", "replace",
         "have replaced"),
    ],
    must_pass=[
        ("how do I get my card activated", "how do I activate my card"),
        ("where can I get my car washed", "where can I have my car washed"),
        ("I have a car, how do I wash it", "how do I wash my car"),
        ("how long does it take for a broken heart to mend", "how long does it take to mend a broken heart"),
        ("when did I get my car repaired", "when was my car repaired"),
    ],
)  # fmt: skip
def arranged(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse work that one does against the same work that one has done: to cut one's hair, to get it cut."""
    if _ARRANGING.isdisjoint(asked.vocabulary) and _ARRANGING.isdisjoint(stored.vocabulary):
        return None
    left, right = _arranged(asked), _arranged(stored)
    if bool(left) == bool(right):
        return None
    mine, other = (asked, stored) if left else (stored, asked)
    (verb, words), *_ = (left or right).items()
    plain = next(
        (word for word in other.tokens if lexicon.base(word) == verb and (word == verb or not _is_done(word, verb))), ""
    )
    is_work = verb in _HANDIWORK or not _ONESELF.isdisjoint(other.vocabulary)
    apart = [word for word in content_apart(mine, other) if word not in _LIGHT]
    if not plain or not is_work or len([word for word in apart if not _is_helper(word)]) > 1:
        return None
    return Difference(words, plain) if left else Difference(plain, words)


@fact
def _arranged(reading: Reading) -> Mapping[str, str]:
    """Return the work done for the speaker, as `get cut`, by the verb; stories tell of too much."""
    words = reading.tokens if not reading.is_story else ()
    for at, have in enumerate(words):
        if have in _HAVE and words[at + 1 : at + 2] and words[at + 1] in _DETERMINERS:
            for done in words[at + 3 : at + 3 + _MOST]:
                if _is_done(done, lexicon.base(done)):
                    return {lexicon.base(done): f"{have} {done}"}
        if have in _ARRANGING and "to" in words[at + 2 : at + 7] and any(map(_is_helper, words[at + 1 : at + 6])):
            after = words.index("to", at + 2) + 1
            return {lexicon.base(word): f"{have} to {word}" for word in words[after : after + 1] if is_content(word)}
    return {}


def _is_helper(word: str) -> bool:
    return is_content(word) and _HELPERS.fullmatch(word) is not None


def _is_done(word: str, base: str) -> bool:
    """Whether it is a participle; `cut` is its own, and is none right behind "to"."""
    return is_content(word) and (
        word == "cut" or (word != base and word.endswith((*lexicon.PARTICIPLE_ENDINGS, "lt", "ft", "pt")))
    )
