"""
National identity numbers by shape, checked by their check digits (python-stdnum).

Modules are imported on first use, because a gateway that allows personal data needs none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module

BY_DIGITS: Mapping[int, tuple[str, ...]] = {
    9: ("us.ssn", "nl.bsn", "pt.nif", "ca.sin", "au.tfn", "il.idnr"),
    10: ("gb.nhs", "se.personnummer", "bg.egn", "cz.rc", "at.vnr"),
    11: (
        "de.idnr",
        "pl.pesel",
        "br.cpf",
        "be.nn",
        "no.fodselsnummer",
        "tr.tckimlik",
        "hr.oib",
        "gr.amka",
        "ee.ik",
        "ar.cuit",
    ),
    12: ("in_.aadhaar", "se.personnummer"),
    13: ("za.idnr", "ro.cnp", "si.emso", "kr.rrn", "ch.ssn"),
    15: ("fr.nir",),
}
"""Modules by the number of digits."""

BY_SHAPE: Mapping[str, tuple[str, ...]] = {
    r"[0-9]{8}-?[A-Z]": ("es.dni",),
    r"[XYZ]-?[0-9]{7}-?[A-Z]": ("es.nie",),
    r"[A-Z]{3} ?[A-Z]{3} ?[0-9LMNP-V]{2}[A-EHLMPRST][0-9LMNP-V]{2} ?[A-Z][0-9LMNP-V]{3}[A-Z]": ("it.codicefiscale",),
    r"[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-Y]": ("fi.hetu",),
    r"[0-9]{7}[A-W][A-IW]?": ("ie.pps",),
    r"[A-Z]{4}[0-9]{6}[HM][A-Z]{5}[0-9A-Z][0-9]": ("mx.curp",),
    r"[0-9]{1,2}\.?[0-9]{3}\.?[0-9]{3}-[0-9K]": ("cl.rut",),
    r"[12] ?[0-9]{2} ?[0-9]{2} ?2[AB] ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}": ("fr.nir",),
}
"""Modules of ids with letters, or of any length, by a pattern of the whole id in capitals."""

_DAY = r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
UNCHECKED = (
    r"[A-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-Z]",  # British national insurance number
    r"[A-Z]{3}[ABCFGHJLPT][A-Z][0-9]{4}[A-Z]",  # Indian permanent account number
    r"[0-9]{3}-[0-9]{2}-[0-9]{4}",  # social security number or taxpayer number of the United States
    r"[0-9]{6}-?[1-8][0-9]{6}",  # Korean resident registration number: since 2020 without a check digit
    rf"[1-9][0-9]{{5}}{_DAY}[0-9]{{3}}[0-9X]",  # Chinese resident identity number: its places change
)
"""Ids known by their shape, without a check digit to rely on."""


def is_valid(text: str, modules: tuple[str, ...]) -> bool:
    """Whether the check digits of one of these modules agree."""
    return any(_validator(module)(text) for module in modules)


@cache
def _validator(module: str) -> Callable[[str], bool]:
    check: Callable[[str], bool] = import_module(f"stdnum.{module}").is_valid
    return check
