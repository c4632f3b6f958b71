"""Takes the pictures of a mood away from a question: `How do I pay? 😅` asks `How do I pay?`."""

from __future__ import annotations

from sentinel_core.support.patterns import lazy

LONGEST = 400
"""Characters of a prompt."""

_FACES = "\U0001f600-\U0001f64f\U0001f910-\U0001f92f\U0001f970-\U0001f97a\U0001f9d0"
_HANDS = "\U0001f44b\U0001f44c-\U0001f44f\U0001f4aa\U0001f64c\U0001f64f\U0001f91d-\U0001f91f\u261d\u270c\u263a"
_HEARTS = "\u2764\u2728\U0001f494-\U0001f49f\U0001f525\U0001f4af\U0001f389\U0001f914\U0001f926\U0001f937\U0001f198"
_JOINERS = "\ufe0f\u200d\u2640\u2642\U0001f3fb-\U0001f3ff"
_MOOD = rf"[{_FACES}{_HANDS}{_HEARTS}][{_FACES}{_HANDS}{_HEARTS}{_JOINERS}]*"
_MOODS = lazy(rf"\s*{_MOOD}(?=\s|\Z|[.?!,])|\A{_MOOD}\s*")
_QUESTION = lazy(
    r"\?|(?:\A|[,.!] )\W*(?:(?:hi|hey|hello|ok|okay|so|and|but|um|please|hallo|hola|bonjour|ciao|salut|oi)\W+)*"
    r"(?:walk|show|explain|teach|how|what|why|where|when|which|who|can|could|is|are|do|does|wie|was|warum|wo|wann|comment|pourquoi|o\u00f9|quand"
    r"|c\u00f3mo|qu\u00e9|d\u00f3nde|come|cosa|dove|quando|como|onde|hoe|wat|waar)\b"
)
_ABOUT = lazy(
    r"emoji|emoticon|smiley|symbol|\bicon|\bmean|\bsign\b|sentiment|tone\b|classif|translat|caption|tweet|\breply|\bpost\b"
    r"|rewrite|bedeut|signifi|betekent|[:\"\u201c\u201d\u00ab\u00bb\n`]"
)
"""Words of a text that may be about its pictures, or about text to work on."""


def without_mood(prompt: str) -> str:
    """Return a question without the pictures of faces, hands and hearts; any other prompt as it is."""
    if prompt.isascii() or len(prompt) > LONGEST or not _MOODS.search(prompt):
        return prompt
    text = _MOODS.sub("", prompt).strip()
    lower = text.lower()
    is_question = _QUESTION.search(lower) is not None and len(lower.split()) > 2 and _ABOUT.search(lower) is None
    return text if is_question else prompt
