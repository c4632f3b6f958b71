"""The rule of `volatility` for live values in six languages beside English, and what is no question for a value."""

# ruff: noqa: E501  a pattern is read in one piece
from __future__ import annotations

from sentinel_core.cache.prompt_rules import PromptRule

MEANS = r"^\W*how (?:do|can|could|would|should|to)(?: (?:i|you|we|one))? (?:\w+ ){0,2}?(?:get|check|fetch|read|scrape|display|predict|query|pull|find)\b.*\b(?:in|with|using|via|from) (?:an? |the )?(?:python|java|javascript|bash|curl|excel|api|\w+ api|code|c\+\+|rust|go|php|ruby|r|sql|home assistant)\b|^\W*how (?:is|are) (?:the )?(?:[\w-]+ ){1,4}?(?:calculated|measured|made|determined|defined|computed|predicted|worked out)\b|^\W*(?:warum|wieso|weshalb|wof[üu]r|pourquoi|por ?qu[ée]|perch[éè]|waarom|was (?:bedeutet|heißt)|que signifie|qu[ée] significa|(?:che )?cosa significa|wat betekent)\b"
"""A question after the tool, the reason or the meaning, not the value."""

LANGUAGES = PromptRule(
    "languages",
    r"wie (?:ist|wird|war) das wetter|(?:wetter|temperatur) in|wetterbericht|wie (?:spät|spaet) ist es|wie viel uhr|(?:wechsel|aktien|euro|dollar|bitcoin)kurs|kontostand|spielstand|aktuelle[nrms]?|derzeit\w*|zurzeit|gerade (?:offen|geöffnet)|(?:hat|ist|sind) (?:\w+ ){1,4}(?:noch |schon )?(?:offen|geöffnet|geschlossen)(?= *[?.!]*$)|wo ist mein\w* (?:paket|bestellung|lieferung)"
    r"|quel temps (?:fait(?:-il)?|fera)|quelle heure est-il|il est quelle heure|météo|(?:cours|prix) (?:de l['’]or|du (?:bitcoin|pétrole|dollar)|de l['’](?:euro|action))|taux de change|en ce moment|actuelle?s?|actuellement|est(?:-il|-elle)? (?:encore )?ouverte?(?= *[?.!]*$)|où est (?:ma|mon) (?:commande|colis)"
    r"|qu[ée] tiempo (?:hace|hará)|qu[ée] hora es|(?:el )?(?:clima|tiempo) en|pron[óo]stico|tipo de cambio|(?:precio|cotizaci[óo]n) del? (?:oro|bitcoin|d[óo]lar|euro|petr[óo]leo)|a cu[áa]nto est[áa]|en este momento|actualmente|(?:precio|presidente|director|situaci[óo]n|estado|valor) actual|est[áa]n? abiert[oa]s?(?= *[?.!]*$)|d[óo]nde est[áa] mi (?:pedido|paquete)"
    r"|que horas s[ãa]o|como est[áa] o tempo|previs[ãa]o do tempo|cota[çc][ãa]o|taxa de c[âa]mbio|neste momento|atualmente|est[áa] abert[oa](?= *[?.!]*$)|onde est[áa] (?:meu|minha|o meu|a minha) (?:pedido|encomenda)"
    r"|che ore? (?:sono|è)|che tempo fa|previsioni del tempo|tasso di cambio|in questo momento|attualmente|è aperto(?= *[?.!]*$)|dov['’]è il mio (?:ordine|pacco)"
    r"|hoe laat is het|(?:wat|hoe) is het weer|weerbericht|wisselkoers|op dit moment|waar is mijn (?:bestelling|pakket)",
    (
        "Wie ist das Wetter in München?",
        "¿Qué hora es en Madrid?",
        "Quel temps fait-il à Paris ?",
        "Que horas são?",
        "Che tempo fa a Roma?",
        "Hoe laat is het?",
        "Wo ist mein Paket?",
    ),
    (
        "Wie entsteht Wetter?",
        "Qu'est-ce que la météorologie ?",
        "¿Qué es el tiempo verbal?",
        "Wie spät darf ich kommen?",
    ),
    why="live values in German, French, Spanish, Portuguese, Italian and Dutch",
)

LANGUAGE_TRIGGERS = frozenset((
    "wetter", "temperatur", "wetterbericht", "spät", "spaet", "uhr", "wechselkurs", "aktienkurs", "eurokurs", "dollarkurs",
    "bitcoinkurs", "kontostand", "spielstand", "aktuelle", "aktuellen", "aktueller", "aktuelles", "aktuellem", "derzeit",
    "derzeitige", "derzeitigen", "zurzeit", "gerade", "offen", "geöffnet", "geschlossen", "wo", "temps", "heure", "météo", "cours",
    "prix", "taux", "ce", "actuel", "actuelle", "actuels", "actuelles", "actuellement", "ouvert", "ouverte", "où", "tiempo", "hora",
    "clima", "pronóstico", "pronostico", "tipo", "precio", "cotización", "cotizacion", "cuánto", "cuanto", "este", "actual",
    "actualmente", "abierto", "abierta", "abiertos", "abiertas", "dónde", "donde", "horas", "tempo", "cotação", "cotacao", "taxa",
    "neste", "atualmente", "aberto", "aberta", "onde", "ora", "ore", "tasso", "questo", "attualmente", "aperto", "dov", "laat",
    "weer", "weerbericht", "wisselkoers", "dit", "waar",
))  # fmt: skip
"""The rule matches no prompt without one of these words."""
