"""Finds personal data by shape and check digits, and masks it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import cache, partial
from typing import NamedTuple

from sentinel_core.cache.personal_data.national_ids import BY_DIGITS, BY_SHAPE, UNCHECKED, is_valid
from sentinel_core.support.off_loop import off_loop
from sentinel_core.support.patterns import lazy

LONGEST = 32_768
MOST_NUMBERS = 400
"""Bounds of a text that is read, in characters and groups of digits; a text beyond them is `UNREAD` as a whole."""

_MOST_GROUPS = 8
_LONG = 2_000
_SEPARATORS = r"[ .\-/()\u00a0\u2010-\u2014]"


class Kind(StrEnum):
    """Kinds of personal data; each is the word that masks it."""

    CARD = "card"
    IBAN = "iban"
    EMAIL = "e-mail"
    PHONE = "phone"
    NATIONAL_ID = "national-id"
    CREDENTIAL = "credential"
    UNREAD = "unread"


class Found(NamedTuple):
    """A piece of personal data at `text[start:end]`."""

    start: int
    end: int
    kind: Kind


_EMAIL = lazy(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}(?:@|＠)(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24}")
_IBAN_COUNTRIES = (
    "A[DELTZ]|B[AEGHIRY]|C[HRYZ]|D[EJKO]|E[EGS]|F[IKOR]|G[BEILRT]|H[RU]|I[ELQST]|JO|K[WZ]|L[BCITUVY]|M[CDEKNRTU]|N[ILO]"
    "|OM|P[KLST]|QA|R[OSU]|S[ACDEIKMOTV]|T[LNR]|UA|V[AG]|XK|YE"
)
_IBAN = lazy(rf"(?<![A-Za-z0-9])(?i:{_IBAN_COUNTRIES})[0-9]{{2}}(?:[ \u00a0-]?[A-Za-z0-9]{{1,4}}){{3,9}}", re.ASCII)
_CREDENTIAL = lazy(
    r"\b(?:sk|rk|pk|gsk|ghp|gho|ghu|ghs|ghr|hf|npm|glpat|github_pat|xox[abeoprs]|dop_v1|shpat|pypi|key|nvapi|pplx|xai|r8|fw|tvly)"
    r"[-_][A-Za-z0-9][A-Za-z0-9_-]{14,250}(?![A-Za-z0-9])"
    r"|\b(?:AKIA|ASIA|AGPA|AIDA|AROA)[A-Z0-9]{16}\b|\bAIza[A-Za-z0-9_-]{35}|\bya29\.[A-Za-z0-9_-]{20,250}"
    r"|\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}|\b(?:AC|SK)[0-9a-f]{32}\b"
    r"|\beyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,1000}"
    r"|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]{0,8000}(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?"
    r"|\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{1,64}:[^\s/@]{1,128}@[^\s\"'<>]{1,200}"
    r"|https://hooks\.slack\.com/services/[A-Za-z0-9/_-]{20,80}"
    r"|(?i:\b(?:password|passwort|passwd|pwd|secret|api[ _-]?key|access[ _-]?token|token)\b"
    r"\s{0,3}(?:is\s{1,3}|[:=]\s{0,3}))"
    r"[\"'“]?(?=[^\s\"'”]{0,60}[0-9])(?=[^\s\"'”]{0,60}[A-Za-z])[^\s\"'”]{8,128}"
)
_GROUP = lazy(r"\(?[+＋]?\(?\d{1,20}")
_BETWEEN = lazy(rf"{_SEPARATORS}{{1,3}}")
_EXTENSION = lazy(r" ?(?:x|ext\.?|#) ?\d{1,6}(?!\w)", re.IGNORECASE)
_ROUND = lazy(r"0{3}$|^(\d)\1*$|^(?:0123456789|123456789\d?)$")
_CALLED = lazy(
    r"(?:phone|call|tel|mobile|cell|text|reach|fax|whatsapp|sms|ring|dial|handy|telefon|rufnummer|téléphone|portable"
    r"|teléfono|telefone|celular|number)\b\D{0,30}$",
    re.IGNORECASE,
)
_DATE = lazy(
    rf"\d{{1,2}}{_SEPARATORS}\d{{1,2}}{_SEPARATORS}\d{{4}}|(?:1[5-9]|20)\d{{2}}{_SEPARATORS}\d{{1,2}}{_SEPARATORS}\d{{1,2}}"
)
_DOTTED_BEFORE, _DOTTED_AFTER = lazy(r"\d\.$"), lazy(r"\.\d")
_DIGITS, _DECIMAL = lazy(r"\d+"), lazy(r"\d[.]\d+$")
_YEAR = lazy(r"1[5-9]\d\d|20\d\d")


def find(text: str) -> Sequence[Found]:
    """
    Return the personal data of a text in order, none overlapping another.

    A text beyond the bounds is returned whole as `UNREAD`, because an unknown text is not a harmless one.
    """
    if len(text) > LONGEST or len(_GROUP.findall(text)) > MOST_NUMBERS:
        return [Found(0, len(text), Kind.UNREAD)]
    return apart(list(_all(text)))


async def find_aside(text: str) -> Sequence[Found]:
    """Return as `find` does; a long text is read in a thread, because it may take 60 ms."""
    return await off_loop(partial(find, text), is_large=len(text) > _LONG)


def mask(text: str, found: Sequence[Found]) -> str:
    """Replace each finding by the name of its kind in brackets."""
    pieces, end = [], 0
    for each in found:
        pieces += [text[end : each.start], f"[{each.kind}]"]
        end = each.end
    return "".join([*pieces, text[end:]])


def apart(found: list[Found]) -> Sequence[Found]:
    """Return findings in order, of those that overlap the longest."""
    kept: list[Found] = []
    for each in sorted(found, key=lambda one: (one.start, -one.end)):
        if kept and each.start < kept[-1].end:
            if each.end - each.start > kept[-1].end - kept[-1].start:
                kept[-1] = each
            continue
        kept.append(each)
    return kept


def _all(text: str) -> Iterator[Found]:
    if "@" in text or "＠" in text:
        yield from (Found(*each.span(), Kind.EMAIL) for each in _EMAIL.finditer(text))
    yield from (Found(*each.span(), Kind.CREDENTIAL) for each in _CREDENTIAL.finditer(text))
    if any(map(str.isdigit, text)):
        yield from _ibans(text)
        yield from _shaped_ids(text)
        yield from _numbers(text)


def _ibans(text: str) -> Iterator[Found]:
    """Match greedily, then give back groups from the end: a word may follow an IBAN after a blank."""
    for each in _IBAN.finditer(text):
        end = each.end()
        while end - each.start() >= 15:
            if _is_iban(text[each.start() : end]):
                yield Found(each.start(), end, Kind.IBAN)
                break
            end -= 1


def _is_iban(text: str) -> bool:
    from stdnum import iban

    return bool(iban.is_valid(re.sub(r"[\s-]", "", text), check_country=False))


@cache
def _shapes() -> Sequence[tuple[re.Pattern[str], tuple[str, ...]]]:
    return [
        (re.compile(rf"(?<![A-Z0-9])(?:{shape})(?![A-Z0-9])", re.IGNORECASE | re.ASCII), modules)
        for shape, modules in {**BY_SHAPE, "|".join(UNCHECKED): ()}.items()
    ]


def _shaped_ids(text: str) -> Iterator[Found]:
    for pattern, modules in _shapes():
        for each in pattern.finditer(text):
            if not modules or is_valid(each[0].upper(), modules):
                yield Found(*each.span(), Kind.NATIONAL_ID)


def _numbers(text: str) -> Iterator[Found]:
    """Try the longest windows of digit groups first, and go on behind the first that is personal data."""
    runs: list[list[re.Match[str]]] = []
    for group in _GROUP.finditer(text):
        if runs and _continues(text[runs[-1][-1].end() : group.start()], group[0]):
            runs[-1].append(group)
        else:
            runs.append([group])
    for run in runs:
        yield from _in_run(text, run)


def _continues(between: str, group: str) -> bool:
    return bool(_BETWEEN.fullmatch(between)) if between else group[0] == "("


def _in_run(text: str, run: list[re.Match[str]]) -> Iterator[Found]:
    first = 0
    while first < len(run):
        for last in range(min(len(run), first + _MOST_GROUPS), first, -1):
            start, end = run[first].start(), run[last - 1].end()
            kind = _kind(text, start, end) if _stands_alone(text, start, end) else None
            if kind is not None:
                extension = _EXTENSION.match(text, end)
                yield Found(start, end if extension is None else extension.end(), kind)
                first = last
                break
        else:
            first += 1


def _stands_alone(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    if before.isalnum() or before in {"$", "€", "£", "¥"} or after in {"%", "€"}:
        return False
    if _DOTTED_BEFORE.search(text[max(0, start - 2) : start]) or _DOTTED_AFTER.match(text[end : end + 2]):
        return False
    return not after.isalnum() or _EXTENSION.match(text, end) is not None


class _Number(NamedTuple):
    """Groups of digits as they stand, with their separators; `digits` are theirs in ASCII."""

    whole: str
    groups: Sequence[str]
    digits: str

    @property
    def is_date(self) -> bool:
        return _DATE.match(self.whole) is not None

    @property
    def has_long_groups(self) -> bool:
        """Whether a group has two digits in the mean: lists of single digits have not."""
        return len(self.digits) >= 2 * len(self.groups)


def _kind(text: str, start: int, end: int) -> Kind | None:
    whole = text[start:end].lstrip("(")
    digits = "".join(str(int(each)) for each in whole if each.isdecimal())
    if not 7 <= len(digits) <= 19 or len(set(digits)) == 1:
        return None
    if len(digits) >= 13 and digits[0] in "123456" and whole[0].isdecimal() and _luhn(digits):
        return Kind.CARD
    number = _Number(whole, _DIGITS.findall(whole), digits)
    if _may_be_national_id(number) and is_valid(digits, BY_DIGITS.get(len(digits), ())):
        return Kind.NATIONAL_ID
    return Kind.PHONE if _is_phone(number, text[max(0, start - 60) : start]) else None


def _may_be_national_id(number: _Number) -> bool:
    return number.whole[0].isdecimal() and ")" not in number.whole and number.has_long_groups and not number.is_date


def _luhn(digits: str) -> bool:
    from stdnum import luhn

    return bool(luhn.is_valid(digits))


def _is_phone(number: _Number, before: str) -> bool:
    groups, digits = number.groups, number.digits
    if len(digits) > 15 or number.is_date:
        return False
    if number.whole[0] in "+＋":
        return len(digits) >= 8
    if _CALLED.search(before):
        return True
    if not number.has_long_groups or min(map(len, groups[1:]), default=2) < 2 or _DECIMAL.match(number.whole):
        return False
    return _is_grouped_as_phone(groups, digits) and _ROUND.search(digits) is None


def _is_grouped_as_phone(groups: Sequence[str], digits: str) -> bool:
    """Whether 9 to 12 digits, 7 with a leading zero, come in one group, or in groups of no years and round numbers."""
    if digits.startswith("00"):
        return len(digits) >= 9
    if not (7 if digits[0] == "0" else 9) <= len(digits) <= 12:
        return False
    if len(groups) == 1 or digits[0] == "0":
        return True
    is_list = any(map(_YEAR.fullmatch, groups[:-1])) or sum(group.endswith("00") for group in groups) > 1
    return len(groups) <= 6 and not is_list
