"""Rules of `personal` for prompts in German, French, Spanish, Portuguese, Italian and Dutch."""

# ruff: noqa: E501  a pattern is read in one piece
from __future__ import annotations

from sentinel_core.cache.prompt_rules import PromptRule

TRIGGER = (
    r"\b(?:mein\w*|ich|mich|mir|uns|wir|du|die|der|das|dem|den|licht|lampen?|heizung|mon|ma|mes|je|moi|nous|j['’]ai|m['’]\w+|la|le|les|l['’]|combien|avons|annule\w*|quedan?|falta[n]?|tenemos|tenho|temos|estou|sou|mim|gastei"
    r"|comprei|paguei|pedi|reservei|compré|pedí|pagué|gasté|reservé|tengo|debo|estoy|soy|devo|ho|debbo|mí|me|nos|mis?|el|los|las|ya|qu[ée]|canc[ée]l\w+|meus?|minhas?|mi[oae]i?|mie|quanto|o|os|porta|portas|encomenda|fatura"
    r"|consulta|entrega|luz|luzes|il|lo|luci|mijn|het|de)(?!\w)"
)
"""No rule matches a prompt without one of these words."""

RULES = (
    PromptRule(
        "other-languages",
        r"\b(?:wo|wann|was(?! (?:schenke|koche|schreibe|sage|ziehe|mache|gebe|backe|kaufe) ich)|wie (?:viele?|hoch|alt|lautet|ist)|welche[rsn]?|wer|zeig(?:e|en sie)? mir|ist|sind|wurde|hat)\b[^.?!\n]{0,40}?\bmein(?:e[rnms]?)?\b"
        r"|^\W*(?:bitte )?(?:zeige?|lies|storniere?|k[üu]ndige?|verschiebe?|[üu]berweise?|fasse|pr[üu]fe?|nenne?|such(?:e)?|finde|sperre?|erinnere?|sag(?:e)?|[öo]ffne|ist|sind|hat|haben|war|wurde)\b(?! mir,? wie\b)[^.?!\n]{0,40}?\bmein(?:e[rnms]?)?\b"
        r"|\bich (?:\w+ ){0,3}(?:bestellt|gekauft|gebucht|bezahlt|beantragt|reserviert)\b|\bwie (?:lange|steht|stehen|l[äa]uft|geht|viel)\b[^.?!\n]{0,30}?\bmein(?:e[rnms]?)?\b"
        r"|^\W*(?:ist|sind|hat|haben)\b[^.?!\n]{0,40}?\bf[üu]r mich\b"
        r"|\b(?:wann|wo|was|wie(?: viele?)?|welche[rsn]?|wer|warum)\b[^.?!\n]{0,30}?\b(?:hatte|habe|bin|war) ich\b"
        r"|^\W*(?:mein(?:e[rnms]?)?|mon|ma|mes|mis?|meus?|minhas?) [\w-]+(?: [\w-]+)?\W*$"
        r"|^\W*(?:hab(?:e)?|bin|schulde|war) ich\b|\bwie viele?\b[^.?!\n]{0,40}\b(?:hab(?:e)?|schulde|bin) ich\b"
        r"|\b(?:où|quand|quel(?:le)?s?|combien|qui|montre[zr]?(?:-moi)?)\b(?:(?! pour | avec )[^.?!\n]){0,40}?\b(?<!pour )(?<!avec )(?:mon|ma|mes)\b|\b(?:ai|suis|dois|étais)-je\b"
        r"|^\W*(?:est-ce que |y a-t-il |a-t-on |où en est |est-ce qu['’]il |montre|annule|vérifie|lis|donne|envoie|affiche|résume|suis|rappelle|consulte|trouve|bloque)(?:[\w-]*)\b(?![^.?!\n]{0,20}(?:peux|peut|faut))[^.?!\n]{0,40}?\b(?:mon|ma|mes|j['’](?:ai|étais))\b"
        r"|^\W*(?:mon|ma|mes) [\w'’-]+(?: [\w'’-]+)? (?:est|sont|a|ont)[- ]|\b(?:me|nous) (?:reste|doit|manque)\b|\bcombien (?:je|nous|on me) \w+|\bcomment (?:va|vont|avance|se passe)\b[^.?!\n]{0,20}?\b(?:mon|ma|mes)\b|\b(?:reste-t-il|qu['’]ai-je|que m['’]a)\b"
        r"|\b(?:que|quand|où|combien|quel(?:le)?s?)\b[^.?!\n]{0,30}?\b(?:ai-je|j['’]ai|avons-nous)\b(?! besoin)"
        r"|\b(?:dónde|donde|cuándo|cuando|cuál(?:es)?|cual|(?<!por )qué(?! (?:\w+ )?(?:le |les )?(?:pongo|regalo|hago|compro|doy|digo|cocino|preparo|uso))|cuánt[oa]s?|quién|muéstra(?:me)?|muestra(?:me)?)\b[^.?!\n]{0,40}?\bmis?\b(?! caso)|^\W*¿?(?:tengo|debo|estoy|soy)\b"
        r"|^\W*¿?(?:ha|han|está|están|llegó|fue|fueron|sigue|hay|venció|se ha|cancela|revisa|dime|enséñame|consulta|busca|resume|lee|envía|recuérdame|bloquea|paga)\b[^.?!\n]{0,40}?\b(?:mis?|mí)\b"
        r"|\bcómo (?:va|van|está|están|sigue|anda|fue)\b[^.?!\n]{0,20}?\bmis?\b|\b(?:me|nos) (?:quedan?|falta[n]?|deben?)\b|\b(?:qué|cuándo|dónde|cuál(?:es)?)\b[^.?!\n]{0,30}?\b(?:tengo|tenemos|compré|pedí|pagué|gasté|reservé|dejé)\b(?! que)"
        r"|\bcuánt[oa]s?\b[^.?!\n]{0,40}\b(?:tengo|debo|gasté|compré|pagué|gané|debía|usé|ahorré)\b(?! \w+[aei]r\b)"
        r"|^\W*(?:os? |as? )?(?:meus?|minhas?) [\w-]+(?: [\w-]+)? (?:já|foi|foram|está|estão|chegou|chegaram|ainda|vai|vence|é|são)\b"
        r"|^\W*(?:já|será que|está|estão|foi|há|chegou|tenho|estou|sou|mostre?|cancel[ae]|verifi(?:ca|que)|diga|diz|consult[ae]|busc?[ae]|resum[ae]|le(?:ia)?|envi[ae]|lembr[ae]|bloquei[ae])\b[^.?!\n]{0,40}?\b(?:meus?|minhas?|mim)\b"
        r"|^\W*(?:tenho|estou|sou)\b|\bcomo (?:está|estão|vai|anda|foi)\b[^.?!\n]{0,20}?\b(?:meus?|minhas?)\b|\b(?:ainda|eu) devo\b|\b(?:que|quando|onde|qual|quais|quant[oa]s?)\b[^.?!\n]{0,30}?\b(?:tenho|temos|comprei|pedi|paguei|gastei|reservei)\b(?! que)"
        r"|\b(?:onde|quando|qual|quais|quant[oa]s?|quem|mostr[ea](?:-me)?)\b[^.?!\n]{0,40}?\b(?:meus?|minhas?)\b"
        r"|\b(?:dov['’]?è|dove|quando|qual['’]?è|quali|quant[oiae]|chi|mostra(?:mi)?)\b[^.?!\n]{0,40}?\b(?:mio|mia|miei|mie)\b"
        r"|\b(?:quanto|quanta|quantos|quantas) (?:devo|debbo|tenho|ho)\b"
        r"|\b(?:waar|wanneer|wat|welke|hoeveel|wie)\b[^.?!\n]{0,40}?\bmijn\b",
        ("Wo ist meine Bestellung?", "Quel est mon solde ?", "¿Dónde está mi pedido?", "Onde está a minha encomenda?"),
        (
            "Wie setze ich mein Passwort zurück?",
            "Comment réinitialiser mon mot de passe ?",
            "¿Cómo cambio mi contraseña?",
        ),
        unless=r"\b(?:wie (?:kann|setze|ändere|kündige|mache|muss|soll|lösche)|was (?:muss|kann|soll|mache)|wo (?:kann|muss|finde|ändere)|wann (?:muss|kann|soll)"
        r"|wenn|falls|bedeutet|signifie|significa|comment (?!va\b|vont|avance|se passe)|que (?:dois|faire)|où (?:puis|dois|peut)|cómo (?!va\b|van\b|está|sigue|anda|fue)|como (?:posso|faço|mudo)|dónde (?:puedo|debo)|qué (?:debo|hago|puedo)|come|hoe)\b",
        why="A question for a thing that is the speaker's, in German, French, Spanish, Portuguese, Italian or Dutch.",
    ),
    PromptRule(
        "at-hand-other-languages",
        # German
        r"^\W*(?:ist|sind|war|hat|wurde|steht|l[äa]uft|brennt) (?:die|der|das) (?:\w+ )?(?:haust[üu]r|t[üu]re?n?|garage|garagentor|tor|fenster|lichte?r?|lampen?|heizung|herd|ofen|backofen|alarmanlage|alarm|sp[üu]lmaschine|geschirrsp[üu]ler|waschmaschine"
        r"|trockner|staubsauger|saugroboter|auto|paket|lieferung|bestellung|zahlung|[üu]berweisung|r[üu]ckerstattung|gehalt|rechnung|termin|flug|zug|buchung|post|rezept|befund)\b[^.?!\n]{0,30}?"
        r"\b(?:offen|zu|geschlossen|abgeschlossen|an|aus|fertig|da|angekommen|verschickt|versandt|bezahlt|p[üu]nktlich|best[äa]tigt|eingegangen|durch|geliefert|geladen|unterwegs|voll|leer|noch|schon|versp[äa]tet)(?: (?:jetzt|heute|noch|schon))?\W*$"
        r"|^\W*(?:bitte )?(?:mach|schalte?|dreh|stelle?|[öo]ffne|schlie(?:ß|ss)e?|sperre?|starte?|stopp?e?)(?:e|en sie)?\b[^.?!\n]{0,20}\b(?:licht|lampen?|heizung|roll[äa]den|rollladen|alarm(?:anlage)?|t[üu]r|garage|musik|fernseher|klimaanlage|sp[üu]lmaschine|waschmaschine)\b"
        r"|\bwann (?:kommt|ist|wird|geht|f[äa]hrt) (?:das paket|die lieferung|der fahrer|der techniker|der handwerker|das geld|es|(?:das|die|der) n[äa]chste (?:termin|zahlung|schicht|rate|lieferung))\b"
        r"|\bwie ?viel (?:ist|bleibt|liegt|habe ich) (?:noch |jetzt )?(?:auf dem konto|auf der karte|im tank|[üu]brig)\b|\bwo (?:ist|bleibt) (?:das paket|der fahrer|die lieferung|mein\w*|das essen|die bestellung)\b"
        r"|\b(?:was|wann|wo|welche[rsnm]?|wie ?viele?)\b[^.?!\n]{0,30} (?:mir|uns) (?:verschrieben|geschickt|gesagt|gegeben|versprochen|empfohlen|zugesagt|berechnet|abgebucht|zugeteilt)\b"
        r"|\b(?:haben|hatten) wir\b[^.?!\n]{0,40}\b(?:besprochen|vereinbart|gesagt|geredet|gesprochen|beschlossen|ausgemacht|entschieden)\b|\bhast du (?:mir|gestern|letzte|vorhin)\b|^\W*(?:das gleiche |dasselbe )?wie (?:letztes mal|gestern|immer)\b"
        r"|\b(?:an|von|in|auf) welche[mnr] (?:gate|terminal|gleis|bahnsteig|zimmer|hotel|platz|raum)\b[^.?!\n]{0,20}\b(?:wir|ich)\b|^\W*(?:bitte )?(?:storniere?|k[üu]ndige?|verschiebe?|bestelle?) (?:es|das|sie|ihn|die (?:bestellung|buchung|lieferung)|den (?:termin|flug))\b"
        r"|^\W*hat (?:die|der|das) \w+ (?:schon )?(?:angerufen|geschrieben|geantwortet|zugesagt|bezahlt|unterschrieben|geschickt|genehmigt|zugestimmt|best[äa]tigt)\b|\bwie hoch (?:war|ist) (?:die|der|das) (?:letzte|n[äa]chste|aktuelle|offene)\b"
        # French
        r"|^\W*(?:est-ce que )?(?:la |le |les |l['’])(?:portes?|garage|fen[êe]tres?|lumi[èe]res?|chauffage|four|alarme|lave-(?:vaisselle|linge)|s[èe]che-linge|colis|livraison|commande|virement|paiement|remboursement|facture|vol|train|r[ée]servation|rendez-vous|voiture|salaire|ordonnance)\b[^.?!\n]{0,25}?"
        r"\b(?:est|sont|a|ont)(?:-t)?(?:-(?:il|elle|ils|elles))?\b[^.?!\n]{0,15}?\b(?:ferm[ée]e?s?|ouverte?s?|ouvert|arriv[ée]e?s?|pass[ée]e?s?|fini[e]?s?|termin[ée]e?s?|exp[ée]di[ée]e?s?|parti[e]?s?|confirm[ée]e?s?|pay[ée]e?s?|allum[ée]e?s?|[ée]teinte?s?|livr[ée]e?s?|charg[ée]e?s?|re[çc]ue?s?|[àa] l['’]heure|en retard|verrouill[ée]e?s?)(?!\w)"
        r"|^\W*(?:[ée]tein[st]|[ée]teignez|allume[zr]?|baisse[zr]?|monte[zr]?|ferme[zr]?|ouvre[zr]?|verrouille[zr]?|lance[zr]?|arr[êe]te[zr]?|mets) (?:la |le |les |l['’]|toutes les )(?:lumi[èe]res?|lampes?|chauffage|clim(?:atisation)?|t[ée]l[ée](?:vision)?|musique|porte|volets|alarme|garage|lave-(?:vaisselle|linge))\b"
        r"|\b(?:m['’]|nous )(?:a|ont|as|avez)(?:-t-(?:il|elle|on))? (?:prescrit|envoy[ée]|dit|donn[ée]|promis|recommand[ée]|factur[ée]|pr[ée]lev[ée]|attribu[ée]|conseill[ée])"
        r"|\b(?:de quoi|qu['’]|que|quand|combien)\b[^.?!\n]{0,12}(?:avons-nous|a-t-on|on a|nous avons|avions-nous) \w+|\bcomme (?:la derni[èe]re fois|hier|d['’]habitude)\b|^\W*annule[zr]?(?:-l[ae]|-les| tout)?\W*$"
        r"|\b(?:quand|o[ùu])(?: est-ce qu['’]?e?)? (?:arrive|vient|passe|est|en est) (?:le |la |l['’])(?:colis|livreur|livraison|technicien|commande|plombier|argent|virement|remboursement)\b"
        r"|^\W*(?:le |la |l['’])[\w-]+ a(?:-t-(?:il|elle))? (?:d[ée]j[àa] )?(?:appel[ée]|r[ée]pondu|[ée]crit|pay[ée]|sign[ée]|confirm[ée]|envoy[ée]|accept[ée]|fini)(?!\w)"
        # Spanish
        r"|^\W*(?:est[áa]n?|ha|han|ya|sigue[n]?|lleg[óo]|sali[óo])\b[^.?!\n]{0,25}\b(?:la|el|las|los) (?:puertas?|garaje|ventanas?|luz|luces|calefacci[óo]n|horno|alarma|lavavajillas|lavadora|secadora|paquete|pedido|entrega|transferencia|pago|reembolso|factura|vuelo|tren|reserva|cita|n[óo]mina|receta|repartidor)\b"
        r"|^\W*(?:por favor,? )?(?:apaga|enciende|baja|sube|cierra|abre|bloquea|pon|activa|desactiva|prende|quita) (?:la|el|las|los|todas las) (?:luz|luces|l[áa]mparas?|calefacci[óo]n|aire|tele|televisi[óo]n|m[úu]sica|puerta|persianas?|alarma|garaje|lavadora|lavavajillas)\b"
        r"|\b(?:me|nos) (?:recet[óo]|recetaron|envi[óo]|enviaron|dijo|dijeron|dio|dieron|prometi[óo]|cobr[óo]|cobraron|recomendaste|recomend[óo]|dijiste|mand[óo]|mandaron|asign[óo]|asignaron|toca|tocó)\b"
        r"|\b(?:qu[ée]|cu[áa]ndo|d[óo]nde)\b[^.?!\n]{0,15}\b(?:hablamos|decidimos|acordamos|quedamos|dijimos|hicimos)\b|\bcomo (?:la [úu]ltima vez|ayer|siempre)\W*$"
        r"|\b(?<!por )qu[ée]\b[^.?!\n]{0,15}\b(?:saqué|gané|pagué|hice|tuve|usé|comí|pedí|elegí)\b|^\W*mis? [\w-]+(?: [\w-]+)? (?:sale[n]?|llega[n]?|est[áa]n?|ha|han|fue|va|vence[n]?|sigue)\b|^\W*canc[ée]l[ae]l[oa]s?\W*$"
        r"|\b(?:cu[áa]ndo|d[óo]nde) (?:llega|viene|sale|est[áa]|pasa) (?:el|la|mi) (?:paquete|pedido|repartidor|entrega|t[ée]cnico|dinero|reembolso|transferencia)\b"
        r"|^\W*ha[n]? (?:terminado|llamado|respondido|contestado|pagado|firmado|confirmado|enviado|aceptado|salido) (?:el|la|los|las)\b|\ben qu[ée] (?:sala|aula|habitaci[óo]n|puerta|hotel|and[ée]n|asiento)\b[^.?!\n]{0,15}\b(?:estamos|estoy|tengo|tenemos|embarcamos|es)\b"
        # Portuguese, Italian, Dutch
        r"|^\W*(?:o|a|os|as) (?:pacote|encomenda|pedido|portas?|luz|luzes|garagem|alarme|pagamento|fatura|voo|consulta|entrega|transfer[êe]ncia|reembolso)\b[^.?!\n]{0,20}\b(?:chegou|est[áa]|foi|saiu|caiu|j[áa]|ainda)(?!\w)|^\W*(?:apague|apaga|acenda|acende|feche|fecha|abra|abre|ligue|liga|desligue|desliga) (?:a|o|as|os) (?:luz|luzes|porta|alarme|ar|aquecimento|tv|m[úu]sica)\b"
        r"|^\W*(?:[èe]|sono|hanno|ha) (?:gi[àa] )?\w+ (?:il |la |lo |l['’]|i |le )(?:pacco|ordine|porta|luci|luce|volo|pagamento|rimborso|bonifico|consegna|corriere|allarme|stipendio)\b|^\W*(?:spegni|accendi|chiudi|apri) (?:il |la |lo |l['’]|i |le )(?:luci|luce|porta|allarme|riscaldamento|tv|musica|garage)\b"
        r"|^\W*(?:is|zijn|staat|heeft) (?:de|het) (?:pakket|bestelling|voordeur|deur|licht|lichten|garage|alarm|verwarming|vlucht|trein|betaling|levering|afspraak)\b[^.?!\n]{0,20}\b(?:al|nog|open|dicht|aan|uit|op slot|klaar|binnen|verzonden|op tijd|bezorgd)\b|^\W*(?:doe|zet) (?:de|het) (?:licht|lichten|lampen|verwarming|alarm|deur|muziek|tv)\b",
        (
            "Ist die Haustür abgeschlossen?",
            "Mach das Licht im Schlafzimmer aus",
            "La porte d'entrée est-elle fermée ?",
            "De quoi avons-nous parlé hier ?",
            "¿Ya llegó el paquete?",
            "¿Qué me recetó el médico?",
            "O pacote já chegou?",
        ),
        (
            "Wie schließe ich eine Tür ohne Schlüssel auf?",
            "Ist das Auto eine Erfindung aus Deutschland?",
            "Comment suivre un colis ?",
            "¿Cómo abro una puerta sin llave?",
        ),
        unless=r"\b(?:wie (?:kann|muss|soll)|darf|comment|cómo|como (?:posso|faço)|come|hoe)\b(?! d['’]habitude)",
        why="A question or an order on a thing at hand, in German, French, Spanish, Portuguese, Italian or Dutch.",
    ),
)
