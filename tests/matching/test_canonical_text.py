import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sentinel_core.matching.canonical_text import LONGEST, comparable


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("", ""),
        ("   ", ""),
        ("🎉🎉", "🎉🎉"),
        ("\x00\x01", "\x00\x01"),
        ("please", "please"),
        ("Thanks!", "thanks"),
        ("???", "???"),
    ],
)
def test_what_has_nothing_to_compare_stays_what_it_is(prompt: str, text: str) -> None:
    assert comparable(prompt) == text


@pytest.mark.parametrize(
    "prompts",
    [
        ("What is AI?", "Tell me about AI", "Explain AI", "what's artificial intelligence"),
        ("What is machine learning?", "Tell me about ML", "ML explained", "define machine learning", "What is ML"),
        ("What is 2+2?", "What is two plus two?", "what is 2 + 2", "What's 2 plus 2"),
        (
            "How do I cancel a booking?",
            "um hi how do i cancel a booking",
            "Sorry to bother you, but how do I cancel a booking? Thanks",
        ),
        (
            "How to enable 2FA",
            "How can I enable two-factor authentication?",
            "could you tell me how to enable 2fa please",
        ),
        ("I can't log in", "I cannot log in", "i can’t log in."),
        ("a 2-hour clean", "A two hour clean", "a 2 hrs clean"),
        ("Is lunch included?", "Isn't lunch included?", "is lunch included, right?"),
        ("Can I pay by card?", "Can't I pay by card?", "But can't I pay by card?"),
        ("dogs are allowed here?", "Dogs are allowed here, aren't they?"),
        ("is it open at 6 pm", "Is it open at 18:00?", "is it open at 6:00 p.m."),
        ("a table at 2:30 pm", "a table at 14:30", "a table at 14:30 hrs"),
        (
            "the flood of May 5, 1945",
            "the flood of 5 May 1945",
            "the flood of the 5th of May, 1945",
            "the flood of May 05, 1945",
        ),
        ("is it open on Monday", "is it open on Mon"),
        ("a fee of 20 euros", "a fee of 20 EUR"),
        ("why do ears pop", "y do ears pop", "For what reason do ears pop?"),
        ("how long is the film", "Roughly how long is the film?", "how long is the film, by any chance?"),
        ("how to boil an egg", "how 2 boil an egg lol"),
        ("Is a taxi more expensive than a tram?", "Is a tram cheaper than a taxi?"),
        ("Does milk spoil faster than cream?", "Does cream spoil slower than milk?"),
        ("Is gold more dense than tin?", "Is tin less dense than gold?"),
        ("Why do leaves turn red", "Why is it that do leaves turn red"),
        ("Can I bring a dog?", "Would it be OK to bring a dog?", "is it okay if I bring a dog"),
        (
            "How do I cite a podcast?",
            "Hello there! Sorry to bother you with such a basic thing, but could you be so kind as to tell me how I "
            "should cite a podcast? Thanks a million in advance!",
            "I was wondering whether you could possibly let me know how I cite a podcast. Many thanks and best wishes.",
        ),
        (
            "how do I download last year's invoices?",
            "Subject: Invoices\n\nHello team,\n\nhow do I download last year's invoices?\n\nKind regards,\nAmira Li",
            "Dear Sir or Madam,\nhow do I download last year's invoices?\nBest\nTom\n\nSent from my phone",
        ),
        ("a 5 kg bag", "a 5kg bag", "a five kilogram bag"),
        ("is it 20% of 1,000", "is it twenty percent of 1000", "Is it 20 per cent of one thousand?"),
        ("ﬁle size", "file size", "FILE  SIZE"),
        ("deploy on k8s", "Deploy on Kubernetes"),
        ("play jazz", "Alexa, play jazz", "hey siri play jazz", "Play jazz, Cortana.", "PDA, play jazz"),
        ("How do I pay?", "Is there a way to pay?", "I have a question about how I can pay", "the steps to pay"),
        ("I am unable to pay", "I'm not able to pay", "I am not able to pay"),
        ("how many users are there", "what is the total number of users are there"),
        ("the cheapest flight", "the least expensive flight"),
        ("why it rains", "can you elaborate on why it rains"),
        ("one US dollar", "one U.S. dollar"),
        ("How do I pay?", '"How do I pay?"  ', "Q: How do I pay?", "Hope you are well. How do I pay?"),
        ("How do I pay?", "I read about this somewhere. How do I pay?", "Thanks for your help earlier. How do I pay?"),
        ("What is a Roth IRA?", "My cousin mentioned this at dinner. What is a Roth IRA?"),
        ("How do I reset the router?", "reset the router how"),
        ("how are you", "how r u"),
        ("How do I pay?", "I'd be very grateful if you could tell me how to pay, please."),
        ("How do I pay?", "If it's not too much trouble, please explain how to pay."),
        ("How do I pay?", "Would you be kind enough to explain how I can pay?"),
        ("How do I pay?", "It would be great if you could tell me how to pay"),
        ("How do I grill an eggplant?", "Out of curiosity, how do I grill an aubergine?"),
        ("How do I wash a nappy?", "How do I wash a diaper?"),
        ("What is hypertension?", "Honestly, what is high blood pressure?"),
        ("Is it for free?", "Is it free of charge?", "Is it at no cost?"),
        ("How do I use two-step verification?", "By the way: how do I use 2FA?"),
        ("rice and beans", "rice & beans"),
        ("a website for a laptop", "a web site for a lap top"),
        ("peas in minutes", "peas in mins"),
        ("was ist eine gmbh", "Erkl\u00e4re mir, was eine GmbH ist"),
        ("comment payer mon loyer", "payer mon loyer comment"),
        ("How do I turn off notifications on Slack?", "How do I turn notifications off on Slack?"),
        ("How do I plug in a monitor?", "how do i plug a monitor in"),
        ("Where are my invoices?", "Dear support team, where are my invoices? Kind regards, Tom"),
        ("How do I soften sugar?", "hiya :) how do I soften sugar? ty!!", "how how do I soften sugar"),
        ("How do I pay?", "Hello folks, quick one: how do I pay? Have a nice day!"),
        ("What causes hiccups?", "I wonder what causes hiccups."),
        ("How do I cancel my visit?", "What is the cancellation process for my visit?"),
        ("How do I activate a card?", "How does the activation of a card work?"),
        ("a 1 TB drive", "a 1 terabyte drive"),
        ("edit a PDF", "edit a PDF file"),
        ("What is GDP?", "What is gross domestic product?", "What is Gross Domestic Product (GDP)?"),
        ("what does NATO do", "what does the North Atlantic Treaty Organisation do"),
        ("how do APIs work", "how do application programming interfaces work"),
        (
            "Как варить рис?",
            "Подскажите, как можно варить рис?",
        ),
        ("\u600e\u4e48\u53d6\u6d88\u8ba2\u5355\uff1f", "\u8bf7\u95ee\u5982\u4f55\u53d6\u6d88\u8ba2\u5355\uff1f"),
        ("Jak zmieni\u0107 has\u0142o?", "W jaki spos\u00f3b mog\u0119 zmieni\u0107 has\u0142o?"),
        ("\u015eifremi nas\u0131l s\u0131f\u0131rlar\u0131m?", "\u015eifremi nas\u0131l s\u0131f\u0131rlayabilirim?"),
        ("Pouvez-vous m'expliquer la loi d'Ohm ?", "Peux-tu m'expliquer la loi d'Ohm ?"),
        ("Pourquoi mon chat miaule ?", "Mais pourquoi mon chat miaule ???"),
        ("Wie viel sind 5 kg in Pfund?", "Wie viel sind 5 Kilogramm in Pfund?"),
        ("怎么修改密码？", "密码怎么修改？"),
        ("Le musée ouvre-t-il à 14 h ?", "Le musée ouvre-t-il à 14h00 ?"),
        ("How do I wash silk?", "okay computer how do I wash silk"),
        ("出租车怎么付钱？", "计程车怎么付钱？"),
        ("パスワードを変更する方法を教えてください。", "パスワードってどうやって変更するの？"),
        ("Как сбросить пароль?", "Будьте любезны, подскажите, как сбросить пароль?"),
        ("Как часто нужно менять масло?", "Масло нужно менять как часто?"),
        ("كيف أحذف الحساب؟", "ازاي احذف الحساب؟"),
        ("Wie kann ich mein Konto löschen", "Mein Konto löschen, wie geht das?", "Wie kann man mein Konto löschen"),
        ("Was ist ein Fjord", "Was is denn ein Fjord"),
        ("Wie storniere ich ihn", "Wären Sie so freundlich, mir zu sagen, wie ich ihn storniere?"),
        ("Comment changer mon forfait", "comment je fais pour changer mon forfait"),
        ("Comment changer", "Auriez-vous la gentillesse de m'expliquer comment changer ?"),
        ("Comment changer", "Pourriez-vous, s'il vous plaît, me dire comment changer ?"),
        ("Cómo puedo cambiar mi clave", "oye cómo hago pa cambiar mi clave"),
        ("Cómo cancelo la cita", "¿Sería tan amable de decirme cómo cancelo la cita?"),
        ("Come cancello l'ordine", "Sarebbe così gentile da dirmi come cancello l'ordine?"),
        ("Como eu altero a minha senha", "como q eu altero minha senha"),
        ("Como cancelo isso", "Teria a gentileza de me dizer como cancelo isso?"),
        ("W jaki sposób mogę zmienić hasło", "jak moge zmienić hasło"),
    ],
)
def test_one_meaning_in_several_spellings_compares_as_one(prompts: tuple[str, ...]) -> None:
    assert {comparable(prompt) for prompt in prompts} == {comparable(prompts[0])}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is 2+2?", "What is 2+3?"),
        ("What is machine learning?", "What is deep learning?"),
        ("Add 5 ml of water", "Explain ML"),
        ("this one is fine", "this 1 is fine"),
        ("what is the number of the bus", "how many the bus"),
        ("computer science", "science"),
        ("Why is it not working?", "Why is it working?"),
        ("What is a good app?", "I am pregnant. What is a good app?"),
        ("How long should I rest?", "I hope this helps my knee. How long should I rest?"),
        ("What is it?", "My doctor mentioned this drug. What is it?"),
        ("Where can we eat?", "We love this city. Where can we eat?"),
        ("How do I sort a list?", "This is a quick question about Python. How do I sort a list?"),
        ("How do I add a row?", "I can't find it in Excel. How do I add a row?"),
        ("what is x & y", "what is x and y"),
        ("I do not know how", "how to i do not know"),
        ("take the bus back to Oslo", "take the bus out to Oslo"),
        ("how do I turn the fan on", "how do I turn the fan off"),
        ("how do I take a week off", "how do I take off"),
        ("狗怎么攻击？", "怎么攻击狗？"),
        ("他怎么离开？", "怎么离开他？"),
        ("Meinen Vertrag nicht kündigen, wie geht das?", "Wie kann ich meinen Vertrag kündigen?"),
        ("Can't open the app, why?", "Can open the app, why?"),
        ("Doesn't work after the update?", "Does work after the update?"),
        ("is 13:45:10 a time", "is 1:45:10 pm a time"),
        ("Subject: MacBook\n\nHello,\n\nhow do I reset it?\n\nBest\nTom", "how do I reset it?"),
        ("Subject: Order 5512\n\nHi,\n\nwhere is my order?\n\nThanks", "where is my order?"),
        ("Subject: TV remote\n\nHi,\n\nwhere is my remote?\n\nThanks", "where is my remote?"),
        ("Hello,\n\ntranslate: how are you?\n\nBest,\nTom", "Hello,\n\ntranslate: how are you?\n\nBest,\nJim"),
        ("Should I tell you when I am ill?", "When I am ill?"),
        ("Do I have to explain why I am late?", "Why am I late?"),
        ("I know how to swim. What is a crawl?", "How to swim. What is a crawl?"),
        ("Cancel my order. Is it possible?", "Cancel my order."),
        ("Is a tram cheaper than a taxi?", "Is a taxi cheaper than a tram?"),
        ("Which is cheaper than a taxi?", "Which is more expensive than a taxi?"),
    ],
)
def test_different_meanings_stay_apart(one: str, other: str) -> None:
    assert comparable(one) != comparable(other)


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("two hundred and five", "205"),
        ("twenty-five and one", "25 and one"),
        ("1.5 million", "1500000"),
        ("one two three", "1 2 3"),
        ("nineteen eighty four", "19 84"),
        ("a dozen eggs", "12 eggs"),
        ("ten times three", "10 * 3"),
        ("3 million five", "3000000 5"),
        ("twenty-first century", "21st century"),
        ("the third of may", "the 3rd of may"),
        ("the fortieth time", "the 40th time"),
        ("the 1st and the 2nd", "the first and the second"),
        ("may 1st", "may 1st"),
        ("thirty-second rule", "30 seconds rule"),
        ("third party app", "third party app"),
        ("one third of it", "one third of it"),
    ],
)
def test_number_words_become_digits(prompt: str, text: str) -> None:
    assert comparable(prompt) == text


def test_code_is_left_as_it_is_written() -> None:
    assert comparable("run ```two plus two```") == "run ```two plus two```"


def test_a_prompt_longer_than_any_embedder_reads_is_only_stripped() -> None:
    prompt = "Please tell me " * 10_000
    assert len(prompt) > LONGEST
    assert comparable(prompt) == prompt.strip()


@given(st.text(max_size=200))
def test_any_text_is_compared_the_same_the_second_time(prompt: str) -> None:
    text = comparable(prompt)
    assert comparable(text) == text


_VOCABULARY = (
    "please hi tell me about explain what is two hundred and million 5 kg 2fa ai ml ? , ' 's n't how can i "
    "could you plus times % $ the "
    "explained thanks dozen - . u.s. us x 3 k"
)
_PHRASES = st.sampled_from(_VOCABULARY.split(" "))


@example("hi please hi hi")
@given(st.lists(_PHRASES, max_size=12).map(" ".join))
def test_any_wrapping_is_compared_the_same_the_second_time(prompt: str) -> None:
    text = comparable(prompt)
    assert comparable(text) == text


@given(st.text(min_size=1, max_size=60).filter(str.strip))
def test_something_is_always_left_of_something(prompt: str) -> None:
    assert comparable(prompt)


def test_a_prompt_that_nobody_canonicalises_is_not_kept() -> None:
    prompt = "long " * (LONGEST // 5) + "end"
    holders = sys.getrefcount(prompt)

    assert comparable(prompt) is prompt
    assert sys.getrefcount(prompt) == holders


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Wann öffnet das Museum?", "Um wie viel Uhr öffnet das Museum?"),
        ("¿Cuánto cuesta el envío?", "¿Cuál es el precio del envío?"),
        ("Combien coûte la livraison ?", "Quel est le prix de la livraison ?"),
        ("Quanto costa la spedizione?", "Qual è il costo della spedizione?"),
        ("Quanto custa o envio?", "Bom dia, qual é o preço do envio?"),
        (
            "Wie k\u00fcndige ich einen Vertrag?",
            "Guten Tag, k\u00f6nnten Sie mir bitte sagen, wie ich einen Vertrag k\u00fcndige?",
        ),
        ("Was kostet eine Versicherung?", "Sag mal, was kostet denn eigentlich eine Versicherung?"),
        (
            "Comment changer l'adresse ?",
            "Bonjour, pourriez-vous me dire comment changer l'adresse s'il vous pla\u00eet ?",
        ),
        (
            "\u00bfCu\u00e1nto tarda el env\u00edo?",
            "Hola, \u00bfme podr\u00edan decir cu\u00e1nto tarda el env\u00edo?",
        ),
        ("Come si fa il pesto?", "Mi sa dire come si fa il pesto?"),
        ("Como fa\u00e7o o pedido?", "Gostaria de saber como fa\u00e7o o pedido"),
        ("Qu'est-ce que le taux d'usure ?", "C'est quoi le taux d'usure ?"),
        ("Wat kost de verzending?", "Hoeveel kost de verzending, bedankt"),
        ("Was kostet der Versand?", "Könnt ihr mir sagen, was der Versand kostet?"),
        ("Wie kündige ich mein Abo?", "Hallo zusammen, ich hätte da mal eine Frage: Wie kündige ich mein Abo?"),
        ("Ist der Versand kostenlos?", "Wissen Sie, ob der Versand kostenlos ist?"),
        ("À quelle heure ouvre le musée ?", "Savez-vous à quelle heure ouvre le musée ?"),
        ("Le musée est ouvert ?", "Est-ce que le musée est ouvert ?"),
        ("Le musée est ouvert ?", "Le musée est-il ouvert ?"),
        ("Pourquoi le ciel est bleu ?", "Pour quelle raison le ciel est-il bleu ?"),
        ("¿A qué hora abre el museo?", "¿Sabe usted a qué hora abre el museo?"),
        ("¿Cómo cancelo mi plan?", "Hola, una pregunta rápida: ¿cómo cancelo mi plan?"),
        ("A che ora apre il museo?", "Sa dirmi a che ora apre il museo?"),
        ("Warum gähnt ein Hund?", "Weshalb gähnt ein Hund?"),
        ("Wie brauche ich es?", "Wie brauch ich es?"),
        (
            "Wie kaufe ich ein Auto?",
            "Guten Tag, entschuldigen Sie bitte die Störung. Könnten Sie mir freundlicherweise erklären, wie ich ein "
            "Auto kaufe? Vielen herzlichen Dank im Voraus!",
        ),
        ("Où est la gare ?", "Où se trouve la gare ?"),
        ("Wo ist der Bahnhof?", "Wo befindet sich der Bahnhof?"),
        ("¿Dónde está la estación?", "¿Dónde se encuentra la estación?"),
        ("Dov'è la stazione?", "Dove si trova la stazione?"),
        ("Combien coûte la livraison ?", "C'est combien la livraison ?"),
        ("Comment supprimer mon compte ?", "Je voudrais supprimer mon compte, comment faire ?"),
        ("Wie kann ich mein Konto löschen?", "Ich möchte mein Konto löschen. Wie geht das?"),
        ("Kann ich mit Karte zahlen?", "Ist Kartenzahlung möglich?"),
        ("Warum ist der Himmel blau?", "Was ist der Grund, dass der Himmel blau ist?"),
        ("Wie hoch ist der Mount Everest?", "Welche Höhe hat der Mount Everest?"),
        ("Gibt es Parkplätze am Hotel?", "Hat das Hotel Parkplätze?"),
        ("Wie kann ich meinen Vertrag kündigen?", "Ich will meinen Vertrag kündigen, was muss ich tun?"),
        ("Welche Unterlagen brauche ich für den Antrag?", "Welche Dokumente werden für den Antrag benötigt?"),
        ("Wie hoch sind die Versandkosten nach Österreich?", "Was kostet der Versand nach Österreich?"),
        ("Quels sont vos horaires d'ouverture ?", "Quand êtes-vous ouverts ?"),
        ("Combien de temps dure la livraison ?", "Quel est le délai de livraison ?"),
        ("Puis-je payer par carte ?", "Acceptez-vous les cartes bancaires ?"),
        ("Quelle est la hauteur de la tour Eiffel ?", "La tour Eiffel fait combien de mètres de haut ?"),
        ("De quels documents ai-je besoin pour la demande ?", "Quels papiers faut-il pour la demande ?"),
        ("Comment résilier mon abonnement ?", "Je souhaite annuler mon abonnement, comment faire ?"),
        ("¿Cuál es el horario de apertura?", "¿A qué hora abren?"),
        ("¿Hay aparcamiento en el hotel?", "¿El hotel tiene aparcamiento?"),
        ("¿Qué documentos necesito para la solicitud?", "¿Qué papeles hacen falta para la solicitud?"),
        ("Vorrei disdire l'abbonamento, come si fa?", "Come posso disdire l'abbonamento?"),
        ("C'è un parcheggio in hotel?", "L'hotel ha un parcheggio?"),
        ("Quanto tempo demora a entrega?", "Qual é o prazo de entrega?"),
        ("Que documentos preciso para o pedido?", "Quais documentos são necessários para o pedido?"),
        ("Hoe lang duurt de levering?", "Hoeveel dagen duurt de bezorging?"),
        ("Is er parkeergelegenheid bij het hotel?", "Heeft het hotel parkeerplaatsen?"),
        ("Welke documenten heb ik nodig voor de aanvraag?", "Welke papieren zijn nodig voor de aanvraag?"),
    ],
)
def test_two_wordings_in_another_language_become_one(one: str, other: str) -> None:
    assert comparable(one).rstrip(" ?") == comparable(other).rstrip(" ?")


@pytest.mark.parametrize(
    "prompt",
    ["right angle", "well water testing", "morning sickness", "dear diary", "so simple a song", "look and feel"],
)
def test_a_word_that_begins_a_thing_is_no_filler(prompt: str) -> None:
    assert comparable(prompt) == prompt


@pytest.mark.parametrize("opening", ["so", "well,", "right,", "morning,", "so please", "well ok", "dear all"])
def test_a_filler_before_a_question_is_dropped(opening: str) -> None:
    assert comparable(f"{opening} what is a right angle") == "what is a right angle"
