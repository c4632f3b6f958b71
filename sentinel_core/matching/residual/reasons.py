"""Sets aside why something is asked, where it changes no answer: "It looks ugly, so how do I center a div?"."""

from __future__ import annotations

import re

from sentinel_core.matching.gate import lexicon, likeness
from sentinel_core.matching.gate.reading import function_words, word_set
from sentinel_core.matching.language import is_english
from sentinel_core.support.patterns import has_any, lazy

LONGEST = 400
"""Characters of a prompt that a reason is looked for in; a longer one tells more than that."""

MOST_WORDS = 24
"""Words of a reason."""

_OPENING = (
    r"(?:how|what|why|where|when|which|who|whose|can|could|may|is|are|do|does|did|will|should|please|wie|was|warum|wieso"
    r"|wo|wann|welche[rsnm]?|wer|kann|darf|ist|gibt|comment|pourquoi|o\u00f9|quand|quel(?:le)?s?|combien|qu'est|est-ce"
    r"|puis-je|peut-on|\u00bf ?\w+|c\u00f3mo|qu\u00e9|d\u00f3nde|cu\u00e1\w+|come|cosa|dove|quando|quanto"
    r"|perch\u00e9|qual"
    r"|posso|como|onde|quais|hoe|wat|waar|waarom|wanneer|welke|hur|vad|varf\u00f6r|jak|co|dlaczego|gdzie)"
)
_SO = r"(?:(?:and |so |then |thus |therefore |also |daher |alors |donc |entonces |quindi |ent\u00e3o |dus )+,? ?)?"
_BOUNDARY = lazy(
    rf"(?:[.!;\u2026:,](?: [-\u2013\u2014])? | [-\u2013\u2014] |(?= so ) )({_SO}){_OPENING}\b", re.IGNORECASE
)
_BETWEEN = (". ", "? ", ", ", "! ", "; ", ": ", "\u2026 ", " - ", "\u2013 ", "\u2014 ", " so ")
"""Texts one of which stands between a reason and its question; without them a prompt is not searched."""

_AFTER = lazy(r"\? (?=\w)")
_WORD = lazy(r"[^\W_]+(?:['\u2019][^\W_]+)?")
_OTHER_SIGNS = lazy(r"[\d`\"{}<>=|\\/_$\u20ac@#&*\n(\[]")
_NAME = lazy(r"(?<=[a-z,] )[A-Z]\w")

_LEANING = word_set(
    "it this these those they them he she him her one ones same still anyway instead again else then dies ihn ihm "
    "dort dafür dagegen damit ça cela celui celle lui eso esto ello ciò questo quello isso isto deze ermee daarmee"
)
"""Words of a question that lean on a sentence before it."""

_VAGUE = word_set(
    "do happen help need work make get go tun machen helfen faire aider hacer fare fazer doen soll sollte kann "
    "k\u00f6nnte muss darf jetzt ich es dois peux puis maintenant je debo puedo ahora yo se devo posso adesso ora "
    "agora moet kan nu"
)
"""Words that name nothing a question could be about."""


_WHETHER = lazy(
    r"(?:can|could|may|is|are|do|does|did|will|should|kann|darf|ist|gibt|est-ce|puis-je|peut-on|posso)\b", re.IGNORECASE
)

_CHANGING = word_set(
    "if unless when whenever while without only except but although though until before after than or not no never "
    "with for from to under between against through within during into about must should can could may might would "
    "will need want"
)
"""Function words that bring a condition, a purpose or a limit."""

_LINKING = word_set("to for with about from into during after in when")
"""Those of them that are harmless around words of an idle reason: `new to`, `for class`, `about it`."""

_IDLE = word_set(
    "see notice read hear watch wonder think know understand remember forget learn study cover discuss talk mention "
    "tell ask say argue bet look search google check come across realise realize curious interested confused "
    "puzzled unsure sure keep show recommend bring class lesson course lecture exam quiz homework assignment essay "
    "presentation school university college teacher professor ad ads advert advertisement news article blog book "
    "magazine podcast video series movie film documentary radio tv internet online web post forum thread meeting "
    "dinner lunch conversation chat yesterday today tonight tomorrow morning afternoon evening night week weekend "
    "month day time hour minute recently lately just now earlier soon always often sometimes constantly ever "
    "finally already long ago last next past since monday tuesday wednesday thursday friday saturday sunday "
    "annoying annoyed annoy ugly frustrating frustrated embarrassed embarrassing hate like enjoy mess messy "
    "terrible awful weird strange funny nice great boring hard difficult complicated confusing crazy mad drive "
    "wrong mistake typo really very too quite pretty bit little lot much many everything everywhere everyone "
    "something thing stuff way idea word term bother stress upset question topic subject novel phrase quiz trivia "
    "crossword puzzle riddle agree disagree laugh joke stare stand sit fight struggle patience head mind early "
    "balcony sky beautiful couch sofa desk ugh oh wow cookbook know"
)
_PERSONS = word_set(
    "friend cousin sister brother mother father mum mom dad wife husband neighbor neighbour boss colleague coworker "
    "kid son daughter child grandma grandpa uncle aunt roommate flatmate partner girlfriend boyfriend parent"
)
_EVENTS = word_set(
    "lose spill drip drop stain leak smell clog overflow burn cook bake clean wash paint tidy decorate pack unpack "
    "plan prepare organize organise invite guest visitor arrive go travel visit holiday vacation trip party kitchen "
    "bathroom garden house home room floor wallet purse bag handbag backpack pocket key letterbox full empty dirty "
    "dusty wait whole place tired worried nervous excited happy"
)
_ELSEWHERE = word_set(
    "ich mein meine meinen meiner mir mich wir uns unser unsere hat habe haben ist sind war wird werden der die das "
    "den dem ein eine einen einer und auf in im am an aus bei von zu zum zur so es sie da hier etwas gerade eben "
    "heute gestern morgen woche abend nacht immer oft schon wieder noch mehr kaum viel sehr alles \u00fcberall "
    "gelesen geh\u00f6rt gesehen bemerkt gemerkt frage interessiert neugierig unsicher verwirrt vergessen verstehe "
    "wei\u00df unterricht schule kurs pr\u00fcfung klasse hausaufgabe freund freundin kollege kollegin nachbar "
    "nachbarin \u00e4rgerlich nervig h\u00e4sslich verloren versch\u00fcttet umgekippt gekippt heruntergefallen "
    "runtergefallen gefallen getropft passiert eingekauft kommt raus rein gekocht gebacken geputzt putze r\u00e4ume "
    "k\u00fcche bad haus zimmer tisch boden tasche geldbeutel portemonnaie geldb\u00f6rse schl\u00fcssel "
    "briefkasten voll leer wasser glas letzte letzten diese dieser tag je j'ai j'avais mon ma mes nous notre on "
    "c'est est sont \u00e9tait le la les l un une des du de et dans sur au aux en ce cette ces me m'a se s'est tout "
    "tous partout tr\u00e8s trop hier aujourd'hui soir matin semaine nuit jour toujours souvent viens juste vient "
    "lu vu entendu remarqu\u00e9 cours classe examen \u00e9cole ami amie coll\u00e8gue voisin voisine cuisine "
    "maison sac portefeuille perdu cl\u00e9s renvers\u00e9 tach\u00e9 tomb\u00e9 verre moche p\u00e9nible "
    "d\u00e9sordre plein pleine derni\u00e8re dernier qu'il qu'elle a ai yo mi mis me se he hemos ha nos nuestro "
    "nuestra el la los las un una unos y en es son era estaba est\u00e1 estoy al del todo todos muy demasiado ayer "
    "hoy anoche ma\u00f1ana semana noche d\u00eda siempre acabo acaba le\u00eddo le\u00ed visto vi o\u00eddo "
    "escuch\u00e9 clase curso examen escuela amigo amiga colega vecino vecina cocina casa bolso cartera perdido "
    "perd\u00ed llaves derram\u00e9 derramado cay\u00f3 ca\u00eddo copa vaso feo fea molesto curioso curiosidad "
    "desorden lleno llena io mio mia miei ho abbiamo hai ha \u00e8 sono era il lo gli i un una dei di e nel nella "
    "sul ieri oggi stasera domani settimana notte giorno sempre spesso appena letto visto sentito notato corso "
    "lezione classe esame scuola amico amica collega vicino vicina cucina casa borsa portafoglio perso chiavi "
    "rovesciato caduto caduta bicchiere brutto fastidioso tutto tutti molto troppo adoro eu meu minha meus tenho "
    "temos tem o a os as um uma no na nos nas ontem hoje amanh\u00e3 noite dia acabei li vi ouvi aula prova escola "
    "vizinho vizinha cozinha perdi carteira chaves derramei caiu copo taça feio tudo muito sempre ik mijn heb "
    "hebben we wij ons onze de het een op en net gisteren vandaag avond nacht altijd vaak gelezen gehoord gezien "
    "gemerkt les klas examen school vriend vriendin collega buurman keuken huis tas portemonnee verloren sleutels "
    "gemorst gevallen lelijk vervelend overal alles heel erg vol leeg"
)


def without_reason(prompt: str) -> str:
    """
    Return the question of a prompt without the sentences that say how one came to ask it; else the prompt.

    A reason is left out only where each of its words is about the asking (`we are covering this in class`), of a list
    of mishaps and times, or a word of the question, and where the question can stand alone. Linear in the prompt.
    """
    if len(prompt) > LONGEST or "\n" in prompt.strip():
        return prompt
    text = " ".join(prompt.split())
    if not has_any(text.lower(), _BETWEEN):
        return prompt
    for found in _BOUNDARY.finditer(text):
        reason, question = text[: found.start()], text[found.end(1) :]
        if _stands_alone(question):
            return _capitalised(question) if _changes_nothing(reason, question) else prompt
    after = _AFTER.search(text)
    if after:
        question, reason = text[: after.start() + 1], text[after.end() :]
        if "?" not in reason and _stands_alone(question) and _changes_nothing(reason, question):
            return question
    return prompt


def _capitalised(question: str) -> str:
    return question[:1].upper() + question[1:]


def _stands_alone(question: str) -> bool:
    """Whether it names its subject, and leans on nothing before it."""
    words = _WORD.findall(question.lower())
    content = {lexicon.base(word) for word in words} - function_words() - _VAGUE
    return _LEANING.isdisjoint(words) and len(content) >= 2


def _changes_nothing(reason: str, question: str) -> bool:
    words = _WORD.findall(_ON_A_SIDE.sub("", reason.lower().replace("\u2019", "'")))
    if not 2 <= len(words) <= MOST_WORDS or _OTHER_SIGNS.search(reason):
        return False
    named = {lexicon.base(word) for word in _WORD.findall(question.lower())}
    if not is_english(f"{reason} {question}".lower()):
        return all(word in _ELSEWHERE or word in named for word in words)
    if _SUBJECTS.isdisjoint(words):  # `on weekends, is it open` asks about weekends
        return False
    if _FACT.match(question) and _is_apart(reason, question):
        return True
    kinds = {_kind(word, named) for word in words}
    if _NAME.search(reason) or ("lost" in words and not named.isdisjoint(set(words) - function_words())):
        return False
    if None in kinds or {"person", "event"} <= kinds:
        return False
    return not _WHETHER.match(question) or "event" not in kinds


def _is_apart(reason: str, question: str) -> bool:
    """Whether a story tells of an hour, not of its teller, and has no word like one of a question about no person."""
    story, asked = (_WORD.findall(text.lower()) for text in (reason, question))
    if _NAME.search(reason) or "?" in reason or _STATE.search(reason) or not _NO_FACT.isdisjoint(asked):
        return False
    idle = sum(lexicon.base(_CONTRACTED.sub("", word)) in _IDLE | _PERSONS | _EVENTS for word in story)
    if idle < _CUES or not _CONDITION.isdisjoint(story):
        return False
    told = [word for word in story if word not in function_words() | _HELPERS and word not in _IDLE]
    near = likeness.nearest(told, [word for word in asked if word not in function_words()])
    return max(near, default=0.0) < LIKE


_CUES = 2
"""Words of times, mishaps and talk from which a story is an idle one."""

_STATE = lazy(
    r"\b(?:i|we)(?:'m|'re| am| are) (?!\w+ing\b|so\b|just\b|very\b|really\b)|\b(?:my|our) \w+ (?:is|are|has|have)\b"
    r"|\b(?:i|we) (?:have|use|own|play|work|live|take|took|drank|ate|speak|drive|need|want|prefer|adopt\w*|bought|buy"
    r"|weigh|grow|got|had|moved|married)\b",
    re.IGNORECASE,
)
"""Words that tell of the teller, or of his things."""

LIKE = 0.6
"""Nearness from which a word of a story may say which thing a question is about, as a puppy does of dogs."""

_FACT = lazy(
    r"(?:who|whose|when|what (?:is|are|was|were|does|do|did) (?!wrong|happening)|where (?:is|are|was|were)"
    r"|how (?:many|far|tall|high|old|big|deep|heavy|fast|long (?:is|are|was|were)))\b",
    re.IGNORECASE,
)
_NO_FACT = word_set(
    "i i'm me my mine we us our you your best better good safe safer normal typical average recommended healthy "
    "should must may can could allowed legal limit limits dose dosage required cost costs price fee fare need needs "
    "much required rule rules penalty fine tip risk treatment cure deadline opening open closed current currently "
    "today now here near nearest local side word words term mean means meaning wear bring take use eat drink give"
)
"""Words of questions whose answer depends on the asker, the place or the subject."""

_CONDITION = word_set("if unless only without except instead but assuming suppose imagine say let in-case")


def _kind(word: str, named: set[str]) -> str | None:
    """Return the kind of a word of a reason: `person`, `event`, or neither; None if it may change the answer."""
    base = lexicon.base(_CONTRACTED.sub("", word))
    if base in _IDLE or word in _IDLE or word in _LINKING:
        return ""
    if base in _PERSONS:
        return "person"
    if base in _EVENTS or word in _EVENTS:
        return None if base in named else "event"
    if word in function_words() | _HELPERS:
        return None if word in _CHANGING else ""
    return "" if base in named else None


_SUBJECTS = word_set(
    "i i'm i've i'd we we're we've my our it it's is are was were that's he she they you everyone someone "
    "there me us mine these those curious confused stuck asking"
)
_ON_A_SIDE = lazy(r"\bon the (?:left|right|side|top|bottom)\b")
_CONTRACTED = lazy(r"'(?:s|m|re|ve|d|ll)\Z")
_HELPERS = word_set(
    "i i'm we we're i've we've it's that's my our me us am is are was were have has had been be being get got"
)
