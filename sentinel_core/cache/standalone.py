"""Whether the last turn of a chat stands alone: an English question that refers to nothing said before."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from sentinel_core.support.patterns import search_long

LONGEST = 400
"""Characters of a turn that is judged; a longer one is taken to need its history."""
LEAST_CONTENT = 2
LEAST_WORDS = 4

_OPENING = (
    r"(?:(?:hi|hello|hey)(?: there)?[,!.]? |(?:quick |one more |another |a )?(?:unrelated|different|general|separate)"
    r"(?: question)?[,:]? (?:but |though |question[:,]? )?)?"
)
_QUESTION = (
    r"(?:what(?:'s|’s)?|how|when(?:'s|’s)?|where(?:'s|’s)?|who(?:'s|’s)?|whose|why|"
    r"is|are|was|were|do|does|did|can|could|will|would|should|may|has|have|must)"
)
_BEGINNING = rf"{_OPENING}{_QUESTION}\b"

_REFERENCES = (
    # pronouns and demonstratives
    r"it|its|it's|it’s|itself|this|that|that's|that’s|these|those|they|them|their|theirs|they're|he|him|his|she|her|hers"
    # the caller's own things, of which the history may say which
    r"|my|mine|our|ours|myself"
    # places and times that were spoken of
    r"|here|there|then|now|before|after|earlier|later|afterwards|meanwhile"
    # one of several, and what was said
    r"|one|ones|other|others|another|same|else|both|either|neither|former|latter|above|below|previous|next|following"
    r"|first|second|third|last|which|such|so|more|less|again|still|too|also|as well|instead(?! of\b)|anyway|though"
    r"|already|yet|anymore|otherwise|respectively|remaining|rest|said|mentioned|told|you mean|etc"
)
_KNOWN = (
    r"option|offer|deal|plan|answer|question|example|reason|result|city|town|country|place|book|movie|film|show|series"
    r"|episode|recipe|dish|meal|function|code|script|file|article|text|document|page|author|company|firm|product|model"
    r"|program|team|game|player|person|man|woman|guy|lady|child|kid|baby|boy|girl|event|hotel|restaurant|flight|train"
    r"|order|ticket|booking|policy|claim|account|card|device|phone|laptop|car|house|flat|room|class|method|variable"
    r"|table|query|database|server|error|bug|issue|problem|process|project|story|song|poem|paper|study|test|exam|course"
    r"|job|role|meeting|appointment|delivery|parcel|package|refund|payment|invoice|bill|contract|subscription"
    r"|membership|warranty|item|size|colou?r|version|list|email|letter|message|link|number|amount|date|branch|store|shop"
    r"|animal|dog|cat|plant|drug|medicine|dose|patient|doctor|teacher|student|word|sentence|paragraph|picture|image"
    r"|photo|formula|equation|theory|war|battle|king|queen|president|capital|river|mountain|currency|language|two|three"
)
"""Nouns that after a bare "the" name something spoken of before: the city, the order."""
_AFTER_KNOWN = (
    r"(?=\W*$|[,;.]| (?:is|are|was|were|has|have|had|be|do|does|did|can|will|would|should|go|goes|come|comes|arrive"
    r"|arrives|open|opens|close|closes|work|works|need|needs|cost|costs|take|takes|start|starts|end|ends|to|i|you|we)\b)"
)
_COMPARATIVE = (
    r"bigger|larger|smaller|cheaper|better|worse|faster|slower|longer|shorter|higher|lower|newer|older|younger|harder"
    r"|simpler|safer|lighter|darker|further|stronger|weaker|warmer|colder|\w+ier|alternatives?|exceptions?|opposite"
    r"|differences?|similar|different|equivalent|compares?(?!.*\b(?:with|to|and)\b)|instance|details?"
)
_FOREIGN = (
    "der|die|das|dem|den|und|nach|mit|ich|wie|het|een|voor|le|la|les|des|et|est|el|los|las|del|que|por|para|il|di|att"
)
"""Frequent words of languages in which questions may begin as English ones do."""
_REFERENCE = (
    rf"\b(?:{_REFERENCES}|{_COMPARATIVE}|{_FOREIGN})\b|\bthe (?:\w+ )?(?:{_KNOWN})s?\b{_AFTER_KNOWN}"
    r"|\bthe (?-i:[a-z])[\w-]*\W*$"
    r"|^(?:what|who|where|when|how (?:much|many|long|old|big))(?:['’]s| is| are| was| were) the "
    r"(?:(?!(?:of|for|in|at|on|to|from|between)\b)[\w-]+ ){0,2}[\w-]+\W*$"
    r"|\bi(?:['’]ve|['’]m|['’]d| have| had| am| was| did| just)\b|\b(?:do|did|will|should|must) i (?:need|have|owe)\b"
    r"|^(?:can|could|would|will) you\b|^(?:is|are) (?:[\w-]+ ){1,2}(?:available|included|covered|enough|possible)\W*$"
)
_ELLIPSIS = r"(?:\.\.\.|…|\b(?:and|or|but|for|with|to|of|about|if|than|because)\W*$|^(?:what|how) about\b|^what if\b)"
_STANDING = (
    r"\bfrom now on\b|\b(?:always|never) (?:answer|reply|respond|say|use|write|include|mention|start|end|give)\b"
    r"|\bfor the rest\b|\bpretend\b|\b(?:act|behave|role-?play) (?:as|like)\b"
    r"|\byou are (?:now )?(?:a|an|my|the)\b|\bimagine\b|\bassume\b|\bsuppose\b|\bcall me\b"
    r"|\bremember (?:that|this|my)\b"
    r"|\b(?:answer|reply|respond|speak|talk|write|explain|translate)\b.{0,40}\b(?:in|as|like|only|with|without)\b"
    r"|\b(?:in|into|auf|en) (?:english|german|french|spanish|italian|dutch|portuguese|polish|turkish|russian|chinese"
    r"|japanese|korean|arabic|hindi|deutsch|español|français)\b|\bkeep (?:it|your|the|answers)\b|\bwhen i (?:say|ask)\b"
    r"|\bby .{1,30} i mean\b|\buse (?:bullet|metric|imperial|simple|short|british|american)\b|\bstands? for\b"
)
_BACK = (
    r"(?i:\b(?:you|i|we)(?:['’]ve| have| had)? (?:just |already |also |previously |earlier )*"
    r"(?:mentioned|said|asked|told|discussed|explained|noted|described|shared|talked|spoke)\b"
    r"|\b(?:earlier|previously|again|aforementioned)\b|\b(?:mentioned|described|noted|listed) (?:above|before)\b"
    r"|\bin addition to (?:that|this|these)\b|\bsame as (?:before|above)\b|\byour (?:last|previous|other|first) )"
    r"|^(?:(?i:hi|hello|hey|dear|sure|sure thing|of course|certainly|no problem|thanks|thank you|great|ok|okay),? )"
    r"[A-Z][a-z]+[,!.]|\b(?:you|there|welcome|worries|problem), [A-Z][a-z]+[!.]"
)
"""Answers that lean on the history they were given with."""
_COMMON = (
    "a actually all an and any anyone anything are at back be been big but by can cancel change check come "
    "cost costs could day deadline did do does everything exactly far fee for from get give go got had happen "
    "happens has have hello hi how i in is just kind know long make many may me mean means money much must "
    "need not of off often on or out over pay please price put question really recommend return see send "
    "should some someone something soon sort take tell the thing things through time to total unrelated up us "
    "use usually want was way we were what whats when whens where wheres who whos why will with work works "
    "would you your "
)
_EMPTY = frozenset(_COMMON.split())
"""Words that any question may have, or that need a context to name something."""
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")


def stands_alone(turn: str, earlier: Iterable[str] = ()) -> bool:
    """
    Whether a turn means the same without the user's `earlier` turns, as far as rules can tell.

    It must be one English question with two words of content, no pronoun, no ellipsis and no reference back; none
    of the earlier turns may tell how to answer from then on. When in doubt it does not stand alone.
    """
    turn = " ".join(turn.split())
    if not 0 < len(turn) <= LONGEST or not turn.isprintable():
        return False
    beginning, reference, ellipsis, standing = _patterns()
    if beginning.match(turn) is None or reference.search(turn) is not None or ellipsis.search(turn) is not None:
        return False
    words = _WORD.findall(turn)
    if turn.rstrip("?!. ").count("?") or len(words) < LEAST_WORDS or _content(words) < LEAST_CONTENT:
        return False
    return not any(standing.search(said) for said in earlier)


def refers_back(answer: str) -> bool:
    """Whether an answer speaks of the conversation before it, or to the caller by name."""
    return search_long(_back(), answer) is not None


@cache
def _back() -> re.Pattern[str]:
    return re.compile(_BACK)


def _content(words: Iterable[str]) -> int:
    """Count different words, without those that any question may have."""
    return len({word.casefold() for word in words} - _EMPTY)


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(text, re.IGNORECASE) for text in (_BEGINNING, _REFERENCE, _ELLIPSIS, _STANDING))
