"""Wordings that mean the same in German, Spanish, French, Italian, Portuguese and Dutch, each with the one it becomes."""

# ruff: noqa: E501  a pattern is read in one piece

import re

from sentinel_core.matching.frames_elsewhere import FRAMES
from sentinel_core.matching.rewriting import rules_of

_ASK = (
    r"(?:(?:(?:k\u00f6nnen|k\u00f6nnten|k\u00f6nnt) (?:sie|ihr)|kannst du|k\u00f6nntest du) (?:mir|uns)(?: bitte| vielleicht| freundlicherweise)?(?: mal)?"
    r" (?:sagen|erkl\u00e4ren|verraten)|wissen sie(?: vielleicht| zuf\u00e4llig)?|wei\u00dft du(?: vielleicht| zuf\u00e4llig)?"
    r"|wisst ihr|wei\u00df jemand|ich frage mich|ich w\u00fcsste gern(?:e)?|mich interessiert|mich w\u00fcrde interessieren"
    r"|ich (?:m\u00f6chte|will|w\u00fcrde gerne?) wissen|sag(?:en sie|t)? mir(?: bitte)?|(?:hast du|haben sie) eine ahnung)"
)
_SUBJECT = r"(?:der|die|das|den|ein|eine|einen|mein|meine|ihr|ihre|euer|eure|ich|man|wir|es|sie|du|diese[rs]?)"
_WHAT_FR = r"(?:comment|pourquoi|quand|o\u00f9|combien|quel|qui|\u00e0 quel|de quel|en quel|qu'est)"
_WHAT_ES = r"(?:qu\u00e9|c\u00f3mo|por qu\u00e9|cu\u00e1nd|d\u00f3nde|qui\u00e9n|cu\u00e1l|cu\u00e1nt|a qu\u00e9|en qu\u00e9|hasta cu\u00e1nd)"
_WHAT_IT = r"(?:cosa|come|perch\u00e9|quand|dove|chi|qual|quant|a che|in che|entro quand)"
_WHAT_PT = r"(?:o que|como|por que|quand|onde|quem|qual|quais|quant|a que|em que|at\u00e9 quand)"
_QUESTION = (
    r"(?:(?:ich )?(?:h\u00e4tte|habe|hab) (?:da )?(?:mal )?(?:eine?|ne) (?:kurze |kleine |schnelle )?frage|(?:eine? )?(?:kurze |kleine "
    r"|schnelle )?frage|(?:j'ai |j'aurais )?(?:une )?(?:petite |simple )?question(?: rapide)?|(?:tengo )?una (?:peque\u00f1a )?"
    r"(?:pregunta|duda)(?: r\u00e1pida)?|(?:ho |avrei )?una (?:piccola )?domanda(?: veloce)?|(?:tenho )?uma (?:pequena )?"
    r"(?:pergunta|d\u00favida)(?: r\u00e1pida)?|(?:ik heb )?(?:een )?(?:korte |snelle )?vraag(?:je)?)"
)
"""Frames of a question, and the words that one begins with."""

ELSEWHERE = rules_of(
    (" h|h00|h 00", r"\b(\d{1,2}) ?h(?: ?00)?(?!\w)", r"\1h"),
    ("se trouve", r"\bo\u00f9 se trouv(?:e|ent)\b", "o\u00f9 est"),
    ("befinde", r"\bwo befinde(?:t|n) sich\b", "wo ist"),
    ("se encuentra|se ubica", r"\bd\u00f3nde se (?:encuentra|ubica)n?\b", "d\u00f3nde est\u00e1"),
    ("si trova", r"\bdove si trova(?:no)?\b", "dov'\u00e8"),
    ("onde fica|se encontra|se localiza", r"\bonde (?:fica|se encontra|se localiza)m?\b", "onde \u00e9"),
    ("bevindt", r"\bwaar bevindt zich\b", "waar is"),
    ("c'est combien", r"^c'est combien,? ", "combien co\u00fbte "),
    ("precio tiene", r"\bqu\u00e9 precio tienen?\b", "cu\u00e1nto cuesta"),
    ("comment faire|comment je fais|comment proc", r"^(?:je (?:voudrais|veux|souhaite|souhaiterais|cherche \u00e0)|j'aimerais) (.{3,60}?)[.,]? comment (?:faire|je fais|proc\u00e9der)(?=\W*$)", r"comment \1"),
    ("come faccio|come fare|como fa\u00e7o|como fazer", r"^(?:vorrei|voglio|quero|gostaria de|queria) (.{3,60}?)[.,]? (come|como) (?:faccio|fare|fa\u00e7o|fazer)(?=\W*$)", r"\2 \1"),
    ("quelle", r"^pour quelles? raisons?\b", "pourquoi"),
    ("weshalb|wieso|welchem grund", r"^(?:weshalb|wieso|aus welchem grund)\b", "warum"),
    ("qu\u00e9 motivo|qu\u00e9 raz\u00f3n", r"\bpor qu\u00e9 (?:motivo|raz\u00f3n)\b", "por qu\u00e9"),
    ("per quale|per che|come mai", r"^(?:per (?:quale|che) (?:motivo|ragione)|come mai)\b", "perch\u00e9"),
    ("que motivo|que raz\u00e3o", r"^por que (?:motivo|raz\u00e3o)\b", "por que"),
    ("welke reden", r"^om welke reden\b", "waarom"),
    ("c'est quoi,", r"^c'est quoi, ", "qu'est-ce que "),
    ("qual \u00e9 o", r"\bqual \u00e9 o (?:pre\u00e7o|custo|valor) para\b", "quanto custa"),
    ("cu\u00e1l es el", r"\bcu\u00e1l es el (?:precio|coste|costo) para\b", "cu\u00e1nto cuesta"),
    ("quel est", r"\bquel est le (?:prix|co\u00fbt|tarif) pour\b", "combien co\u00fbte"),
    (" ich", r"\b(brauch|hab|find|mach|komm|bekomm|krieg|zahl|k\u00fcndig|meld|schick|nehm|geb|seh|geh|steh|bestell|kauf|lad|l\u00f6sch|setz|stell|lass|sag|schreib|lern|such|buch|benutz|verwend)(?= ich\b)", r"\1e"),
    ("wie lang", r"\bwie lang\b", "wie lange"),
    ("frage|question|pregunta|duda|domanda|pergunta|d\u00favida|vraag", rf"^{_QUESTION} ?[:,.!-]+ (?=\S)", ""),
    ("was |wann |wo |wie |warum |wieso |woher |wohin |wozu ", rf"^(?:{_ASK},? )?(was|wann|wo|wie|warum|wieso|wie viel|wie lange|wie oft|wie teuer|woher|wohin|wozu) ({_SUBJECT}\b.{{1,80}}?) (\w+)(?=\W*$)", r"\1 \3 \2"),
    ("sagen|erkl|verraten|wissen|wei\u00df|wisst|frage mich|w\u00fcsste|interessier|sag|ahnung", rf"^{_ASK},? ob ({_SUBJECT}\b.{{1,80}}?) (\w+)(?=\W*$)", r"\2 \1"),
    ("sav|sais|demand|id\u00e9e", rf"^(?:(?:savez-vous|sais-tu|sauriez-vous|est-ce que (?:vous savez|tu sais)|vous savez|quelqu'un sait|je me demand(?:e|ais)|(?:avez-vous|as-tu|auriez-vous) une id\u00e9e d[eu'])) ?(?={_WHAT_FR})", ""),
    ("est-ce qu", r"^est-ce qu(?:e |')", ""),
    ("-il|-elle", r"(?<=\w) (est|sont|a|ont|peut|peuvent|doit|doivent|va|vont|faut|fait|font)-(?:t-)?(?:ils?|elles?)\b", r" \1"),
    ("sabe|pregunt|idea", rf"^(\u00bf?)(?:(?:usted |alguien )?sab(?:e|es|en|r\u00edas?|r\u00eda)(?: usted(?:es)?)?(?: decirme)?|me pregunt(?:o|aba)|tienes? (?:usted )?idea de) (?={_WHAT_ES})", r"\1"),
    ("sa |sai |sapet|sapreb|chied|qualcuno sa", rf"^(?:(?:lei |qualcuno )?(?:sa|sai|sapete|saprebbe|sapresti|sapreste)(?: dir(?:mi|ci))?|mi chied(?:o|evo)) (?={_WHAT_IT})", ""),
    ("sab|pergunt", rf"^(?:(?:voc\u00ea |voc\u00eas |algu\u00e9m )?(?:sabe|sabes|sabem|saberia)(?: me dizer| dizer-me)?|me pergunto|pergunto-me) (?={_WHAT_PT})", ""),
    ("weet|vraag me af", r"^(?:weet (?:je|u|jij|iemand)(?: misschien)?|ik vraag me af),? (wat|hoe|waarom|wanneer|waar|wie|hoeveel|hoe laat|hoe lang) (.{1,80}?) (\w+)(?=\W*$)", r"\1 \3 \2"),
    ("expliqu", r"^(?:(?:pouvez-vous|peux-tu|pourriez-vous|pourrais-tu)(?: me| m')? ?expliquer|expliquez?(?:-moi)?) ", "explique "),
    ("mais |alors |bon |du coup", r"^(?:mais|alors|bon|du coup),? (?=comment|pourquoi|quand|o\u00f9|combien|quel|qui|que)", ""),
    ("pero |oye|exactamente", r"^(\u00bf?)(?:pero|oye),? (\u00bf?)|\bexactamente ", r"\1"),
    ("ma |esattamente", r"^ma (?=come|perch\u00e9|quando|dove|chi|quale|quanto|cosa)| esattamente\b", ""),
    ("mas |exatamente", r"^mas (?=como|por que|quando|onde|quem|qual|quanto|o que)| exatamente\b", ""),
    ("maar |precies", r"^maar (?=hoe|wat|waarom|wanneer|waar|wie)| precies\b", ""),
    ("aber |genau", r"^aber (?=wie|was|warum|wann|wo|wer)| genau\b", ""),
    ("arrive pas", r"\bje n'arrive pas \u00e0 ", "je ne peux pas "),
    (" che sono| qui sont| que son| que s\u00e3o", r"(?<=\w) (?:che sono|qui sont|que son|que s\u00e3o) (?=\w)", " "),
    ("wie wie|comment comment|c\u00f3mo c\u00f3mo|come come|como como|hoe hoe|was was|que que|lange lange|wat wat|der der|die die|das das|le le|la la|el el|il il|o o|de de", r"\b(wie|comment|c\u00f3mo|come|como|hoe|was|que|lange|wat|der|die|das|le|la|el|il|o|de) \1\b", r"\1"),
    ("kilo", r"(?<=\d)[- ]?(?:kilogramm|kilogrammes?|kilogramos?|kilogram|kilo'?s?)\b", " kg"),
    ("gram", r"(?<=\d)[- ]?(?:gramm|grammes?|gramos?|grammi|gramas?|gram)\b", " g"),
    ("liter|litre|litro|litri", r"(?<=\d)[- ]?(?:liters?|litres?|litros?|litri)\b", " l"),
    ("kilom|chilom|quil\u00f4m", r"(?<=\d)[- ]?(?:kilometern?|kilom\u00e8tres?|kil\u00f3metros?|chilometri|quil\u00f4metros?|kilometers?)\b", " km"),
    ("prozent|pour cent|por ciento|per cento|por cento|procent", r"(?<=\d)[- ]?(?:prozent|pour cent|por ciento|per cento|por cento|procent)\b", " %"),
    ("erkl|sag|beschreib", r"^(?:(?:kannst du|k\u00f6nnen sie|k\u00f6nnten sie) (?:mir |uns )?(?:bitte )?(?:erkl\u00e4ren|sagen)|(?:erkl\u00e4re?n?|sage?n?|beschreibe?n?)(?: sie)?(?: mir| uns)?(?: bitte)?),? (was|wie|warum|wann|wo|wer) (.{1,80}?) (ist|sind|bedeutet)(?=\W*$)", r"\1 \3 \2"),
    ("sag mal|mal ehrlich", r"^(?:sag mal|mal ehrlich),? ", ""),
    ("sagen|erkl|verraten|w\u00fcsste|wissen", r"^(?:(?:k\u00f6nnten|k\u00f6nnen|w\u00fcrden) sie|k\u00f6nntest du|kannst du|ich (?:w\u00fcsste gerne?|w\u00fcrde gerne?|m\u00f6chte))(?: mir| uns)?(?: bitte)?(?: mal)?(?: (?:sagen|erkl\u00e4ren|verraten|wissen))?,? (wie|wo|wann|warum) (ich|man|wir) (.{1,80}?) (\w+)(?=\W*$)", r"\1 \4 \2 \3"),
    ("denn|eigentlich", r"(?<=\w )(?:denn eigentlich|eigentlich|denn) (?=.*\?)", ""),
    ("man's", r"\bman's\b", "man das"),
    ("pou|peu|pui|savoir", r"^(?:(?:pourriez-vous|pouvez-vous|pourrais-tu|peux-tu)(?: me dire| m'expliquer| m'indiquer| nous dire)|(?:j'aimerais|je voudrais|je veux) savoir) (?=comment|pourquoi|quand|o\u00f9|combien|quel)", ""),
    ("c'est quoi", r"^c'est quoi ", "qu'est-ce que "),
    ("pod|pued|saber", r"^(\u00bf?)(?:(?:me|nos) (?:podr\u00edan?|podr\u00edas|pueden?|puedes) decir|(?:podr\u00edan?|podr\u00edas|pueden?|puedes) decir(?:me|nos)|(?:quisiera|quiero|me gustar\u00eda) saber),? (?=qu\u00e9|c\u00f3mo|por qu\u00e9|cu\u00e1ndo|d\u00f3nde|qui\u00e9n|cu\u00e1l|cu\u00e1nto)", r"\1"),
    ("pot|pu\u00f2|puoi|sa dire|sai dire|sapere", r"^(?:(?:potrebbe|potresti|potete|pu\u00f2) (?:dirmi|spiegarmi)|mi (?:pu\u00f2|puoi|sai|potresti|potrebbe|sa|potete) (?:dire|spiegare)|(?:vorrei|voglio) sapere) (?=cosa|come|perch\u00e9|quando|dove|chi|quale|quanto)", ""),
    ("pod|saber", r"^(?:(?:voc\u00ea |o senhor |a senhora )?(?:poderia|pode|podem|poderiam) (?:me )?(?:dizer|explicar)(?:-me)?|(?:gostaria de|queria|quero) saber) (?=o que|como|por que|quando|onde|quem|qual|quanto)", ""),
    ("expl|dime|decir", r"^\u00bf?(?:expl\u00edca(?:me|nos)?|expl\u00edqueme|dime|(?:puedes|puede|podr\u00edas|podr\u00eda|pueden) (?:explicarme|decirme)),? (?=qu\u00e9|c\u00f3mo|por qu\u00e9|cu\u00e1ndo|d\u00f3nde|qui\u00e9n|cu\u00e1l|cu\u00e1nto)", ""),
    ("expliqu|dis-moi|dites-moi", r"^(?:expliquez?(?:-moi)?|dis-moi|dites-moi) (?:ce que c'est qu(?:e |')|ce qu'est )", "qu'est-ce que "),
    ("expliqu|dis-moi|dites-moi", r"^(?:expliquez?(?:-moi)?|dis-moi|dites-moi) (?=pourquoi|comment|quand|o\u00f9)", ""),
    ("spieg|dimmi|dirmi", r"^(?:spiegami|dimmi|puoi (?:dirmi|spiegarmi)) (?:che )?(?=cosa|come|perch\u00e9|quando|dove|chi|quale|quanto)", ""),
    ("expli|diga|dizer", r"^(?:explique|explica|explica-me|me explique|me diga|diga-me|pode me (?:dizer|explicar)),? (?=o que|como|por que|quando|onde|quem|qual|quanto)", ""),
    ("leg|vertel|uitleggen", r"^(?:leg (?:me )?uit|vertel(?: me)?|(?:kun je|kunt u|kan je) (?:me |mij )?(?:uitleggen|vertellen)),? (wat|hoe|waarom|wanneer|waar|wie) (.{1,80}?) (is|zijn|betekent)(?=\W*$)", r"\1 \3 \2"),
    (" comment| wie| c\u00f3mo| come| hoe", r"^(?!comment|wie|c\u00f3mo|come|hoe|was|qu)(\w+(?: [\w'-]+){1,8}) (comment|wie|c\u00f3mo|come|hoe)$", r"\2 \1"),
    ("uhr", r"\bum wie ?viel uhr\b", "wann"),
    ("kostet|kosten|teuer", r"\bwie ?viel koste(t|n)\b", r"was koste\1"),
    ("teuer", r"\bwie teuer (?:ist|sind)\b", "was kostet"),
    ("preis|kosten", r"\bwie hoch (?:ist|sind) (?:der preis|die kosten) (?:f\u00fcr|von)\b", "was kostet"),
    ("kosten", r"\bwie hoch sind die (\w{3,20})kosten\b", r"was kostet der \1"),
    ("qu\u00e9 hora", r"\ba qu\u00e9 hora\b", "cu\u00e1ndo"),
    ("cu\u00e1nto vale", r"\bcu\u00e1nto vale\b", "cu\u00e1nto cuesta"),
    ("cu\u00e1l es el", r"\bcu\u00e1l es el (?:precio|coste|costo) del\b", "cu\u00e1nto cuesta el"),
    ("cu\u00e1l es el", r"\bcu\u00e1l es el (?:precio|coste|costo) de\b", "cu\u00e1nto cuesta"),
    ("se puede|podr\u00eda|hago para", r"\b(c\u00f3mo|d\u00f3nde|cu\u00e1ndo) (?:se puede|podr\u00eda|hago para)\b", r"\1 puedo"),
    ("quelle heure", r"\b\u00e0 quelle heure\b", "quand"),
    ("quel est", r"\bquel est le (?:prix|co\u00fbt|tarif) du\b", "combien co\u00fbte le"),
    ("quel est", r"\bquel est le (?:prix|co\u00fbt|tarif) des\b", "combien co\u00fbtent les"),
    ("quel est", r"\bquel est le (?:prix|co\u00fbt|tarif) (?:de |d')", "combien co\u00fbte "),
    ("puis-je|peut-on|je peux|faire pour", r"\b(comment|o\u00f9) (?:puis-je|peut-on|est-ce que je peux|je peux|faire pour)\b", r"\1"),
    ("che ora", r"\ba che ora\b", "quando"),
    ("qual", r"\bqual ?'?\u00e8 il (?:prezzo|costo) della\b", "quanto costa la"),
    ("qual", r"\bqual ?'?\u00e8 il (?:prezzo|costo) dell'", "quanto costa l'"),
    ("qual", r"\bqual ?'?\u00e8 il (?:prezzo|costo) del\b", "quanto costa il"),
    ("come posso|si pu\u00f2|faccio a|potrei", r"\b(come|dove) (?:posso|si pu\u00f2|faccio a|potrei)\b", r"\1"),
    ("que horas", r"\ba que horas\b", "quando"),
    ("qual \u00e9 o", r"\bqual \u00e9 o (?:pre\u00e7o|custo|valor) d([oa]s?)\b", r"quanto custa \1"),
    ("se pode|fa\u00e7o para|eu posso", r"\b(como|onde) (?:se pode|fa\u00e7o para|eu posso)\b", r"\1 posso"),
    ("hoe laat", r"\bhoe laat\b", "wanneer"),
    ("hoeveel kost", r"\bhoeveel kost\b", "wat kost"),
    ("prijs van", r"\bwat is de prijs van\b", "wat kost"),
    *FRAMES,
)  # fmt: skip
"""The same rules serve all six languages: none of these phrases is a phrase of another one."""

COURTESY = re.compile(
    r"^(?:(?:hallo|hola|bonjour|salut|ciao|ol\u00e1|guten tag|guten abend|servus|moin|hallo zusammen|liebes team|buenos d\u00edas|buongiorno|bom dia|boa tarde|oi|goedendag|guten morgen|hi|hey|zusammen|buenas tardes|buenas|bonsoir|salve|buonasera|hoi)\b[\s,.!]*)+"
    r"|[\s,]+(?:bitte|danke|por favor|gracias|s'il vous pla\u00eet|s'il te pla\u00eet|merci|per favore|grazie|obrigad[oa]"
    r"|alstublieft|graag|bedankt)[\s.!?]*$"
)
