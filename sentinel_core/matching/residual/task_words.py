"""Patterns of the words that name a task over a text, and the text; alternatives are parted by semicolons."""

from __future__ import annotations


def _any_of(listed: str) -> str:
    return "|".join(part.strip() for part in " ".join(listed.split()).split(";"))


VERBS = _any_of(
    r"""translate; transliterate; transcribe; rewrite; re-write; rephrase; reword; paraphrase; reformulate; correct;
    proof-?read; spell[- ]?check; grammar[- ]?check; copy-?edit; edit; polish; debug; refactor; lint; summari[sz]e;
    sum up; tl.?dr; condense; shorten; abridge; compress; simplify; expand; elaborate on; classify; categori[sz]e;
    label; tag; annotate; grade; score; rate; evaluate; assess; critique; moderate; extract; parse; tokeni[sz]e;
    lemmati[sz]e; convert; transform; reformat; normali[sz]e; clean(?: up)?; complete; continue; fill in;
    autocomplete; anonymi[sz]e; redact; mask; obfuscate; encode; decode; decrypt; encrypt; sort; reverse;
    capitali[sz]e; punctuate; minify; turn into; optimi[sz]e; find (?:the |all |any
    )?(?:errors?|mistakes?|bugs?|typos?|entities|keywords?); (?:detect|identify) the
    (?:language|sentiment|tone|intent|topic|emotion); analy[sz]e; (?:fix|improve|check) (?:the |my |any |all
    )?(?:grammar|spelling|punctuation|style|wording|typos?|errors?);
    (?:sentiment|tone|grammar|entity|topic) (?:analysis|detection|check)(?: of| for)?;
    (?:write|give|generate|suggest|create|draft|add|make)(?: me)?(?: an?| the| some| one)? (?:\w+ ){0,2}?"""
    "(?:summary|title|headline|caption|docstring|abstract|subject line|unit tests?|comments?|outline|translation)"
    "(?: (?:for|of|to|from))?"
)
"""Work on a text that follows at once."""

WEAK_VERBS = _any_of(
    """improve; fix; repair; review; lengthen; rank; mark; identify; turn; format; finish; explain; describe; comment;
    document; port; solve; compute; calculate; write; give; generate; decide; determine; judge; tell me; say; state;
    predict;
    assign; list; return; pick out; highlight; split; merge; make; count; check; find; interpret; read; name; detect;
    respond with; reply with; output"""
)
"""Work on a text, if the clause says which."""

FOREIGN_VERBS = _any_of(
    r"""[uü]bersetze\w*; korrigiere\w*; verbessere\w*; fasse?; klassifiziere\w*; extrahiere\w*; bewerte\w*;
    formuliere\w*; vervollst[aä]ndige\w*; traduis\w*; traduire; r[eé]sume[zr]?; corrige[zr]?; classe[zr]?;
    reformule[zr]?; r[eé][eé]cri\w+; extrais\w*; extraire; compl[eè]te[zr]?; traduce; traduzca; traducir; resume;
    resuma; resumir; corrige; corrija; corregir; clasifica; clasifique; clasificar; reescribe; reescriba;
    reescribir; extrae; extraiga; completa; complete; traduci; tradurre; riassumi\w*; correggi\w*; classifica\w*;
    riscrivi\w*; estrai; traduza; traduzir; corrigir; classifique; reescreva; extraia; vertaal; corrigeer;
    herschrijf; vat; classificeer; przet[lł]umacz; popraw; podsumuj; переведи\w*; исправь\w*; сократи\w*;
    классифиц\w*; 翻译; 翻訳; 总结; 要約; 校正"""
)

TEXTS = (
    "(?:"
    + _any_of(
        r"""text; sentences?; paragraphs?; articles?; passages?; e-?mails?; letters?; essays?; stor(?:y|ies); poems?;
    lyrics; reviews?; comments?; tweets?; posts?; feedback; messages?; tickets?; complaints?; transcripts?;
    conversations?; dialogues?; chats?; documents?; abstracts?; reports?; notes?; resumes?; cvs?; headlines?;
    titles?; descriptions?; quotes?; phrases?; words?; expressions?; equations?; formulas?; code; snippets?;
    functions?; scripts?; programs?; quer(?:y|ies); sql; regex; json; yaml; xml; html; csv; markdown; logs?; stack
    ?traces?; errors?; data; tables?; lists?; input; content; answers?; statements?; claims?; utterances?;
    requests?; names?; addresses; numbers?; dates?; recipes?; speech; draft; bullet points; minutes"""
    )
    + ")"
)

POLITE = (
    "(?:(?:"
    + _any_of(
        """please; pls; kindly; can you; could you; would you; will you; i want you to; i need you to;
    i'd like you to; help me;
    your task is to; your job is to; your goal is to; you must; you should; you will; you are to; you need to; now;
    then;
    next; just; task:; instructions?:; the task is to; bitte; merci de; por favor; veuillez; pouvez-vous"""
    )
    + ") )*"
)

GIVEN = (
    "(?:"
    + _any_of(
        r"""this; these; the following; following; the (?:\w+ )?(?:below|above); below; above; the given; given;
    diesen?;
    dieses; folgenden?; le suivant; suivante?; ce(?:tte|t)?; est[ae]; siguiente; seguente; quest[oa]; seguinte"""
    )
    + ")"
)
"""Words that say that the text is in the prompt."""

_RELATIVE = r"that(?! (?:has|have|had|is|are|was|were|do|does|did|can|will|contains?)\b)"

THIS = rf"(?:{GIVEN}|{_RELATIVE}|each|my|the user(?:'s)?(?: text| input)?)"
