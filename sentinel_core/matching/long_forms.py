"""Names in full that are written as initials as well: `gross domestic product` becomes `gdp`, in lower-case English."""

import re

from sentinel_core.support.patterns import lazy

_LISTED = {
    "gdp": "gross domestic product", "nato": "north atlantic treaty organization", "vat": "value added tax",
    "api": "application programming interface", "dna": "deoxyribonucleic acid", "rna": "ribonucleic acid",
    "hiv": "human immunodeficiency virus", "gps": "global positioning system", "cpu": "central processing unit",
    "gpu": "graphics processing unit", "ram": "random access memory", "ssd": "solid state drive",
    "hdd": "hard disk drive", "isp": "internet service provider", "vpn": "virtual private network",
    "dns": "domain name system", "tls": "transport layer security", "ssl": "secure sockets layer",
    "sdk": "software development kit", "ide": "integrated development environment", "kpi": "key performance indicator",
    "roi": "return on investment", "ceo": "chief executive officer", "cfo": "chief financial officer",
    "cto": "chief technology officer", "pto": "paid time off", "apr": "annual percentage rate",
    "apy": "annual percentage yield", "etf": "exchange traded fund", "ipo": "initial public offering",
    "irs": "internal revenue service", "fda": "food and drug administration",
    "cdc": "centers for disease control and prevention", "epa": "environmental protection agency",
    "fbi": "federal bureau of investigation", "cia": "central intelligence agency",
    "imf": "international monetary fund", "wto": "world trade organization", "bmi": "body mass index",
    "mri": "magnetic resonance imaging", "ecg": "electrocardiogram", "uti": "urinary tract infection",
    "adhd": "attention deficit hyperactivity disorder", "ptsd": "post traumatic stress disorder",
    "copd": "chronic obstructive pulmonary disease", "ocd": "obsessive compulsive disorder",
    "ibs": "irritable bowel syndrome", "ivf": "in vitro fertilization", "icu": "intensive care unit",
    "nfc": "near field communication", "iot": "internet of things", "seo": "search engine optimization",
    "crm": "customer relationship management", "erp": "enterprise resource planning", "saas": "software as a service",
    "cdn": "content delivery network", "cors": "cross origin resource sharing", "orm": "object relational mapping",
    "oop": "object oriented programming", "jwt": "json web token", "led": "light emitting diode",
    "lcd": "liquid crystal display", "css": "cascading style sheets", "html": "hypertext markup language",
    "http": "hypertext transfer protocol", "sql": "structured query language", "url": "uniform resource locator",
    "pdf": "portable document format", "gui": "graphical user interface", "cli": "command line interface",
    "tdd": "test driven development", "mvp": "minimum viable product", "nda": "non disclosure agreement",
    "llc": "limited liability company", "hoa": "homeowners association", "hsa": "health savings account",
    "fsa": "flexible spending account", "sat": "scholastic aptitude test", "gpa": "grade point average",
    "ev": "electric vehicle", "rpm": "revolutions per minute", "uv": "ultraviolet",
    "nasa": "national aeronautics and space administration", "segfault": "segmentation fault",
    "regex": "regular expression",
    "repl": "read eval print loop", "cicd": "continuous integration and continuous delivery", "poc": "proof of concept",
}  # fmt: skip
_INITIALS = {words: initials for initials, words in _LISTED.items()}
_FIRST = frozenset(words.split()[0] for words in _INITIALS) | {"post-traumatic", "cross-origin", "object-oriented"}
_FORMS = lazy(
    r"\b(?:the (?=north atlantic|national aeronautics))?(?:"
    + "|".join(words.replace(" ", "[ -]") for words in sorted(_INITIALS, key=len, reverse=True))
    + r")(s?)\b"
    r"(?: \((?:" + "|".join(sorted(_LISTED)) + r")s?\))?"
)


def with_initials(text: str) -> str:
    """Return the text with the initials of each listed name; `gross domestic product (gdp)` is `gdp` as well."""
    return text if _FIRST.isdisjoint(re.split("[ -]", text)) else _FORMS.sub(_initials, text)


def _initials(match: re.Match[str]) -> str:
    words = match[0].partition(" (")[0].removeprefix("the ").replace("-", " ")
    plural = match[1] if words not in _INITIALS else ""
    return _INITIALS[words.removesuffix(plural) if plural else words] + plural
