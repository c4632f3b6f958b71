"""The text of a prompt that is embedded and compared: one spelling for equal meanings."""

import re
import unicodedata
from functools import lru_cache

from sentinel_core.matching import spelling_rules
from sentinel_core.matching.courtesy import without_courtesy
from sentinel_core.matching.language import is_english
from sentinel_core.matching.lone_question import lone_question
from sentinel_core.matching.long_forms import with_initials
from sentinel_core.matching.negative_questions import positive
from sentinel_core.matching.number_words import digits
from sentinel_core.matching.other_languages import question_of
from sentinel_core.matching.other_languages.reading import shared_languages
from sentinel_core.matching.recasts import recast
from sentinel_core.matching.slips import mended
from sentinel_core.matching.special_forms import written_out
from sentinel_core.matching.spelling_rules import QUESTION_WORD
from sentinel_core.matching.spellings_elsewhere import COURTESY, ELSEWHERE
from sentinel_core.matching.spellings_worldwide import LATIN, WORLDWIDE
from sentinel_core.support.unicode_text import normalised

VERSION = "c14"
"""Part of the index's name in Redis; raised whenever a prompt may get another comparable text, hence another vector."""

LONGEST = 4_000
"""Characters, before and after folding; a longer prompt is only stripped, because no embedder here reads that far."""

_ROUNDS = 6
_SHORTEST_QUOTE = 12
"""Characters from which a prompt in quotes is a question, not a phrase that is looked for."""

_LONGEST_ELSEWHERE = 400
"""Characters; longer texts in other languages are seldom one question."""


def comparable(prompt: str) -> str:
    """
    Return the prompt in the spelling that is compared; the stripped prompt where nothing else is left.

    Total, and linear in the prompt's length: no pattern reads a character more than a few times.
    """
    stripped = prompt.strip()
    return stripped if len(stripped) > LONGEST else _question(stripped)


@lru_cache(maxsize=256)
def _question(stripped: str) -> str:
    text = _comparable(lone_question(stripped))
    question = question_of(text)
    text = text if question == text else _comparable(question)
    shorter = without_courtesy(text)
    return text if shorter == text else comparable(shorter)


@lru_cache(maxsize=256)
def _comparable(stripped: str) -> str:
    plain = _folded(stripped)
    if len(plain) > LONGEST:
        return stripped
    if "```" in plain:
        return plain or stripped
    framed = _framed(plain)
    if framed != plain:
        return _comparable(framed)
    if not is_english(plain):
        text = _elsewhere(plain) or plain or stripped
        return _comparable(text) if text != plain and is_english(text) else text
    mended_text = stripped if not plain.isascii() and shared_languages(plain, "")[0] else mended(stripped)
    if mended_text != stripped:
        plain = _folded(mended_text)
    return _settled(positive(plain)) or plain or stripped


def _framed(plain: str) -> str:
    """Return a short text without the frames of questions in languages that the embedder does not read."""
    if len(plain) > _LONGEST_ELSEWHERE:
        return plain
    text = plain
    for _ in range(_ROUNDS):
        rewritten = (LATIN if text.isascii() else WORLDWIDE).rewritten(text).strip(_CLOSING_SIGNS)
        if rewritten == text or not rewritten:
            return text
        if text == plain and rewritten == plain.strip(_CLOSING_SIGNS):
            return plain
        text = rewritten
    return plain


def _elsewhere(plain: str) -> str:
    """Return a text in another language in the wording that is compared; of a long one only as it is."""
    if len(plain) > _LONGEST_ELSEWHERE:
        return plain
    text = _REPEATED_END.sub(r"\1", plain)
    for _ in range(_ROUNDS):
        shorter = COURTESY.sub("", text).strip()
        rewritten = ELSEWHERE.rewritten(shorter or text)
        if rewritten == text:
            return text
        text = rewritten
    return plain


def _settled(plain: str) -> str:
    text = plain
    for _ in range(_ROUNDS):
        rewritten = _rewritten(text)
        if rewritten == text:
            return text
        text = rewritten
    return plain


def _folded(text: str) -> str:
    """Unicode compatibility form, ASCII quotes and dashes, single spaces, no control characters, lower case."""
    plain = " ".join(text.split())
    if plain.isascii() and plain.isprintable():  # most prompts; the rest leaves these as they are
        return plain.lower()
    # NFKC after lower() and again: lower-casing can leave a sequence that composes differently.
    text = normalised("NFKC", normalised("NFKC", written_out(text)).lower())
    if len(text) > LONGEST:
        return text
    text = text.translate(_PUNCTUATION)
    return " ".join("".join(c for c in text if c.isspace() or unicodedata.category(c) not in _UNSEEN).split())


def _rewritten(text: str) -> str:
    text = _WORD.sub(_spelled, _unwrapped(_without_quotes(_folded(text))))
    text = spelling_rules.FIRST.rewritten(text)
    text = spelling_rules.CONVERSE.rewritten(text) if " than" in text else text
    text = digits(with_initials(spelling_rules.SPELLING.rewritten(text)))
    if text.startswith(spelling_rules.NOMINAL_STARTS):
        text = spelling_rules.NOMINAL.rewritten(text)
    if _DIGIT.search(text):
        text = spelling_rules.AFTER_DIGITS.rewritten(text)
    return recast(_asked(_unwrapped(" ".join(text.split()))))


def _without_quotes(text: str) -> str:
    """Drop one pair of quotes around all of a text."""
    is_quoted = len(text) > _SHORTEST_QUOTE and text[0] == text[-1] == '"' and text.count('"') == len('""')
    return text[1:-1].strip() if is_quoted else text


def _spelled(match: re.Match[str]) -> str:
    words, word = spelling_rules.WORDS, match[0]
    bare = word.rstrip("./")
    return words[word] if word in words else words.get(bare, bare) + word[len(bare) :]


def _unwrapped(text: str) -> str:
    """Drop greetings, apologies, requests for an answer, and thanks, as long as something is left."""
    for _ in range(_ROUNDS):
        shorter = _without_end(_LEADING.sub("", text, count=1)).strip()
        if not shorter or shorter == text:
            return text
        text = shorter
    return text


def _without_end(text: str) -> str:
    """Drop the closing signs, or else the closing words; only the end is searched, for all would take its square."""
    bare = text.rstrip(_CLOSING_SIGNS)
    if bare != text:
        return bare
    end = text[-_LONGEST_END:]
    return text[:-_LONGEST_END] + _TRAILING.sub("", end, count=1) if end.endswith(_LAST) or "regards" in end else text


def _asked(text: str) -> str:
    """`tell me about x`, `explain x`, `x explained` all ask `what is x`."""
    for rule in spelling_rules.ASKING.hinted(text):
        if rule.pattern.search(text):
            return rule.pattern.sub(rule.replacement, text, count=1)
    return text


_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
_PUNCTUATION = str.maketrans(
    {**dict.fromkeys("\u2018\u2019\u201a\u02bc\u00b4", "'"), **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"')}
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | {"\u00d7": "*", "\u00f7": "/", "\u2044": "/", "\u061f": "?", "\u0964": ".", "\u3002": ".", "\u3001": ","}
)

_DIGIT = re.compile(r"\d")
_REPEATED_END = re.compile(r"([?!.])(?: ?[?!.])+\Z")
_WORD = re.compile(r"(?<![\w'.-])[a-z0-9][\w'./-]*(?![\w'-])")

_GREETING = (
    r"(?:(?:hi|hiya|hey|hello|good (?:morning|afternoon|evening))"
    r"(?: (?:there|all|team|everyone|everybody|guys|folks|bot|support|friends?|sir|madam))?"
    r"|(?:dear|morning) (?:all|team|everyone|guys|folks)|morning(?= ?[,.!;-])"
    r"|dear (?:(?:support|customer|service|help)(?: (?:team|service|desk))?|sirs?(?: or madam)?|madam)(?= ?[,.!;:-])"
    r"|to whom it may concern(?= ?[,.!;:-]))"
)
_ASSISTANT = r"alexa|siri|cortana|bixby|olly"
_MACHINE = (
    rf"(?:(?:ok |okay |hey |hi )?(?:{_ASSISTANT}|chatgpt|assistant)|(?:ok|okay|hey) (?:google|computer)"
    r"|(?:google|computer|pda)(?=,))"
)
_APOLOGY = r"(?:sorry|excuse me|apologies)(?: to (?:bother|disturb) you)?(?: again)?"
_PREAMBLE = r"(?:just )?(?:a )?(?:quick|silly|stupid|dumb|simple) question"
_SPOKEN = rf"(?:{QUESTION_WORD}|i|can|could|would|do|does|is|are|please|ok|okay|so|then|tell|show|give|my|the)"
_NOISE = (
    r"(?:(?:i am |i'm |i was )?just wondering|um+|uh+|er+|erm|hmm+|ok|okay|yeah|please|kindly|basically|actually"
    r"|(?:honestly|frankly|seriously|anyway|listen|look|by the way|btw|real quick|quick (?:one|q)|(?:just )?out of "
    r"(?:interest|curiosity)|just curious|one (?:more|other|last) (?:thing|question))(?= ?[,.:;-])"
    rf"|(?:so|well|yes|right)(?= ?[,.!:;-]| {_SPOKEN}\b))"
)
_MODAL = r"(?:can|could|would|will)"
_TELL = (
    r"(?:tell me|let me know|advise me|inform me|remind me|enlighten me|help me (?:to )?(?:understand|figure out|"
    r"find out|work out))"
)
_WONDER = (
    r"(?:i(?: am|'m)? |i was )?(?:just )?(?:wonder(?:ing)?|curious)(?: about)?(?: if you (?:can|could|might) tell me)?"
)
_WANT = (
    r"i(?:(?: would|'d)? (?:really |just )?(?:like|love|want|need) to|(?: am|'m)? (?:just )?wanting to)"
    r" (?:know|find out|understand|ask|hear)"
)
_GRATEFUL = (
    r"(?:i|it)(?: would|'d|'ll| will) (?:be )?(?:(?:so|very|most|really|greatly|extremely|truly|much|deeply) )*"
    r"(?:grateful|thankful|glad|happy|obliged|delighted|great|nice|lovely|kind|helpful|appreciate it|appreciate)"
    r"(?: of you)? if you (?:could|can|would|might)(?: please| kindly)?"
)
_TROUBLE = (
    r"if (?:it|that)(?: is|'s| would be| will be)? ?(?:not|isn't|wouldn't be|won't be)? ?(?:be )?"
    r"(?:too much|any|no|a)(?: big)? (?:trouble|bother|hassle|inconvenience)(?: to you| for you)?"
)
_KIND = r"(?:would|could|might) you be (?:so kind as to|kind enough to|good enough to|so good as to|so nice as to)"
_KNOW = r"(?:do|would) you (?:happen to )?know|any idea|anyone know|does (?:anyone|anybody) know"
_SOMETIME = (
    r"(?: (?:yesterday|today|recently|earlier|somewhere|online|once|to me|at (?:dinner|lunch|work|school)|in class))?"
)
_IDLE = (
    r"(?:i )?(?:really )?hope (?:you are|you're|all is|everyone is|everything is) (?:doing )?"
    r"(?:well|good|fine|ok|okay|great)(?: today)?"
    r"|(?:i )?hope this (?:message |email )?(?:finds|reaches) you(?: well)?"
    r"|(?:nice|pleased|glad) to meet you(?: all)?"
    r"|(?:i|we) (?:really |just )?(?:love|enjoy|like) (?:this|your) "
    r"(?:app|site|website|service|product|shop|store|bot|work)"
    r"|(?:great|nice|good|awesome|cool) (?:app|site|website|service|product|work|job|bot)"
    r"|(?:my|a) \w+ (?:\w+ )?(?:mentioned|told me about|recommended|asked me about|talked about) (?:this|it|that)"
    rf"{_SOMETIME}"
    rf"|(?:i|we) (?:read|heard|saw|came across) (?:about )?(?:this|it|that){_SOMETIME}"
    r"|i(?: am|'m) (?:a bit |very |so |really |totally )?(?:new (?:here|to (?:all )?this)|confused|curious"
    r"|stuck|lost|unsure|not sure)"
    r"|(?:this|it|that)(?: is| may be| might be| could be|'s) (?:probably |maybe )?(?:a )?"
    r"(?:silly|stupid|dumb|basic|simple|quick|easy|strange|weird|obvious) (?:one|question)"
    r"|i(?: have|'ve got| got) (?:a|one|another) (?:quick |short |simple )?question"
    r"|(?:i )?(?:could not|can not|couldn't|can't|cannot) find (?:this|that|the answer|an answer|anything)"
    r"(?: anywhere| online| on (?:the|your) (?:site|website))?"
    r"|i(?: have|'ve)? (?:looked|searched|googled|checked) (?:everywhere|around|online|the faq|the docs)"
    r"(?: already| first)?"
    r"|(?:just )?(?:asking|checking|wondering) (?:for a friend|out of curiosity)"
    r"|thank(?:s| you) for (?:your|the|any|all)(?: (?:your|the|kind|quick|great|last))? "
    r"(?:help|time|support|answer|reply|advice)(?: yesterday| earlier| before| so far)?"
    r"|(?:long|first)[- ]time (?:user|caller|customer|reader|listener)(?: here)?"
)
"""Sentences before a question that change nothing about its answer; those that name a thing may."""

_LEADING = re.compile(
    rf"^(?:(?:{_IDLE})[.!]+ (?=\w)|(?:q|(?:my )?question(?: is)?): (?=\w)"
    rf"|(?:{_GREETING}|{_MACHINE}|{_APOLOGY}|{_PREAMBLE}|{_NOISE})(?:[ ,.!:;-]+(?:but )?|$)"
    rf"|i have (?:a |some |a few )?questions? (?:about|on|regarding) (?={QUESTION_WORD}\b)"
    rf"|(?:{_MODAL} (?:you|u|someone|anyone)|(?:are|would) you able to)(?: please| kindly| possibly)? {_TELL}"
    rf"(?: please)?,? (?={QUESTION_WORD}\b)"
    rf"|(?:would|do) you mind (?:telling|showing|explaining(?: to)?) (?:me|us) (?={QUESTION_WORD}\b)"
    rf"|{_MODAL} (?:you|u)(?: please| kindly| possibly)? (?=(?:tell|show|give|explain|describe|list|find"
    r"|help|define|let me|recommend|suggest|advise|share|provide|remind|walk|teach|guide|clarify|write|compose|draft"
    r"|translate|summari[sz]e|rewrite|proofread|generate|compare|solve|calculate|convert|brainstorm|name)\b)"
    rf"|(?:{_GRATEFUL}|{_TROUBLE}|{_KIND}),? "
    r"(?=[a-z]{3,} )(?!i |it |that |this |the |you )"
    rf"|{_TROUBLE},? (?={QUESTION_WORD}\b)"
    rf"|(?:{_TELL}|{_WONDER}|{_WANT}|{_KNOW}),? (?={QUESTION_WORD}\b)"
    r"|[\s,.!?;:)]+)"
)
_TRAILING = re.compile(
    r"(?:[\s,.!?;-]*\b(?:ty|tysm|tia|(?:(?:kind|best|warm) )?regards(?:,? ?[a-z]+(?: [a-z]+)?)?"
    r"|have a (?:nice|great|good|lovely|wonderful) (?:day|one|evening|weekend|week)"
    r"|(?:i(?: would|'d)? )?(?:really |greatly |very much )?appreciate (?:it|(?:your|any|the) (?:help|time|advice))"
    r"|any help (?:is|would be) (?:greatly |much |very )?appreciated"
    r"|(?:that|it) would be (?:wonderful|great|amazing|lovely|fantastic|very kind|very helpful|awesome)"
    r"|please|pls|plz|thanks(?: (?:a lot|so much|in advance|very much|again))?|cheers|"
    r"(?:many thanks)|thank you(?: (?:so|very) much| in advance)?(?: for your (?:help|time|support))?|thx"
    r"|if you (?:can|could|don't mind))"
    rf"|, ?(?:{_ASSISTANT}))$"
)
_LAST_WORDS = (
    "ty tysm tia day one evening weekend week it help time advice appreciated wonderful great amazing lovely fantastic "
    "kind helpful awesome please pls plz thanks lot much advance again cheers you support thx can could mind"
)
_LAST = (*_LAST_WORDS.split(), *_ASSISTANT.split("|"))
"""The last words of all that `_TRAILING` finds, but for names behind `regards`."""

_CLOSING_SIGNS = " \t\n,;:.!?"
_LONGEST_END = 60
"""Characters, more than the longest closing words have."""
