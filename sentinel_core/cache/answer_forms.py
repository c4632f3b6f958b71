"""Forms of answers that can be compared for nothing: short texts and JSON, normalised."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from sentinel_core.cache import soundness
from sentinel_core.cache.storing import is_refusal
from sentinel_core.chat.messages import Completion
from sentinel_core.chat.surfaces import finish
from sentinel_core.support.patterns import lazy

SHORT = 280
"""Characters up to which texts are compared: longer ones are never equal, or boilerplate."""

LONGEST_JSON = 4_000

_FENCE = lazy(r"\A```\w*\s*\n(.*?)\n?```\Z", re.DOTALL)
_ENDS = " \t\r\n\"'`“”‘’«»*_.!。！,;:"
_EMPTY_WORDS = frozenset(
    """unknown|none|n/a|na|null|nil|undefined|ok|okay|done|sure|error|tbd|nothing|unbekannt|inconnu|desconocido
|sconosciuto|keine|ninguno|aucun|nessuno|no answer|no data|no result|no results|not found|not available|not applicable
|not specified""".replace("\n", "").split("|")
)
_HAVE_NOT = r"(?:do not|don't|don’t|dont|did not|didn't|didn’t|does not|doesn't|doesn’t|cannot|can't|can’t|can not"
_UNKNOWING = lazy(
    rf"\b{_HAVE_NOT}|could not|couldn't|couldn’t)\s+(?:\w+\s+)?"
    r"(?:know|have|find|say|tell|determine|answer|see|access|provide|confirm|verify|help|assist|contain|mention|specify"
    r"|be (?:determined|answered|found))\b"
    r"|\bunable to\b|\bnot able to\b|\bnot (?:really |entirely |completely )?(?:sure|certain|aware|familiar)\b"
    r"|\bunsure\b|\b(?:have|is|are|there's|there’s|with) (?:no|not enough|insufficient)\b.{0,30}"
    r"\b(?:information|context|data|idea|knowledge|details|answer|record|mention|way)\b"
    r"|\bno (?:information|idea|relevant|answer|record|mention)\b"
    r"|\b(?:insufficient|not enough) (?:information|context|data)"
    r"|\bnot (?:mentioned|specified|provided|given|stated|found|available|included|contained|clear|listed)\b"
    r"|\b(?:information|answer|data|context)\b.{0,30}\b(?:missing|unavailable|lacking)\b"
    r"|\b(?:need|provide|give|share)\b.{0,25}\b(?:more|further|additional)\b.{0,15}"
    r"\b(?:information|context|details|specifics)\b|\bplease (?:clarify|rephrase|specify|provide|try)\b"
    r"|\b(?:sorry|apologi[sz]e|apologies|as an ai)\b|\boutside (?:of )?my\b|\bbeyond my\b|\bagainst my\b"
    r"|\b(?:contact|consult|ask|speak (?:to|with)|talk to) (?:a|an|our|your|the|customer)\b"
    r"|\bweiß (?:es |das )?(?:ich )?(?:leider )?nicht\b|\bweiss (?:ich )?nicht\b|\bkeine (?:ahnung|angabe|information)"
    r"|\b(?:kann|können) .{0,40}\bnicht\b|\bleider\b|\bne (?:sais|peux|dispose)\b|\bje n['’]ai pas\b|\bdésolé"
    r"|\bno (?:lo )?(?:sé|puedo|tengo)\b|\blo siento\b|\bnon (?:lo )?(?:so|posso|ho)\b|\bmi dispiace\b"
    r"|\bnão (?:sei|posso|tenho)\b|\bnie (?:wiem|mogę|mam)\b|\bweet (?:ik |het )?niet\b|не (?:знаю|могу)|извините"
    r"|わかりません|分かりません|できません|申し訳|不知道|无法|無法|抱歉|对不起"
    r"|모르겠|죄송|لا أعرف|لا أستطيع|नहीं (?:पता|जानता|कर)",
    re.IGNORECASE,
)


def form_of(completion: Completion, *, longest: int = SHORT) -> str | None:
    """
    Return the form in which answers are compared, None for one that says nothing about its prompt.

    Those are refusals, "I don't know", questions back, errors, empty answers, calls of tools, unfinished ones, and
    texts of more than `longest` characters.
    """
    if completion.message.get("tool_calls") or completion.message.get("function_call") or completion.is_partial:
        return None
    if completion.finish_reason.casefold() not in finish.STOP or is_refusal(completion):
        return None
    text = soundness.without_thoughts(completion.text)
    if text is None or len(text) > LONGEST_JSON:
        return None
    fenced = _FENCE.match(text.strip())
    text = (fenced[1] if fenced else text).strip()
    return _json_form(text, longest) if text[:1] in ("{", "[") else _text_form(text, longest)


def _text_form(text: str, longest: int) -> str | None:
    if len(text) > longest or soundness.is_error_text(text):
        return None
    form = " ".join(unicodedata.normalize("NFKC", text).casefold().split()).strip(_ENDS)
    return form if _says_something(form) and not text.rstrip().endswith(("?", "？", "؟")) else None


def _json_form(text: str, longest: int) -> str | None:
    try:
        value = json.loads(text)
        leaves = list(_leaves(value))
        if not any(_is_filled(leaf) for leaf in leaves):
            return None
        if any(isinstance(leaf, str) and leaf and not _says_something(leaf.casefold().strip(_ENDS)) for leaf in leaves):
            return None
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    except (ValueError, RecursionError):
        return _text_form(text, longest)


def _says_something(form: str) -> bool:
    if form in _EMPTY_WORDS or not any(map(str.isalnum, form)):
        return False
    return _UNKNOWING.search(form) is None


def _is_filled(leaf: Any) -> bool:
    return leaf is not None and leaf is not False and leaf != ""


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    else:
        yield value
