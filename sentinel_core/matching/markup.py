"""Takes the markup and the labels around a lone question away: `> …?`, `1. …?`, `<p>…?</p>`, `**Question:** …?`."""

from __future__ import annotations

import re

from sentinel_core.support.patterns import lazy

LONGEST = 600
"""Characters of a prompt that markup is looked for around."""

_LAYERS = 3

_MARKER = lazy(r"(?:>+|[-*\u2022\u2013]|#{1,6}|\(?\d{1,2}[.)])[ \t]+(?=[\"'\u00bf\u201c\u00ab*_<]{0,3}[^\W\d_])")
_HEADING = lazy(
    r"#{1,6} ?(?:task|question|prompt|query|request|user(?: question| query)?|input|problem|frage|aufgabe|pregunta"
    r"|domanda|pergunta|vraag)\s*:?\s*\n+",
    re.IGNORECASE,
)
_LABEL = lazy(
    r"[*_]{0,2}(?:question|query|q|user|task|frage|pregunta|domanda|pergunta|vraag|fr\u00e5ga|sp\u00f8rgsm\u00e5l|sp\u00f8rsm\u00e5l|"
    r"pytanie|ot\u00e1zka|k\u00e9rd\u00e9s|kysymys|soru|\u00eentrebare|вопрос|питання|"
    r"问题|問題|质问|質問|질문)\s?[:\uff1a][*_]{0,2}\s*(?=\S)",
    re.IGNORECASE,
)
_ANSWER = lazy(
    r"(?<!\s)(?=[^\S\n]{0,40}\n)\s++[*_]{0,2}(?:answer|a|response|assistant|"
    r"antwort|r\u00e9ponse|respuesta|risposta|resposta|antwoord|svar|odpowied\u017a|"
    r"odpov\u011b\u010f|v\u00e1lasz|vastaus|cevap|ответ|відповідь|答案|回答|"
    r"답변|답)\s?[:\uff1a][*_]{0,2}\s*\Z",
    re.IGNORECASE,
)
_ELEMENT = lazy(
    r"<(p|div|span|b|i|em|strong|h[1-6]|li|blockquote|q|question|query)>\s*([^<>\n]+?)\s*</\1>", re.IGNORECASE
)
_EMPHASIS = lazy(r"(\*\*|__|\*|_)(?=\S)([^*_\n]+)\1")
_QUESTION_SIGNS = ("?", "\uff1f")


def without_markup(prompt: str) -> str:
    """Return the one line of a question without its markup; a prompt of more lines, or without a question, as it is."""
    if len(prompt) > LONGEST:
        return prompt
    text = prompt.strip()
    if text[:1].isalpha() and "\n" not in text and ":" not in text and "\uff1a" not in text:  # most prompts
        return text if text.endswith(_QUESTION_SIGNS) else prompt
    text = _ANSWER.sub("", _HEADING.sub("", text, count=1) if _HEADING.match(text) else text)
    for _ in range(_LAYERS):
        bare = _bare(text)
        if bare == text:
            break
        text = bare
    return text if text.endswith(_QUESTION_SIGNS) and "\n" not in text else prompt


def _bare(text: str) -> str:
    for pattern in (_MARKER, _LABEL):
        text = pattern.sub("", text, count=1) if pattern.match(text) else text
    for wrapped in (_ELEMENT.fullmatch(text), _EMPHASIS.fullmatch(text)):
        if wrapped:
            return wrapped[2]
    return text
