"""The text of a prompt that is embedded and compared: one spelling for what means the same."""

import re
import unicodedata
from functools import lru_cache

from sentinel_core.matching.number_words import digits

VERSION = "c3"
"""Part of the index's name in Redis; raised whenever a prompt may get another comparable text, hence another vector."""

LONGEST = 4_000
"""Characters; a longer prompt is only stripped, because no embedder here reads that far."""

_ROUNDS = 6

_Rule = tuple[re.Pattern[str], str]


def comparable(prompt: str) -> str:
    """Total and idempotent; the stripped prompt where nothing else is left."""
    stripped = prompt.strip()
    return stripped if len(stripped) > LONGEST else _comparable(stripped)


@lru_cache(maxsize=256)
def _comparable(stripped: str) -> str:
    plain = _folded(stripped)
    if "```" in plain:
        return plain or stripped
    return _settled(plain) or plain or stripped


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
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())
    text = text.translate(_PUNCTUATION)
    return " ".join("".join(c for c in text if c.isspace() or unicodedata.category(c) not in _UNSEEN).split())


def _rewritten(text: str) -> str:
    text = _WORD.sub(_spelled, _unwrapped(_folded(text)))
    text = digits(_spelled_alike(_SPELLING, text))
    if _DIGIT.search(text):
        text = _spelled_alike(_AFTER_DIGITS, text)
    return _asked(_unwrapped(" ".join(text.split())))


def _spelled_alike(rules: tuple[_Rule, ...], text: str) -> str:
    for pattern, replacement in rules:
        if pattern.search(text):  # mostly not, and `sub` reads its replacement before it looks
            text = pattern.sub(replacement, text)
    return text


def _spelled(match: re.Match[str]) -> str:
    word = match[0]
    bare = word.rstrip("./")
    return _WORDS[word] if word in _WORDS else _WORDS.get(bare, bare) + word[len(bare) :]


def _unwrapped(text: str) -> str:
    """Drop greetings, apologies, requests to be told, and thanks, as long as something is left."""
    for _ in range(_ROUNDS):
        shorter = _TRAILING.sub("", _LEADING.sub("", text, count=1), count=1).strip()
        if not shorter or shorter == text:
            return text
        text = shorter
    return text


def _asked(text: str) -> str:
    """`tell me about x`, `explain x`, `x explained` all ask `what is x`."""
    for pattern, replacement in _ASKING:
        if pattern.search(text):
            return pattern.sub(replacement, text, count=1)
    return text


_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
_PUNCTUATION = str.maketrans(
    {**dict.fromkeys("\u2018\u2019\u201a\u02bc\u00b4", "'"), **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"')}
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | {"\u00d7": "*", "\u00f7": "/", "\u2044": "/"}
)


def _rules(*pairs: tuple[str, str]) -> tuple[_Rule, ...]:
    return tuple((re.compile(pattern), replacement) for pattern, replacement in pairs)


_WORD = re.compile(r"(?<![\w'.-])[a-z0-9][\w'./-]*(?![\w'-])")

_GREETING = (
    r"(?:hi|hiya|hey|hello|dear|good (?:morning|afternoon|evening)|morning)(?: (?:there|all|team|everyone|guys|folks))?"
)
_ASSISTANT = r"alexa|siri|cortana|bixby|olly"
_MACHINE = (
    rf"(?:(?:ok |okay |hey |hi )?(?:{_ASSISTANT}|chatgpt|assistant)|(?:ok|okay|hey) google"
    r"|(?:google|computer|pda)(?=,))"
)
_APOLOGY = r"(?:sorry|excuse me|apologies)(?: to (?:bother|disturb) you)?(?: again)?"
_PREAMBLE = r"(?:just )?(?:a )?(?:quick|silly|stupid|dumb|simple) question"
_NOISE = (
    r"(?:(?:i am |i'm |i was )?just wondering|um+|uh+|er+|erm|hmm+|ok|okay|so|well|yeah|yes|please|kindly|basically"
    r"|actually|right)"
)
_MODAL = r"(?:can|could|would|will)"
_TELL = (
    r"(?:tell me|let me know|advise me|inform me|remind me|enlighten me|help me (?:to )?(?:understand|figure out|"
    r"find out|work out))"
)
_WONDER = r"(?:i(?: am|'m)? |i was )?(?:just )?(?:wondering|curious)(?: about)?(?: if you (?:can|could|might) tell me)?"
_WANT = (
    r"i(?:(?: would|'d)? (?:really |just )?(?:like|love|want|need) to|(?: am|'m)? (?:just )?wanting to)"
    r" (?:know|find out|understand|ask|hear)"
)
_KNOW = r"(?:do|would) you (?:happen to )?know|any idea|anyone know|does (?:anyone|anybody) know"
_QUESTION_WORD = r"(?:who|whom|whose|what|which|when|where|why|how|if|whether)"

_LEADING = re.compile(
    rf"^(?:(?:{_GREETING}|{_MACHINE}|{_APOLOGY}|{_PREAMBLE}|{_NOISE})(?:[ ,.!:;-]+(?:but )?|$)"
    rf"|i have (?:a |some |a few )?questions? (?:about|on|regarding) (?={_QUESTION_WORD}\b)"
    rf"|(?:{_MODAL} (?:you|u|someone|anyone)|(?:are|would) you able to)(?: please| kindly| possibly)? {_TELL}"
    rf"(?: please)?,? (?={_QUESTION_WORD}\b)"
    rf"|{_MODAL} (?:you|u)(?: please| kindly| possibly)? (?=(?:tell|show|give|explain|describe|list|find"
    rf"|help|define)\b)"
    rf"|(?:{_TELL}|{_WONDER}|{_WANT}|{_KNOW}),? (?={_QUESTION_WORD}\b)"
    rf"|[\s,.!?;:]+)"
)
_TRAILING = re.compile(
    r"(?:[\s,.!?;-]*\b(?:please|pls|plz|thanks(?: (?:a lot|so much|in advance|very much|again))?|cheers|"
    r"(?:many thanks)|thank you(?: (?:so|very) much| in advance)?|thx|if you (?:can|could|don't mind))"
    rf"|, ?(?:{_ASSISTANT})"
    r"|[\s,;:.!?]+)$"
)

_WORDS = {
    "what's": "what is", "whats": "what is", "who's": "who is", "where's": "where is", "when's": "when is",
    "how's": "how is", "why's": "why is", "that's": "that is", "there's": "there is", "it's": "it is",
    "he's": "he is", "she's": "she is", "here's": "here is", "let's": "let us", "i'm": "i am", "im": "i am",
    "can't": "can not", "cannot": "can not", "cant": "can not", "won't": "will not", "wont": "will not",
    "shan't": "shall not", "ain't": "is not", "dont": "do not", "doesnt": "does not", "didnt": "did not",
    "isnt": "is not", "wasnt": "was not", "havent": "have not", "hasnt": "has not", "couldnt": "could not",
    "gonna": "going to", "wanna": "want to", "gotta": "have to", "u": "you", "ur": "your", "pls": "please",
    "plz": "please", "thx": "thanks", "w/o": "without", "vs.": "vs", "versus": "vs", "e-mail": "email",
    "ai": "artificial intelligence", "nlp": "natural language processing", "llm": "large language model",
    "llms": "large language models", "2fa": "2 factor authentication", "two-factor": "2 factor",
    "2-factor": "2 factor", "mfa": "multi factor authentication", "multi-factor": "multi factor",
    "k8s": "kubernetes", "js": "javascript", "ts": "typescript", "postgresql": "postgres",
    "psql": "postgres", "db": "database", "dbs": "databases", "golang": "go language",
    "i18n": "internationalization", "l10n": "localization", "a11y": "accessibility", "gpu's": "gpus",
    "faqs": "faq", "faq's": "faq", "asap": "as soon as possible", "approx": "approximately",
    "approx.": "approximately", "dept": "department", "dept.": "department", "appt": "appointment",
    "info": "information", "usa": "united states", "u.s.a.": "united states", "u.s.": "united states",
    "u.s": "united states", "uk": "united kingdom", "u.k.": "united kingdom", "nyc": "new york city",
    "eu": "european union", "wifi": "wi-fi", "colour": "color", "colours": "colors",
    "favourite": "favorite", "cancelled": "canceled", "cancelling": "canceling", "centre": "center",
    "organise": "organize", "recieve": "receive", "recieved": "received", "definately": "definitely",
    "seperate": "separate", "occured": "occurred", "untill": "until", "tommorow": "tomorrow",
    "tommorrow": "tomorrow", "adress": "address", "acount": "account", "wich": "which",
    "becuase": "because", "beleive": "believe", "calender": "calendar", "goverment": "government",
    "enviroment": "environment", "wierd": "weird", "accomodation": "accommodation", "begining": "beginning",
    "buisness": "business", "teh": "the", "thier": "their", "alot": "a lot", "reccomend": "recommend",
    "recomend": "recommend", "passowrd": "password", "pasword": "password", "transfered": "transferred",
    "refered": "referred", "recieving": "receiving", "payed": "paid", "cancle": "cancel", "shoud": "should",
    "waht": "what", "wat": "what", "hwo": "how", "trasnfer": "transfer", "delievery": "delivery",
    "recipt": "receipt", "emergancy": "emergency", "allowence": "allowance", "bagage": "baggage",
    "definitly": "definitely",
}  # fmt: skip

_TOTAL = r"\bwhat(?: (?:is|was|are) the(?: total)?)? {} of\b(?! (?:the|my|your|this|that|a)\b)"
_SPELLING = _rules(
    (r"\bhow come\b", "why"),
    (r"\b(?:log(?:g(?:ing|ed))?|sign(?:ing|ed)?)[ -](in|out)\b", r"log\1"),
    (r"\b(check|opt)(?:t?ing|t?ed)?[ -](in|out)\b", r"\1\2"),
    (r"\bcovid[- ]?19\b|\bsars-cov-2\b", "covid"),
    (r"\bamerican express\b", "amex"),
    (r"\b(?:monday|mon) ?(?:to|-|through) ?(?:friday|fri)\b", "weekdays"),
    (r"(?<!north )(?<!south )(?<!latin )(?<!central )\bamerica\b", "united states"),
    (r"\bviii\b", "8"),
    (r"\bvii\b", "7"),
    (r"\biii\b", "3"),
    (r"\bii\b", "2"),
    (r"\b(the|in|within|inside|across) us(?=$|[ ,.?!](?!all\b|to\b|the\b))", r"\1 united states"),
    (r"\b(artificial intelligence|machine learning) \((?:ai|ml)\)", r"\1"),
    (r"\be mail\b", "email"),
    (r"(?<= )(?:um+|uh+|erm|hmm+),? ", ""),
    (r"\bwi fi\b", "wi-fi"),
    (r"\b(is|are|was|were|do|does|did|has|have|had|could|would|should|must|need)n't\b", r"\1 not"),
    (r"\b(you|we|they)'re\b", r"\1 are"),
    (r"\b(i|you|we|they)'ve\b", r"\1 have"),
    (r"\b(i|you|he|she|it|we|they)'ll\b", r"\1 will"),
    (r"\b(i|you|he|she|we|they)'d\b", r"\1 would"),
    (r"(?<![\d.] )(?<![\d.\w'-])ml(?![\w'-])", "machine learning"),
    (r"\bhow (?:do|can|could|would|might|may|shall) (?:i|you|we|one|someone)(?: go about)?\b", "how to"),
    (r"\bhow (?:i|we|one) (?:can|could|should|would|might|may)\b", "how to"),
    (r"\bwhat is the (?:way|process) (?:to|for)\b", "how to"),
    (r"\bis there (?:a|any) way (?:to|(?:that )?(?:i|we|you|one) can|for (?:me|us) to)\b", "how to"),
    (r"^(?:do you know )?(?:what are )?the (?:steps|process) (?:to|for)\b", "how to"),
    (r"\bwhat steps (?:do|should|must) (?:i|we|you) (?:have to |need to )?take to\b", "how to"),
    (r"\b(can|could|will|would|should|do|does|did|is|are|was|were|has|have|had) not (i|you|he|she|we|they)\b",
     r"\1 \2 not"),
    (_TOTAL.format("number"), "how many"),
    (_TOTAL.format("amount"), "how much"),
    (r"\bnot (?:been )?able to\b", "unable to"),
    (r"\bnot correct\b", "incorrect"),
    (r"\bleast expensive\b", "cheapest"),
    (r"\bleast difficult\b|\bmost eas(?:y|ily)\b", "easiest"),
    (r"\belaborate (?:on|about)\b", "explain"),
    (r"\bus (?=dollars?\b|citizens?\b|president|government|senate|congress\b|constitution|army\b)", "united states "),
    (r"\b(?:is it possible(?: for (?:me|us|someone))? to|am i (?:able|allowed) to|are we (?:able|allowed) to)\b",
     "can i"),
    (r"\bmay i\b", "can i"),
)  # fmt: skip

_DIGIT = re.compile(r"\d")
_NUMBER = r"\d+(?:\.\d+)?"
_AFTER_DIGITS = _rules(
    (r"(?<=\d)[- ]?(?:%|percent(?:age)?|per cent)(?!\w)", " percent"),
    (rf"\b({_NUMBER}) (?:plus|added to) (?={_NUMBER})", r"\1 + "),
    (rf"\b({_NUMBER}) minus (?={_NUMBER})", r"\1 - "),
    (rf"\b({_NUMBER}) (?:times|multiplied by|x) (?={_NUMBER})", r"\1 * "),
    (rf"\b({_NUMBER}) (?:divided by|over) (?={_NUMBER})", r"\1 / "),
    (rf"\b({_NUMBER}) (?:to the power of|raised to(?: the power of)?) (?={_NUMBER})", r"\1 ^ "),
    (rf"\b({_NUMBER}) squared\b", r"\1 ^ 2"),
    (rf"\b({_NUMBER}) cubed\b", r"\1 ^ 3"),
    (rf"(?<![\w.-])({_NUMBER})([+*^])(?={_NUMBER})", r"\1 \2 "),
    (r"(?<=\d)[- ]?(?:kilograms?|kilogrammes?|kilos?|kgs?)\b", " kg"),
    (r"(?<=\d)[- ]?(?:grams?|grammes?)\b", " g"),
    (r"(?<=\d)[- ]?(?:kilomet(?:er|re)s?|kms?)\b", " km"),
    (r"(?<=\d)[- ]?(?:centimet(?:er|re)s?|cms?)\b", " cm"),
    (r"(?<=\d)[- ]?(?:millimet(?:er|re)s?|mms?)\b", " mm"),
    (r"(?<=\d)[- ]?(?:millilit(?:er|re)s?|mls?)\b", " ml"),
    (r"(?<=\d)[- ]?(?:gigabytes?|gbs?|gigs?)\b", " gb"),
    (r"(?<=\d)[- ]?(?:megabytes?|mbs?|megs?)\b", " mb"),
    (r"(?<=\d)[- ]?(?:hrs?|hours?)\b", " hours"),
    (r"(?<=\d)[- ]?(?:mins?|minutes?)\b", " minutes"),
    (r"(?<=\d)[- ]?(?:secs?|seconds?)\b", " seconds"),
    (r"(?<=\d)[- ]?(?:°|degrees?)? ?(?:celsius|centigrade|°c)\b", " celsius"),
    (r"(?<=\d)[- ]?(?:°|degrees?)? ?(?:fahrenheit|°f)\b", " fahrenheit"),
    (r"(?<=\d)k\b", "000"),
    (r"\b(\d{1,2})(?::00)? ?([ap])\.?m\b\.?", r"\1 \2m"),
    (r"\b(\d{1,2}:\d{2}) ?([ap])\.?m\b\.?", r"\1 \2m"),
    (r"(?<=\d)-(?=[a-z]{3,})", " "),
)

_THING = r"(?:the |a |an )?(?:[\w.+#/-]+)(?: [\w.+#/-]+){0,5}"
_OVERVIEW = r"(?:overview|explanation|introduction|intro|definition|summary|description)"
_NOT_A_THING = rf"(?!{_QUESTION_WORD}\b|the difference|how\b|to\b|it\b|this\b|that\b|me\b|us\b|your?\b|my\b|more\b)"
_ASKING = _rules(
    (rf"^(?:explain|describe)(?: to me)?,? (?={_QUESTION_WORD}\b)", ""),
    (rf"^(?:please )?(?:tell me|explain|describe|define)(?: to me)?(?: (?:something|a bit|a little|more))?(?: about)? "
     rf"{_NOT_A_THING}({_THING})$", r"what is \1"),
    (rf"^(?:give me |provide )?(?:a |an |the )?(?:brief |short |quick )?{_OVERVIEW} (?:of|to|about|for) "
     rf"{_NOT_A_THING}({_THING})$", r"what is \1"),
    (rf"^{_NOT_A_THING}({_THING}),? explained$", r"what is \1"),
    (rf"^what (?:do you mean by|is meant by) ({_THING})$", r"what is \1"),
    (rf"^what (?:does|do) ({_THING}) mean$", r"what is \1"),
    (rf"^what is (?:the )?(?:meaning|definition) of ({_THING})$", r"what is \1"),
    (r"^(?:tell me|explain)(?: to me)? the difference", "what is the difference"),
    (r"^(what|who|where|when) ((?:the|a|an|my|our|your) [\w.+#/-]+(?: [\w.+#/-]+){0,5}) (is|are|was|were)$",
     r"\1 \3 \2"),
)  # fmt: skip
