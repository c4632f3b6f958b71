"""The question of a prompt that is written as a mail: without its subject, salutation, closing and signature."""

# ruff: noqa: E501  a pattern is read in one piece

from __future__ import annotations

import re
from functools import lru_cache

from sentinel_core.support.patterns import lazy

LONGEST = 600
"""Characters of a mail; a longer one says more than a question."""

MOST_AFTER = 4
"""Lines behind the closing: a name, a company, `Sent from my phone`."""

_SUBJECT = lazy(
    r"(?:subject|re|fwd?|betreff|aw|objet|asunto|oggetto|assunto|onderwerp|\u00e4mne|emne|temat|\u0442\u0435\u043c\u0430) ?: *(.*)",
    re.IGNORECASE,
)
_SALUTATION = lazy(
    r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|greetings|to whom it may concern|hallo|guten (?:tag|morgen|abend)"
    r"|sehr geehrte[rn]?|liebe[rs]?|moin|servus|bonjour|bonsoir|salut|ch\u00e8re?s?|cher|madame|monsieur|hola|buen[oa]s \w+"
    r"|estimad[oa]s?|querid[oa]s?|ciao|salve|buongiorno|buonasera|gentil[ei]|spett\w*|ol\u00e1|oi|bom dia|boa (?:tarde|noite)"
    r"|prezad[oa]s?|beste|geachte|goede(?:ndag|morgen|middag|navond)|hej|hei|szanown\w+|dzie\u0144 dobry"
    r"|\u0437\u0434\u0440\u0430\u0432\u0441\u0442\u0432\u0443\u0439\u0442\u0435|\u0434\u043e\u0431\u0440\u044b\u0439 \u0434\u0435\u043d\u044c|\u0443\u0432\u0430\u0436\u0430\u0435\u043c\w+)\b[^?:\n]{0,50}",
    re.IGNORECASE,
)
_CLOSING = lazy(
    r"(?:(?:(?:with )?(?:kind|best|warm(?:est)?|many) )?(?:regards|wishes)|best|(?:many )?thanks|thank you|thx|cheers|sincerely"
    r"|yours (?:sincerely|faithfully|truly)|sincerely yours|respectfully|all the best|mit (?:freundlichen?|besten|lieben) gr\w+"
    r"|(?:viele|beste|liebe|freundliche|sch\u00f6ne) gr\w+|mfg|lg|vg|vielen dank|besten dank|danke|(?:bien )?cordialement|merci"
    r"|bien \u00e0 vous|(?:meilleures )?salutations|(?:un )?saludos?|atentamente|(?:muchas )?gracias|(?:cordiali|distinti) saluti"
    r"|(?:mille )?grazie|saluti|atenciosamente|(?:muito )?obrigad[oa]|abra\u00e7os?|(?:melhores )?cumprimentos"
    r"|met (?:vriendelijke|hartelijke) groet(?:en)?|groet(?:en|jes)|(?:alvast )?bedankt|mvg|(?:med )?v\u00e4nliga h\u00e4lsningar|tack"
    r"|pozdrawiam|z powa\u017caniem|\u0441 \u0443\u0432\u0430\u0436\u0435\u043d\u0438\u0435\u043c|\u0441\u043f\u0430\u0441\u0438\u0431\u043e)\b[^?:\n]{0,40}",
    re.IGNORECASE,
)
_COURTEOUS = lazy(
    r"^(?:sent from (?:my )?.*|(?:[\W_]*(?:with|kind|kindest|best|warm|warmest|many|regards|wishes|thanks|thank|you|so|very|much"
    r"|in|advance|thx|cheers|sincerely|yours|faithfully|truly|respectfully|all|the|mit|freundlichen?|besten?|lieben?|viele|liebe"
    r"|sch\u00f6ne|gr\w+|mfg|lg|vg|vielen|dank|danke|im|voraus|bien|cordialement|merci|beaucoup|d'avance|\u00e0|vous|meilleures"
    r"|salutations|un|saludos?|atentamente|muchas|gracias|de|antemano|cordiali|distinti|saluti|mille|grazie|atenciosamente|muito"
    r"|obrigad[oa]|abra\u00e7os?|melhores|cumprimentos|met|vriendelijke|hartelijke|groet\w*|alvast|bedankt|mvg)\b)+[\W_]*$"
    r"|(?:[\W_]*(?:regards|best|thanks|cheers|greetings)\b)+[\W_]*(?=\S))",
    re.IGNORECASE,
)
"""A line of courtesy under a mail, or its beginning; the rest is a name."""

_ASKS = lazy(
    r".*\?|(?:please|could you|can you|i would like to know|i'd like to know|i want to know|i am wondering|i was wondering"
    r"|ich m\u00f6chte wissen|je voudrais savoir|quisiera saber|vorrei sapere|gostaria de saber|ik wil graag weten)\b.*",
    re.IGNORECASE | re.DOTALL,
)
_WORD = lazy(r"[^\W_]*\d[^\W_]*|[^\W\d_]{3,}|\b[A-Z]{2}\b")
_SHORT = 4
_NAMELESS = (
    "question about regarding concerning enquiry inquiry request help support urgent the and for our your quick "
    "frage anfrage bitte hilfe zum zur demande aide consulta pregunta ayuda domanda richiesta aiuto dúvida "
    "pergunta ajuda vraag hulp over"
)
_GENERAL = frozenset(_NAMELESS.split())
"""Words of a subject that name nothing."""


def without_mail(prompt: str) -> str:
    """
    Return the one paragraph that a mail asks; any other text as it is, also a mail that is to be worked on.

    A subject is left out only where the paragraph has its words.
    """
    return _mail(prompt)[0]


def author(prompt: str) -> str:
    """Return the name under a mail, by which its answer may greet the author; empty if there is none."""
    return _mail(prompt)[1]


def _mail(prompt: str) -> tuple[str, str]:
    return _parted(prompt) if "\n" in prompt and len(prompt) <= LONGEST else (prompt, "")


@lru_cache(maxsize=128)
def _parted(prompt: str) -> tuple[str, str]:
    """Return the paragraph that a mail asks, and the name under it."""
    lines = [line.strip() for line in prompt.strip().splitlines()]
    subject = _SUBJECT.fullmatch(lines[0]) if lines else None
    rest = [line for line in lines[1 if subject else 0 :] if line]
    has_salutation = len(rest) > 1 and _SALUTATION.fullmatch(rest[0]) is not None
    if not subject and not has_salutation:
        return prompt, ""
    rest = rest[1:] if has_salutation else rest
    body = _without_closing(rest)
    text = " ".join(body)
    is_question = len(body) > 0 and _ASKS.fullmatch(text) is not None and ":" not in text and "```" not in text
    if not is_question or not _says_no_more(subject, text):
        return prompt, ""
    names = (_COURTEOUS.sub("", line) for line in rest[len(body) :])
    return text, " ".join(name for name in names if name)


def _without_closing(lines: list[str]) -> list[str]:
    for at in range(max(1, len(lines) - MOST_AFTER - 1), len(lines)):
        after = lines[at + 1 :]
        if _CLOSING.fullmatch(lines[at]) and all("?" not in line and len(line.split()) <= 5 for line in after):
            return lines[:at]
    return lines


def _says_no_more(subject: re.Match[str] | None, text: str) -> bool:
    """Whether each word of the subject is in the text, or a form of it; a common trunk is enough."""
    lower = f" {' '.join(_WORD.findall(text))} ".lower()
    words = map(str.lower, _WORD.findall(subject[1])) if subject else ()
    return all(word in _GENERAL or _trunk(word) in lower for word in words)


def _trunk(word: str) -> str:
    """Return the beginning of a word, with the blank before it; a number or a short word counts whole."""
    return f" {word} " if len(word) < _SHORT or not word.isalpha() else f" {word[: max(4, len(word) - 4)]}"
