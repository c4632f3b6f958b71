"""One wording for small talk that fills a whole prompt: `thanks a lot!` and `thank you so much` say the same."""

# ruff: noqa: E501  a pattern is read in one piece

from __future__ import annotations

from sentinel_core.support.patterns import lazy

LONGEST = 80
"""Characters of a prompt that may be small talk and nothing else."""

_HELLO = r"(?:hi|hello|hey|hiya|heya|howdy|greetings|yo|hallo)(?: (?:there|all|everyone|everybody|team|bot|assistant|guys|folks|again))?"
_THANKS = (
    r"(?:(?:many )?thanks|thank (?:you|u)|thx|ty|tysm|cheers|much appreciated|(?:i )?(?:really )?appreciate (?:it|that|your help))"
    r"(?: (?:so|very) much| a (?:lot|million|bunch|ton)| again| in advance| everyone| mate| guys| for (?:the|your|all(?: the| your)?)"
    r" (?:help|answer|time|support|reply|info|information|assistance))*"
)
_BYE = (
    r"(?:good ?bye|bye(?:[ -]bye)?|see (?:you|ya|u)(?: (?:later|soon|around))?|talk (?:to you )?(?:later|soon)|take care|farewell|cya|ttyl"
    r"|so long|until next time|catch you later)"
)
_BOT = r"(?:(?:a|an) )?(?:chat ?bot|bot|robot|machine|computer|program|ai|artificial intelligence)"
_HUMAN = r"(?:(?:a|an) )?(?:(?:real|actual|live) )?(?:human(?: being)?|person|people)"
_TO = r"(?:is this|are you|am i (?:talking|speaking|chatting|writing) (?:to|with)|(?:do i|did i) (?:talk|speak|chat) (?:to|with))(?: (?:actually|really|just))?"
_WHAT = r"(?:what|which) (?:kinds?|sorts?|types?) of (?:things|questions|stuff|tasks|help)|what(?: all| else| things)?"

_KINDS = {
    "hi": _HELLO,
    "thanks": rf"(?:(?:ok|okay|great|perfect|awesome|cool|nice|wonderful|brilliant|lovely|excellent|super)[,.!]? )*{_THANKS}(?:[,.!]? (?:and )?{_THANKS})?",
    "goodbye": rf"(?:(?:ok|okay|alright)[,.!]? )?{_BYE}(?:[,.!]?(?: and)? {_BYE})*(?: (?:everyone|all|guys|then|now|for now))?",
    "how are you": r"how(?: are|'re| r) (?:you|u|ya|things)(?: (?:doing|feeling|going|today))*|how (?:is it|is everything|have you been) ?(?:going|been)?(?: today)?|how(?: do|'s life| is life) ?(?:you do)?|how you doing",
    "who are you": r"who (?:exactly )?are you(?: exactly)?|what (?:exactly )?are you(?: exactly)?|(?:tell me )?who you are|introduce yourself|who am i (?:talking|speaking|chatting) (?:to|with)",
    "are you a bot or a human": rf"{_TO} (?:{_BOT} or {_HUMAN}|{_HUMAN} or (?:{_TO} )?{_BOT})",
    "are you a bot": rf"{_TO} {_BOT}",
    "are you a human": rf"{_TO} {_HUMAN}",
    "what can you do": rf"(?:{_WHAT}) (?:can|could) you (?:do|help(?: me)?(?: with)?|assist(?: me)?(?: with)?|answer)(?: for (?:me|us))?|(?:{_WHAT}) (?:can|could|may) i ask(?: you)?(?: about)?"
    r"|what are you (?:able|capable|good|used|here) (?:to|of|at|for) ?(?:do|doing|help|helping|assist)?(?: me| us)?(?: with)?|how (?:can|could|do) you (?:help|assist)(?: me| us)?|how to (?:help|assist) (?:me|us)"
    r"|(?:what are|list|show me|tell me) your (?:capabilities|skills|abilities|features|functions)|what is your purpose|(?:tell me )?what you can do(?: for me)?",
    "who made you": r"who (?:made|created|built|developed|programmed|designed|trained) you|who is your (?:creator|maker|developer)|who were you (?:made|created|built|developed) by",
    "help me": r"(?:can|could|would) you (?:please )?help me(?: out)?|help(?: me)?(?: please| out)?|i need (?:some |your )?help|i need (?:some )?assistance|i could use some help",
}
_ANY = {said: lazy(rf"(?:{pattern})") for said, pattern in _KINDS.items()}
_FIRST = frozenset(
    ["hi", "hello", "hey", "hiya", "heya", "howdy", "greetings", "yo", "hallo", "many", "thanks", "thank", "thx", "ty", "tysm", "cheers", "much",
     "i", "appreciate", "really", "ok", "okay", "great", "perfect", "awesome", "cool", "nice", "wonderful", "brilliant", "lovely", "excellent",
     "super", "good", "goodbye", "bye", "bye-bye", "see", "talk", "take", "farewell", "cya", "ttyl", "so", "until", "catch", "alright", "how",
     "who", "what", "which", "is", "are", "am", "do", "did", "list", "show", "tell", "introduce", "can", "could", "would", "help"]
)  # fmt: skip
"""The words that small talk begins with, without the signs behind them."""


def small_talk(text: str) -> str:
    """Return the wording that is compared of lower-case small talk; any other text as it is."""
    bare = text.rstrip(" .,!?")
    if len(text) > LONGEST or bare.split(" ", 1)[0].rstrip(",.!") not in _FIRST:
        return text
    return next((said for said, pattern in _ANY.items() if pattern.fullmatch(bare)), text)
