"""Tells the instruction of a prompt from the text it is to be applied to: translate, correct, classify this text."""

from __future__ import annotations

import re
from dataclasses import dataclass

READ = 1_500
"""Characters at the beginning and at the end of a prompt in which an instruction is looked for."""

_VERBS = (
    r"translate|transliterate|transcribe|rewrite|re-write|rephrase|reword|paraphrase|reformulate|correct|proof-?read|"
    r"spell-?check|copy-?edit|edit|polish|debug|refactor|lint|summari[sz]e|sum up|condense|shorten|abridge|"
    r"compress|simplify|"
    r"expand|elaborate on|classify|categori[sz]e|label|tag|annotate|grade|score|rate|evaluate|assess|critique|"
    r"moderate|extract|"
    r"parse|tokeni[sz]e|lemmati[sz]e|convert|transform|reformat|normali[sz]e|clean(?: up)?|complete|continue|fill in|"
    r"autocomplete|anonymi[sz]e|redact|mask|obfuscate|encode|decode|decrypt|encrypt|sort|reverse|capitali[sz]e|"
    r"punctuate|minify|"
    r"find (?:the |all |any )?(?:errors?|mistakes?|bugs?|typos?|entities|keywords?)|"
    r"detect the (?:language|sentiment|tone|intent|topic|emotion)|analy[sz]e the (?:sentiment|tone)|"
    r"(?:fix|improve|check) (?:the |my |any |all )?(?:grammar|spelling|punctuation|style|wording|typos?|errors?)"
)
"""What is done to a text that follows."""

_WEAK_VERBS = (
    r"improve|fix|repair|optimi[sz]e|review|lengthen|rank|mark|identify|turn|format|finish|analy[sz]e|explain|"
    r"describe|comment|"
    r"document|port|solve|compute|calculate|write|give|generate|decide|determine|judge|tell me|say|state|predict|"
    r"assign|list|"
    r"return|pick out|highlight|split|merge|make|count|check|find|interpret|read|name|detect|respond with|"
    r"reply with|output"
)
"""What may be done to a text, where the clause says which."""

_FOREIGN_VERBS = (
    r"[uü]bersetze\w*|korrigiere\w*|verbessere\w*|fasse?|klassifiziere\w*|extrahiere\w*|bewerte\w*|formuliere\w*|"
    r"vervollst[aä]ndige\w*|traduis\w*|traduire|r[eé]sume[zr]?|corrige[zr]?|classe[zr]?|reformule[zr]?|r[eé][eé]cri\w+|"
    r"extrais\w*|extraire|compl[eè]te[zr]?|traduce|traduzca|traducir|resume|resuma|resumir|corrige|corrija|corregir|"
    r"clasifica|clasifique|clasificar|reescribe|reescriba|reescribir|extrae|extraiga|completa|complete|traduci|"
    r"tradurre|"
    r"riassumi\w*|correggi\w*|classifica\w*|riscrivi\w*|estrai|traduza|traduzir|corrigir|classifique|reescreva|extraia|"
    r"vertaal|corrigeer|herschrijf|vat|classificeer|przet[lł]umacz|popraw|podsumuj|"
    r"\u043f\u0435\u0440\u0435\u0432\u0435\u0434\u0438\w*|"
    r"\u0438\u0441\u043f\u0440\u0430\u0432\u044c\w*|\u0441\u043e\u043a\u0440\u0430\u0442\u0438\w*|"
    r"\u043a\u043b\u0430\u0441\u0441\u0438\u0444\u0438\u0446\w*|"
    r"\u7ffb\u8bd1|\u7ffb\u8a33|\u603b\u7ed3|\u8981\u7d04|\u6821\u6b63"
)
_TEXTS = (
    r"(?:text|sentences?|paragraphs?|articles?|passages?|e-?mails?|letters?|essays?|stor(?:y|ies)|poems?|lyrics|"
    r"reviews?|"
    r"comments?|tweets?|posts?|feedback|messages?|tickets?|complaints?|transcripts?|conversations?|dialogues?|chats?|"
    r"documents?|abstracts?|reports?|notes?|resumes?|cvs?|headlines?|titles?|descriptions?|quotes?|phrases?|words?|"
    r"expressions?|equations?|formulas?|code|snippets?|functions?|scripts?|programs?|quer(?:y|ies)|sql|regex|json|yaml|"
    r"xml|html|csv|markdown|logs?|stack ?traces?|errors?|data|tables?|lists?|input|content|answers?|statements?|"
    r"claims?|"
    r"utterances?|requests?|names?|addresses|numbers?|dates?|recipes?|speech|draft|bullet points|minutes)"
)
_POLITE = (
    r"(?:please |pls |kindly |can you |could you |would you |will you |i want you to |i need you to |"
    r"i'd like you to |help me |"
    r"your (?:task|job) is to |your goal is to |you (?:must|should|will|are to|need to) |now |then |next |just |"
    r"task: |instructions?: |the task is to |bitte |merci de |por favor |veuillez |pouvez-vous )*"
)
_THIS = (
    r"(?:this|these|that|the following|following|the (?:text |\w+ )?(?:below|above)|below|above|the given|given|"
    r"the \w+ (?:below|above)|user(?:'s)? (?:text|input)|each|my|the user's|diesen?|dieses|folgenden?|le suivant|"
    r"suivante?|"
    r"ce(?:tte|t)?|est[ae]|siguiente|seguente|quest[oa]|seguinte)"
)
_START = r"(?:\A|(?<=[.!?:;>\n\u3002])|(?<=\n[-*#]))[\s\"'>*#\d.)-]{0,8}"
_CLAUSE_END = r"(?=[:\n\"\u201c\u00ab`<\u300c\uff1a]|[.!?](?:\s|\Z)|\Z)"

_IMPERATIVE = re.compile(
    rf"{_START}{_POLITE}(?:(?P<strong>{_VERBS}|{_FOREIGN_VERBS})|"
    rf"{_WEAK_VERBS})(?![\w-])(?P<object>[^:\n\"\u201c\u00ab`<.!?\uff1a]{{0,300}}){_CLAUSE_END}",
    re.IGNORECASE,
)
_ASKING = re.compile(
    rf"{_START}{_POLITE}(?P<object>(?:what|which|is|are|does|do|how|was|were|who|"
    rf"where)\b[^:\n\"\u201c\u00ab`<.!?\uff1a]{{0,200}}\b"
    rf"(?:{_THIS} {_TEXTS}|the {_TEXTS} (?:above|below)|{_THIS}(?=[:\n])|"
    r"(?:sentiment|tone|grammar|spelling|translation|summary|topic|intent|category|language) of)"
    rf"\b[^:\n\"\u201c\u00ab`<.!?\uff1a]{{0,100}}){_CLAUSE_END}",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    rf"\b{_THIS}\b|\b{_TEXTS}\b|\b(?:in)?to [A-Z]\w+|\bas (?:positive|negative|spam|json)", re.IGNORECASE
)
_SAYS_WHICH = re.compile(
    rf"\b{_THIS}(?: \w+){{0,2}} {_TEXTS}\b|\b(?:following|below|above)\b|\b{_THIS}\Z", re.IGNORECASE
)
_QUESTION_ANSWERING = re.compile(
    r"\banswer\b[^.\n]{0,40}\b(?:questions?|quer(?:y|ies)|users?|customers?)\b|\banswer (?:from|using|based|with|"
    r"only)\b"
    r"|^[\W_]*(?:question|q|user question|customer question)[\"'*_]{0,3}\s{0,3}[:>]|<question>|\b(?:context|"
    r"passages?)\b[\"'*_]{0,3}:",
    re.IGNORECASE | re.MULTILINE,
)
_INLINE = re.compile(
    r"\A\W{0,3}(?:please |can you |could you )*(?:translate (?P<one>.{1,400}?) (?:in)?to (?P<to>\w+)"
    r"|how (?:do|would|can|to) ?(?:you|i|we|one)? (?:say|write|translate|"
    r"spell) (?P<two>.{1,400}?) in (?P<in>\w+))\W{0,3}\Z",
    re.IGNORECASE | re.DOTALL,
)
_QUOTES = {'"': '"', "\u201c": "\u201d", "\u00ab": "\u00bb", "\u300c": "\u300d"}
_BEFORE_A_TEXT = frozenset({":", "\uff1a", "\n", *_QUOTES})
_EDGES = " \t\r\n\"'`\u201c\u201d\u2018\u2019\u00ab\u00bb:\uff1a"
_LABEL = re.compile(
    rf"\A[\s\"'<*_#]*(?:{_TEXTS}|input|source|original|user|english|"
    rf"sentence \d)[\"'>*_]{{0,3}}\s{{0,3}}[:>][*_]{{0,2}}\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Work:
    """An instruction and the text it is about."""

    instruction: str
    payload: str


def work(prompt: str) -> Work | None:
    """Return the instruction and its text; None where a prompt has no such instruction, or nothing beside it."""
    inline = _INLINE.match(prompt) if len(prompt) <= READ else None
    if inline:
        payload = inline["one"] or inline["two"]
        place = inline.start("one") if inline["one"] else inline.start("two")
        return Work(prompt[:place] + "\u2026" + prompt[place + len(payload) :], payload.strip(_EDGES))
    begin, end = _instruction(prompt)
    if end == 0:
        return None
    if prompt[end : end + 1] in _QUOTES:
        return _quoted(prompt, end)
    before, after = prompt[:begin].strip(), prompt[end:].strip(_EDGES)
    payload = "\n".join(part for part in (before, _LABEL.sub("", after, count=1).strip(_EDGES)) if part)
    return Work(prompt[begin:end].strip(), payload) if any(map(str.isalnum, payload)) else None


def _quoted(prompt: str, start: int) -> Work | None:
    """The text between the quotes, to the last closing one; the instruction is all around it."""
    end = prompt.rfind(_QUOTES[prompt[start]])
    payload = prompt[start + 1 : end]
    return Work(f"{prompt[: start + 1]}\u2026{prompt[end:]}", payload.strip()) if payload.strip() else None


def _instruction(prompt: str) -> tuple[int, int]:
    """Where the instruction begins and ends; (0, 0) without one."""
    for offset in (0, max(0, len(prompt) - READ)) if len(prompt) > READ else (0,):
        part = prompt[offset : offset + READ]
        if _QUESTION_ANSWERING.search(part):
            return 0, 0
        for pattern in (_IMPERATIVE, _ASKING):
            for match in pattern.finditer(part):
                if _names_a_text(match, part):
                    return offset + match.start(), offset + match.end() + (
                        part[match.end() : match.end() + 1] in {".", "!", "?"}
                    )
    return 0, 0


def _names_a_text(match: re.Match[str], part: str) -> bool:
    """Whether a text follows at once, behind a colon, a line end or a quote, or the clause says which one it is."""
    separator, spoken = part[match.end() : match.end() + 1], match["object"]
    says_which = bool(_SAYS_WHICH.search(spoken))
    if separator in {"", ".", "!", "?"} or match.groupdict().get("strong") is None:
        return says_which
    return says_which or separator in _BEFORE_A_TEXT or bool(_REFERENCE.search(spoken))
