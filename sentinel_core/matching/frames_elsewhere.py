"""Frames of questions in German, French, Spanish, Italian, Portuguese and Dutch that ask the same, with one for each."""

# ruff: noqa: E501  a pattern is read in one piece

_END = r"(?=\W*$)"
_THING = r"(.{3,60}?)"
_NAME = r"((?:(?:der|die|das|dem|den|le|la|les|l'|el|il|lo|o|a|de|het) ?)?[\w' -]{2,40}?)"
_CARD = r"(?:credit|kredit|bank|ec|debit|debet|pin)?-?"

FRAMES = (
    # a wish, and behind it the question how
    ("ich ", rf"^ich (?:will|m\u00f6chte|muss|w\u00fcrde gerne?) {_THING}[.,;]? (?:und )?(?:wie (?:geht das|mache ich das|gehe ich (?:da )?vor|funktioniert das|stelle ich das an)|was (?:muss|soll|kann) ich (?:daf\u00fcr |da )?(?:tun|machen)|was ist zu tun){_END}", r"wie kann ich \1"),
    ("je |j'", rf"^(?:je (?:voudrais|veux|souhaite|souhaiterais|cherche \u00e0|dois)|j'aimerais) {_THING}[.,;]? comment (?:faire|je fais|proc\u00e9der|dois-je (?:faire|proc\u00e9der)|m'y prendre|on fait|\u00e7a marche|est-ce que je fais){_END}", r"comment \1"),
    ("vorrei|voglio|devo|piacerebbe|bisogno", rf"^(?:vorrei|voglio|devo|mi piacerebbe|ho bisogno di) {_THING}[.,;]? come (?:faccio|fare|si fa|posso fare|devo fare|si procede|procedo){_END}", r"come \1"),
    ("quiero|quisiera|necesito|gustar|tengo que|deseo", rf"^\u00bf?(?:quiero|quisiera|necesito|me gustar\u00eda|tengo que|deseo) {_THING}[.,;]? \u00bf?c\u00f3mo (?:lo )?(?:hago|se hace|puedo hacer(?:lo)?|hacer(?:lo)?|le hago|tengo que hacer(?:lo)?|procedo){_END}", "\u00bfc\u00f3mo puedo \\1"),
    ("quero|queria|gostaria|preciso|tenho|desejo", rf"^(?:quero|queria|gostaria de|preciso(?: de)?|tenho (?:de|que)|desejo) {_THING}[.,;]? como (?:\u00e9 que )?(?:fa\u00e7o(?: isso)?|fazer|posso fazer(?: isso)?|se faz|devo fazer){_END}", r"como posso \1"),
    ("ik ", rf"^ik (?:wil(?: graag)?|moet|zou graag|zou willen) {_THING}[.,;]? hoe (?:doe ik dat|moet (?:ik )?dat(?: doen)?|kan dat|gaat dat|werkt dat|pak ik dat aan|kan ik dat doen){_END}", r"hoe kan ik \1"),
    # the reason
    ("grund", r"^(?:was|welches?) ist der grund (?:daf\u00fcr,? )?(?:dass|warum|weshalb|wieso),? ?", "warum "),
    ("grund", r"^(?:was|welches?) ist der grund, (?:dass|warum) ", "warum "),
    ("raison", r"^(?:pour quelles? raisons?|quelle est la raison pour laquelle) ", "pourquoi "),
    ("raz\u00f3n|motivo", r"^(\u00bf?)cu\u00e1l es (?:la raz\u00f3n|el motivo) (?:de que|por (?:la|el) (?:que|cual)) ", "\\1por qu\u00e9 "),
    ("motivo|ragione", r"^qual ?'?\u00e8 (?:il motivo|la ragione) (?:per cui|per (?:il|la) quale) ", "perch\u00e9 "),
    ("motivo|raz\u00e3o", r"^qual \u00e9 (?:o motivo|a raz\u00e3o) (?:de|pel[oa] qual|para) ", "por que "),
    ("reden", r"^wat is de reden (?:dat|waarom) ", "waarom "),
    # a house that has a thing
    ("hat |haben |verf", rf"^(?:hat|verf\u00fcgt) (?:das|der|die|euer|ihr|dein) (\w+) (?:\u00fcber )?(?:auch )?(?:einen |eine |ein )?([\w -]{{3,40}}){_END}", r"gibt es \2 in \1"),
    ("gibt es", rf"^gibt es (?:auch )?(?:einen |eine |ein )?([\w -]{{3,40}}?) (?:am|im|in der|in dem|bei der|beim|an der|in) (\w+){_END}", r"gibt es \1 in \2"),
    ("l'|le |la ", rf"^(l'|le |la |votre )([\w-]+) (?:a|poss\u00e8de|propose|dispose)(?:-t-(?:il|elle))? (?:bien )?(?:d'une|d'un|une|un|des|de|d')? ?([\w' -]{{3,40}}?){_END}", r"y a-t-il \3 dans \1\2"),
    ("y a-t-il|est-ce qu'il y a|il y a", rf"^(?:y a-t-il|est-ce qu'il y a|il y a) (?:une |un |des |de |d')?([\w' -]{{3,40}}?) (?:\u00e0|dans|\u00e0 l'int\u00e9rieur de) (l'|le |la |votre )([\w-]+){_END}", r"y a-t-il \1 dans \2\3"),
    ("tiene |dispone ", rf"^\u00bf?(?:el|la|su|vuestro) (\w+) (?:tiene|dispone de|cuenta con) (?:un |una )?([\w -]{{3,40}}?){_END}", "\u00bfhay \\2 en \\1"),
    ("tiene |dispone ", rf"^\u00bf?(?:tiene|dispone|cuenta) (?:el|la|su) (\w+) (?:de |con )?(?:un |una )?([\w -]{{3,40}}?){_END}", "\u00bfhay \\2 en \\1"),
    ("hay ", rf"^\u00bf?hay (?:un |una )?([\w -]{{3,40}}?) en (?:el|la) (\w+){_END}", "\u00bfhay \\1 en \\2"),
    (" ha | dispone | offre ", rf"^(?:l'|il |la |il vostro )(\w+) (?:ha|dispone di|offre) (?:un'|una |un |dei |delle |il )?([\w' -]{{3,40}}?){_END}", "c'\u00e8 \\2 in \\1"),
    ("c'\u00e8 |ci sono ", rf"^(?:c'\u00e8|ci sono) (?:un'|una |un |dei |delle |il )?([\w' -]{{3,40}}?) (?:in|nell'|nel |nella |all'|al |alla )(?: ?l')? ?(\w+){_END}", "c'\u00e8 \\1 in \\2"),
    ("heeft ", rf"^heeft (?:het|de|uw|jullie) (\w+) (?:ook )?(?:een )?([\w -]{{3,40}}?){_END}", r"is er \2 in \1"),
    ("is er |zijn er ", rf"^(?:is|zijn) er (?:ook )?(?:een )?([\w -]{{3,40}}?) (?:bij|in|op) (?:het|de|uw|jullie) (\w+){_END}", r"is er \1 in \2"),
    (" tem | disp\u00f5e | possui ", rf"^(?:o|a|vosso|seu) (\w+) (?:tem|disp\u00f5e de|possui) (?:um |uma )?([\w -]{{3,40}}?){_END}", "h\u00e1 \\2 em \\1"),
    ("h\u00e1 |tem |existe ", rf"^(?:h\u00e1|tem|existe) (?:um |uma )?([\w -]{{3,40}}?) (?:no|na|em|num|numa) (\w+){_END}", "h\u00e1 \\1 em \\2"),
    # measures
    ("h\u00f6he|l\u00e4nge|tiefe", rf"^(?:welche|was ist die) h\u00f6he (?:hat|von|des|der) {_NAME}{_END}", r"wie hoch ist \1"),
    ("hauteur|haut|mesure", rf"^(?:quelle hauteur (?:fait|a)|combien mesure) {_NAME}{_END}|^{_NAME} (?:fait|mesure) (?:combien de m\u00e8tres|quelle hauteur)(?: de haut)?{_END}", r"quelle est la hauteur de \1\2"),
    ("altura|mide", rf"^\u00bf?(?:qu\u00e9 altura tiene|cu\u00e1nto mide(?: de alto)?) {_NAME}{_END}", "\u00bfcu\u00e1l es la altura de \\1"),
    ("altezza|alto|alta", rf"^(?:quanto \u00e8 alt[oa]|che altezza ha) {_NAME}{_END}", "qual \u00e8 l'altezza di \\1"),
    ("altura|mede", rf"^(?:que altura tem|quanto mede) {_NAME}{_END}", "qual \u00e9 a altura de \\1"),
    ("lengte|hoogte", rf"^wat is de (?:(lengte)|hoogte) van {_NAME}{_END}", r"hoe lang of hoog is \2 \1"),
    ("hoe hoog|hoe lang is", rf"^hoe hoog is {_NAME}{_END}", r"hoe lang of hoog is \1"),
    ("hoe lang is", rf"^hoe lang is (?:de|het) {_NAME}{_END}", r"hoe lang of hoog is \1 lengte"),
    # which city is the capital
    ("hauptstadt", r"^(?:welche stadt|wie hei\u00dft|wie lautet|welches) (?:ist )?(?:die )?hauptstadt ", "was ist die hauptstadt "),
    ("capitale", r"^quelle ville est la capitale ", "quelle est la capitale "),
    ("capitale", r"^(?:quale|che) citt\u00e0 \u00e8 la capitale ", "qual \u00e8 la capitale "),
    ("capital", r"^(\u00bf?)qu\u00e9 ciudad es la capital ", "\\1cu\u00e1l es la capital "),
    ("capital", r"^(?:que|qual) cidade \u00e9 a capital ", "qual \u00e9 a capital "),
    ("hoofdstad", r"^(?:welke stad is|hoe heet) de hoofdstad ", "wat is de hoofdstad "),
    # papers that are needed
    ("welche|was f\u00fcr", rf"^welche (\w+) (?:werden|sind|ben\u00f6tigt man|brauche ich|braucht man|ben\u00f6tige ich) (f\u00fcr .{{3,50}}?)(?: (?:ben\u00f6tigt|gebraucht|n\u00f6tig|notwendig|erforderlich))?{_END}", r"welche \1 brauche ich \2"),
    ("besoin|faut|n\u00e9cessaires|fournir|requis", rf"^(?:de )?(quel(?:le)?s \w+) (?:ai-je besoin|a-t-on besoin|(?:me )?faut-il(?: fournir)?|il (?:me )?faut|sont (?:n\u00e9cessaires|requis(?:es)?)|dois-je fournir) (pour .{{3,50}}?){_END}", r"\1 faut-il \2"),
    ("necesit|hacen falta|necesari|requier", rf"^\u00bf?(qu\u00e9 \w+) (?:necesito|se necesitan?|(?:me )?hacen? falta|son necesari[oa]s|se requieren) (para .{{3,50}}?){_END}", "\u00bf\\1 necesito \\2"),
    ("bisogno|servono|occorrono|necessari", rf"^(?:di )?(quali \w+) (?:ho bisogno|(?:mi )?servono|occorrono|sono necessari[eo]?|sono richiest[ie]) (per .{{3,50}}?){_END}", r"\1 servono \2"),
    ("nodig|vereist", rf"^welke (\w+) (?:heb ik nodig|zijn nodig|zijn vereist|heb je nodig) (voor .{{3,50}}?){_END}", r"welke \1 heb ik nodig \2"),
    ("preciso|necess\u00e1ri|necessito", rf"^(?:que|quais) (\w+) (?:(?:eu )?preciso|s\u00e3o (?:necess\u00e1ri[oa]s|precis[oa]s)|necessito) (para .{{3,50}}?){_END}", r"que \1 preciso \2"),
    # how long
    ("wie viele", r"^wie viele (?:tage|stunden|wochen|minuten) (?:dauert|braucht) ", "wie lange dauert "),
    ("quel est le d\u00e9lai", r"^quel est le d\u00e9lai (?:de |d'|pour )", "combien de temps dure la "),
    ("tarda", r"^(\u00bf?)(?:cu\u00e1nto tiempo|cu\u00e1ntos d\u00edas) tarda(?: en llegar)? ", "\\1cu\u00e1nto tarda "),
    ("quanto tempo|quanti giorni", r"^(?:quanto tempo|quanti giorni) (?:ci vuole|occorrono|serve|ci vogliono) per ", "quanto dura "),
    ("prazo", r"^qual \u00e9 o prazo (?:de |para a |da )", "quanto tempo demora a "),
    ("hoeveel dagen", r"^hoeveel (?:dagen|uur|weken) duurt ", "hoe lang duurt "),
)  # fmt: skip
"""Rules as `rewriting.rules_of` takes them; no frame is one of another language."""

SHORT_FRAMES = (
    # payment by card
    ("kart", rf"^(?:(?:nehm(?:en|t)|akzeptier(?:en|t)) (?:sie|ihr)(?: auch)? {_CARD}karten(?:zahlung(?:en)?)?|ist (?:eine |die )?(?:{_CARD}kartenzahlung|zahlung (?:mit|per) {_CARD}karte) m\u00f6glich|(?:kann|k\u00f6nnte) (?:ich|man) (?:bei (?:ihnen|euch) )?(?:auch )?(?:mit|per) (?:einer |der )?{_CARD}karte (?:be)?zahlen){_END}", "kann ich mit karte zahlen"),
    ("cart", rf"^(?:acceptez-vous (?:les )?(?:paiements par )?cartes?(?: bancaires?| de cr\u00e9dit)?|(?:vous|on) (?:acceptez|prenez) (?:la|les) cartes?(?: bancaires?)?|(?:est-il possible|est-ce possible|c'est possible) de payer par carte(?: bancaire| de cr\u00e9dit)?|(?:puis-je|peut-on|je peux|on peut) payer (?:par|avec une|en) carte(?: bancaire| de cr\u00e9dit)?){_END}", "puis-je payer par carte"),
    ("tarjeta", rf"^\u00bf?(?:(?:aceptan|aceptas|acept\u00e1is|toman) (?:el pago con )?tarjetas?(?: de cr\u00e9dito)?|(?:es posible|se puede|puedo|podr\u00eda) pagar con (?:una |la )?tarjeta(?: de cr\u00e9dito)?){_END}", "\u00bfpuedo pagar con tarjeta"),
    ("cart", rf"^(?:accettate (?:le )?carte?(?: di credito)?|(?:\u00e8 possibile|si pu\u00f2|posso|potrei) pagare con (?:la |una )?carta(?: di credito)?){_END}", "posso pagare con la carta"),
    ("kaart", rf"^(?:accepteren jullie (?:ook )?{_CARD}kaarten|is het mogelijk om met (?:een |de )?{_CARD}kaart te betalen|kan (?:ik|je|men) met (?:een |de )?{_CARD}kaart betalen){_END}", "kan ik met een kaart betalen"),
    ("cart", rf"^(?:(?:voc\u00eas )?aceitam (?:pagamento com )?cart(?:\u00e3o|\u00f5es)(?: de cr\u00e9dito)?|(?:\u00e9 poss\u00edvel|pode-se|posso|d\u00e1 para) pagar com (?:o |um )?cart\u00e3o(?: de cr\u00e9dito)?){_END}", "posso pagar com cart\u00e3o"),
    # hours
    ("ffnungszeiten|ge\u00f6ffnet|offen", rf"^(?:(?:was|wie) sind )?(?:die )?(?:\u00f6ffnungszeiten|gesch\u00e4ftszeiten) (?:von |vom |des |der |f\u00fcr |im |beim )?{_NAME}{_END}|^wann (?:hat|ist|haben) {_NAME} (?:ge\u00f6ffnet|offen|auf){_END}", "wann hat \\1\\2 ge\u00f6ffnet"),
    ("wann hat", rf"^wann hat (?:der|die|das|dem|den) {_NAME} ge\u00f6ffnet{_END}", "wann hat \\1 ge\u00f6ffnet"),
    ("horaires|ouvert", rf"^(?:quels sont |c'est quoi )?vos horaires(?: d'ouverture)?{_END}|^quand (?:\u00eates-vous|est-ce que vous \u00eates|vous \u00eates) ouverts?{_END}", "quels sont vos horaires d'ouverture"),
    ("horario|abren|abierto", rf"^\u00bf?(?:(?:cu\u00e1l es|qu\u00e9) (?:el |su |vuestro )?horario(?: de apertura| de atenci\u00f3n)?(?: tienen)?|(?:cu\u00e1ndo|a qu\u00e9 hora) (?:abren|est\u00e1n abiertos)){_END}", "\u00bfcu\u00e1l es el horario"),
    ("orari|aperti", rf"^(?:quali sono (?:i vostri |gli )?orari(?: di apertura)?|(?:a che ora|quando) siete aperti){_END}", "quali sono gli orari di apertura"),
    ("hor\u00e1rio|abertos", rf"^(?:qual \u00e9 o (?:vosso |seu )?hor\u00e1rio(?: de (?:funcionamento|abertura|atendimento))?|quando est\u00e3o abertos){_END}", "qual \u00e9 o hor\u00e1rio de funcionamento"),
    ("openingstijden|open", rf"^(?:wat zijn (?:de|jullie) openingstijden|wanneer zijn jullie (?:open|geopend)){_END}", "wat zijn jullie openingstijden"),
    # recipes
    ("rezept", rf"^(?:ein |das )?rezept f\u00fcr {_NAME}{_END}", r"wie macht man \1"),
    ("recette", rf"^(?:la |une )?recette (?:de la |du |des |de |d'){_NAME}{_END}", "comment pr\u00e9parer \\1"),
    ("receta", rf"^(?:la |una )?receta (?:de la |del |de |para ){_NAME}{_END}", "\u00bfc\u00f3mo se prepara \\1"),
    ("ricetta", rf"^(?:la |una )?ricetta (?:della |del |dei |per la |per il |per |di )?(?:la )?{_NAME}{_END}", r"come si prepara \1"),
    ("come si", rf"^come (?:si (?:fa|prepara|cucina)|preparare|fare) (?:la |il |i |le |lo )?{_NAME}{_END}", r"come si prepara \1"),
    ("receita", rf"^(?:a |uma )?receita (?:de |do |da |para ){_NAME}{_END}", r"como se prepara \1"),
    ("recept", rf"^(?:een |het )?recept (?:voor|van) {_NAME}{_END}", r"hoe maak je \1"),
)  # fmt: skip
"""Those of texts that may have no other word of a language: `Accettate carte?`."""
