"""The rules of `novelty`: patterns with examples, which are their tests."""

# ruff: noqa: E501  a pattern is read in one piece
from __future__ import annotations

from sentinel_core.cache.prompt_rules import PromptRule

TRIGGER = (
    r"random|number|dice|die\b|coin|card|again|another|different|else|retry|redo|regenerat|reroll|respin|more|next|new\b"
    r"|password|passphrase|passcode|\bpin\b|uuid|guid|ulid|token|secret|nonce|salt|username|nickname|\botp\b|\bkey\b"
    r"|jok|poem|story|stor[iy]|haiku|limerick|riddle|song|\brap\b|\bpun|compliment|fact|trivia|icebreaker|pick-?up|roast"
    r"|sonnet|lyrics|slogan|tagline|twister|rhyme|verse|ballad|brainstorm|invent|make up|come up|think of|dream up"
    r"|amaze|don['\u2019]?t know|fake|dummy|sample|prompt|starter|lottery|^\W*name|shuffl|randomi|scrambl|mix up|suggest|propose|names? for|titles? for|ideas?\b"
    r"|surprise|laugh|entertain|bored|funny|rock|heads|winner|roll|once more|reword|rephrase|witz|chiste|hasard|azar|al[eé]at|casual|a caso|acaso|zuf[äa]ll|willekeur|gedicht|po[eèé]|m[äa]rchen|r[äa]tsel|passwor"
    r"|wiersz|dowcip|jeszcze|digt|eventyr|bir daha|shorter|longer|funnier|simpler|\bover\b|mot de passe|contrase|senha|wachtwoord|noch ?mal|noch einmal|erneut|nuevo|novo|nuovo|nouveau|opnieuw|riprova|r[ée]essai|verha|geschicht|histoir|hist[oó]ri|cuento|adivinan|devinet|charada|filastrocc|indovinel|raadsel|mop|ancora|nog e|blague|piada|barzellet|grap|otra|noch|encore|outr[ao]|altr[ao]"
)
"""No rule matches a prompt without one of these."""

TRIGGER_ELSEWHERE = (
    r"[\u0400-\u04ff\u0600-\u06ff\u0900-\u097f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|żart|kawał|bajk|zagadk|hasło|liczb|skämt|dikt|saga|gåt|gåd|lösenord"
    r"|slump|tärning|fıkra|şiir|hik[âa]ye|masal|şifre|parola|sayı|tekrar|daha|gång"
)
"""No rule matches a prompt in other letters without one of these, or one of `TRIGGER`."""

QUESTIONS = (
    r"\W*(?:(?:hi|hello|hey|please|so|and|ok(?:ay)?)\b\W*){0,3}(?:how|why|what(?! about (?:another|a different))|when|where"
    r"|who|which|explain|describe|define|should|did|does|is|are|was|translate|summari[sz]e|rewrite|proofread|classify"
    r"|i (?:forgot|can(?:'t|not)|lost|need help))\b"
)
"""The beginning of prompts that ask about a thing instead of having it made."""

_ASK = (
    r"(?:(?:can|could|would|will) (?:you|u) (?:please |kindly |just )?|please |(?:i (?:want|need)|i(?:'d| would) like) (?:to )?"
    r"(?:you to )?|(?:i want|i'd like|let me) (?:to )?hear |let's |now |ok(?:ay)?,? |hey,? )"
)
_MAKE = (
    r"(?:generate|create|make|make up|write|compose|invent|come up with|give|tell|suggest|pick|choose|select|draw|roll"
    r"|produce|think of|draft|share|crack|sing|show|name|say|send|recommend|get)"
)
_FOR = r"(?: (?:me|us))?"
_START = rf"^\W*(?:{_ASK}){{0,3}}"
_NOT_CODE = (
    r"(?!.*\b(?:functions?|code|scripts?|programs?|class|methods?|quer(?:y|ies)|regex|sql|tests? for|api that)\b)"
)
_IDENTIFIER = (
    r"(?:passwords?|passphrases?|passcodes?|pin(?: codes?| numbers?)?|uuids?|guids?|ulids?|(?:api |access |secret |license )?"
    r"(?:tokens?|keys?)|secrets?|nonces?|salts?|usernames?|nicknames?|one-time codes?|otps?)"
)
_PIECE = (
    r"(?:(?:dad |knock[- ]knock |yo mama )?jokes?|poems?|(?:bedtime |short |scary |ghost )?stor(?:y|ies)|haikus?|limericks?"
    r"|riddles?|songs?|raps?|puns?|compliments?|(?:fun |interesting |random )facts?|trivia(?: questions?)?|icebreakers?"
    r"|pick-?up lines?|roasts?|sonnets?|lyrics|slogans?|taglines?|tongue[- ]twisters?|rhymes?|verses?|ballads?"
    r"|fairy tales?|something (?:funny|new|interesting|random|else|different))"
)
_NO_TERM = r"(?! (?:forests?|walks?|access|effects?|variables?|sampl\w+|error)\b)"
_SOME = r"(?:(?:a|an|another|one|two|three|five|ten|\d+|some|any|one more|a few|me|us|the next|more)\s){0,3}"

_PLEASE_THERE = r"(?:(?:bitte|por favor|please|s['’]il te pla[iî]t|per favore|alsjeblieft|kannst du|puedes|peux-tu|pode|puoi|kun je),? (?:me |mir )?)?"
_MAKE_THERE = (
    r"(?:erz[äa]hle?|sage?|schreibe?|dichte?|gib|generiere?|erstelle?|erzeuge?|nenne?|erfinde?|w[üu]rf(?:le|el)|w[äa]hle?"
    r"|di|da|dime|dame|cu[ée]nta|escr[ií]be|genera|inv[ée]nta(?:te)?|crea|haz|elige|dis|donne[zr]?|raconte[zr]?|[ée]cri[sv](?:ez)?|g[ée]n[èe]re[zr]?"
    r"|invente[zr]?|cr[ée]e[zr]?|compose[zr]?|choisis|tire[zr]?|diz|diga|d[êe]|d[áa]|cont[ea]|escrev[ea]|ger[ea]|cri[ea]|fa[çz]a?|escolh[ea]|sorteia"
    r"|dimmi|dammi|racconta|scrivi|componi|fai|fa|scegli|tira|vertel|geef|schrijf|genereer|verzin|maak|bedenk|kies|gooi)"
)
_ONE_THERE = r"(?:(?:noch |nog )?(?:einen?|eine?n?|ein|un['’]?|una|une|uno|um|uma|een|otr[ao]s?|autre|outr[ao]s?|altr[ao]|zwei|drei|dos|tres|deux|trois|dois|duas|due|tre|twee|drie|\d+) ?(?:otr[ao]s? |autres? |outr[ao]s? |altr[aoie] |ander[er]?n? )?)"
_PIECE_THERE = (
    r"(?:witze?|gedichte?|geschichten?|m[äa]rchen|r[äa]tsel|zufallszahl(?:en)?|zuf[äa]llige\w*|pass(?:wort|w[öo]rter)|chistes?|poemas?|cuentos?|historias?|adivinanzas?"
    r"|contrase[ñn]as?|blagues?|po[èe]mes?|histoires?|devinettes?|mots? de passe|piadas?|hist[óo]rias?|charadas?|senhas?|palavras?-passe|barzellett[ae]|poesi[ae]|stori[ae]"
    r"|indovinell[oi]|filastrocc(?:a|he)|passwords?|mop(?:pen)?|grap(?:pen)?|gedichten|verha(?:al|len)|raadsels?|wachtwoord(?:en)?|willekeurige?"
    r"|(?:n[úu]mer[oi]s?|nombres?|pa(?:la[bv]r|rol)as?|mots?|zahl(?:en)?|getal|lettr?es?) (?:al azar|au hasard|aleat[óo]ri[oa]s?|al[ée]atoires?|ao acaso|à sorte|a caso|casual[ei]))\b"
)
_PIECE_AT_RANDOM = r"(?:(?:ein|un|una|une|um|uma|een) )?(?:zufallszahl|n[úu]mero (?:al azar|aleat[óo]rio)|nombre (?:au hasard|al[ée]atoire)|numero (?:a caso|casuale)|willekeurig getal)"
_AGAIN_THERE = r"(?:noch ?mal|noch einmal|erneut|de nuevo|otra vez|encore(?: une fois)?|[àa] nouveau|r[ée]essaie|de novo|outra vez|di nuovo|ancora(?: una volta)?|riprova|opnieuw|nog (?:een|eens)(?: keer)?)"

_CODE_ELSEWHERE = r"(?:funkcj|skrypt|funktion|fonksiyon|функци|скрипт|программ|関数|コード|函数|代码|脚本|함수|코드|دالة|फ़ंक्शन|\bkod\b|\bsql\b)"


RULES = (
    PromptRule(
        "random",
        rf"{_START}{_MAKE}{_FOR} {_NOT_CODE}(?:\w+ ){{0,4}}?random(?:ly)?\b{_NO_TERM}"
        rf"|^\W*(?:an? |another |\d+ )?random{_NO_TERM} [\w-]+(?: (?:between|from|of|in|please|generator|\d).*)?\W*$",
        ("Give me a random number", "generate a random word please", "Pick a random country", "random number 1-10"),
        ("What is a random forest?", "Write a function that returns a random number", "random access memory"),
    ),
    PromptRule(
        "chance",
        rf"{_START}(?:roll|throw) (?:\d+ ?)?d\d+\b|{_START}(?:roll|flip|toss|throw|spin|draw|pull|pick|choose|select|think of){_FOR} (?:a|an|the|two|\d+|some|any|one)\b"
        r"(?: \w+){0,2} ?(?:dice|die|d\d+|coins?|cards?|numbers?|wheel|lottery numbers?|winner)\b|^\W*heads or tails\b"
        rf"|^\W*(?:let's )?play rock,? paper|{_START}(?:shuffle|randomi[sz]e|scramble|mix up) {_NOT_CODE}(?:this|these|the|my|our)\b",
        (
            "Shuffle this list: a, b, c",
            "Roll a die",
            "Roll 3d6 and add 2",
            "flip a coin",
            "Pick a number between 1 and 10",
            "can you roll two dice",
            "heads or tails?",
        ),
        (
            "How do I roll a die in Python?",
            "Is flipping a coin fair?",
            "Pick the largest number: 3, 9",
            "Select a number of columns",
        ),
        unless=r"\bthe (?:largest|smallest|biggest|highest|lowest|greatest|right|correct|best|closest|missing|next|wrong|odd|even|prime|first|last) |\ba number of\b|\bnumber line\b",
    ),
    PromptRule(
        "secret",
        rf"{_START}{_MAKE}{_FOR} {_NOT_CODE}(?:(?:a|an|one|some|\d+|me) )?(?:(?:new|strong|secure|random|unique|good|safe"
        rf"|memorable|long|fresh|another|\d+[- ](?:digit|character|letter)) ?){{0,3}}{_IDENTIFIER}(?! (?:polic|manager|reset|hash"
        r"|field|form|email|rule|requirement|for my account|contract))"
        rf"|{_START}(?:a )?(?:new|strong|secure|another) {_IDENTIFIER}(?: please)?\W*$",
        ("Generate a new password", "Create a strong password", "give me a UUID", "make me a 6-digit PIN"),
        ("How do I reset my password?", "Create a password policy", "What is a UUID?", "I forgot my password"),
    ),
    PromptRule(
        "piece",
        rf"{_START}{_MAKE}{_FOR} {_SOME}(?:(?!(?:the|this|that|these|those|my|your|which|about|what)\b)[\w'-]+ ){{0,3}}?{_PIECE}\b"
        rf"|{_START}(?:do you (?:know|have)|got|know|have you got) (?:any|a|some|another)(?: \w+)? {_PIECE}"
        rf"|^\W*(?:a|another|one more) (?:\w+ )?{_PIECE}(?: please)?\W*$"
        rf"|{_START}hear (?:a|another|some|one more) (?:\w+ )?{_PIECE}\b"
        r"|\bmake (?:me|us) (?:laugh|smile)|^\W*(?:surprise|entertain|amaze) (?:me|us)|\btell (?:me|us) something (?:i|we) (?:do not|don['\u2019]?t) know|^\W*i(?:'m| am) bored",
        (
            "Tell me a joke",
            "write a short poem about autumn",
            "do you know a good joke?",
            "make me laugh",
            "Surprise me!",
        ),
        ("Why is this joke funny?", "What is a haiku?", "explain the poem", "who wrote the song Imagine"),
    ),
    PromptRule(
        "ideas",
        rf"{_START}(?:brainstorm|invent(?! (?:is|was|means|in|or|and)\b)|dream up|come up with|make up|think of|think up)\b"
        rf"|{_START}(?:suggest|propose|give|offer|list){_FOR} {_NOT_CODE}{_SOME}(?:(?!the\b)[\w'-]+ ){{0,2}}?(?:names?|titles?|ideas?) for\b"
        rf"|{_START}(?:suggest|propose|give|offer|think of){_FOR} {_NOT_CODE}{_SOME}(?:(?!the\b)[\w'-]+ ){{0,2}}?(?:names?|titles?|ideas|prompts?"
        r"|conversation starters?|lottery tickets?|lottery numbers?)\W*$"
        rf"|{_START}name (?:my|our) (?:\w+ )?(?:cat|dog|puppy|kitten|pet|baby|boat|car|band|company|startup|business|shop|horse|hamster|plant)\W*$"
        rf"|{_START}(?:generate|create|make|make up|give|produce){_FOR} {_NOT_CODE}{_SOME}(?:fake|sample|dummy|made-up|fictional) \w+",
        (
            "Generate 5 fake addresses",
            "Name my puppy",
            "Give me a conversation starter",
            "Suggest a name for my cat",
            "Brainstorm names for my cat",
            "come up with a slogan for a bakery",
            "Invent a superhero",
        ),
        (
            "Who invented the telephone?",
            "What is brainstorming?",
            "Invent is a synonym of what?",
            "How do I create sample data?",
            "Give me the names",
            "List the names of all singers",
            "Give the name for each city",
        ),
    ),
    PromptRule(
        "again",
        r"^\W*(?:(?:no|nope|ok(?:ay)?|please|hm+|great|nice|good|haha|lol|thanks?|cool|yes)\b\W*){0,3}"
        r"(?:(?:please |can you |could you |let's )?(?:try|do|generate|roll|flip|spin|pick|ask|tell|write|say|make|go|answer|draw)"
        r"?(?: (?:it|that|this|one|me))? ?(?:again|once more|one more time|over)"
        r"|(?:(?:give|tell|show|write|make|pick|try|generate|how about|what about|i want|i'd like)(?: me| us)? )?"
        r"(?:another|a different|a new|one more|the next|next|some(?:thing)?(?: else| different| new)?|a few more|more)"
        r"(?: (?:one|ones|joke|idea|ideas|answer|try|version|option|options|suggestion|example|word|number|name|fact|riddle"
        r"|story|poem|attempt|like (?:that|this)|of (?:these|those|them)))?"
        r"|regenerate|re-?roll|re-?try|re-?do(?: it| that)?|re-?spin|surprise me again)(?: (?:please|now|for me))?\W*$"
        r"|^\W*(?:please |can you |could you |now )?(?:re-?word|re-?phrase|say|put|word|phrase|write|explain|do|solve|draw|answer|try) (?:it|that|this|them)"
        r"(?: (?:again|once more|one more time|another way|differently|in another way|some other way))+(?: please)?\W*$"
        # A new attempt, or one of another kind than the last.
        r"|^\W*(?:please |can you |could you )?(?:do (?:it|that|this) (?:all )?over|start over|(?:have|take|give it|try) another (?:go|shot|try|stab)|from the top)(?: again| please)?\W*$"
        r"|^\W*(?:no|nope|nah|hm+|not (?:that|this|the same)(?: one)?|not quite|i (?:don['\u2019]?t|didn['\u2019]?t) like (?:it|that|this)(?: one)?|that['\u2019]?s (?:bad|boring|old|not it)|too (?:long|short|boring|hard|easy|formal))"
        r"\W+(?:but |please |now |can you |could you )?(?:try|give|make|write|tell|do|pick|show|how about|what about|i want|something|another|a different|a shorter|a longer|again)\b[^?\n]{0,40}\W*$"
        r"|^\W*(?:please |can you |could you |now )?(?:(?:make|do|write|say|try|keep) (?:it|that|this|one|something) |something |a |and |but )?(?:a (?:bit|little) |much |even |slightly )?"
        r"(?:shorter|longer|funnier|simpler|nicer|easier|harder|darker|punchier)(?: one| version| this time)?(?: please)?\W*$",
        (
            "another one",
            "Not that one, try something shorter",
            "Do it over",
            "make it a bit longer please",
            "Try again",
            "again!",
            "Give me another",
            "one more please",
            "regenerate",
            "something else",
            "more",
            "Reword it once more",
            "say that differently",
        ),
        (
            "Should I try again later?",
            "No, make the table wider than the page?",
            "Is it over?",
            "a shorter flight",
            "Can I open another account?",
            "What about another card?",
            "the next train to Rome",
        ),
    ),
    PromptRule(
        "other-languages",
        r"(?:erzähl\w*|sag\w*) (?:mir |uns )?(?:bitte )?(?:einen|noch einen) witz|\bnoch (?:einen|eine|eins)(?: bitte)?\W*$"
        r"|cu[ée]nta(?:me|nos) (?:un|otro) chiste|^\W*otr[ao](?: vez| más)?\W*$|raconte[- ](?:moi|nous) une (?:autre )?blague"
        r"|^\W*encore une? (?:fois|autre)?|cont[ea](?:-me)? (?:uma|outra) piada|^\W*outr[ao](?: vez)?\W*$"
        r"|raccontami (?:una|un'altra) barzelletta|^\W*(?:un altro|un'altra|ancora una)\W*$|vertel (?:me )?een (?:mop|grap)"
        rf"|^\W*{_PLEASE_THERE}{_MAKE_THERE}(?:[- ]?(?:me|moi|nous|nos|mir|uns|mij|ons|mi|ci))?(?: {_PLEASE_THERE})? ?{_ONE_THERE}"
        rf"(?:[\w'’-]+ ){{0,2}}?{_PIECE_THERE}"
        rf"|^\W*{_AGAIN_THERE}\b[ ,]+(?:aber|pero|mais|mas|ma|maar)\b[^?]{{2,40}}$"
        rf"|^\W*{_PLEASE_THERE}{_PIECE_AT_RANDOM}\W*$|^\W*(?:\w+ ){{0,2}}{_AGAIN_THERE}(?: bitte| por favor| please)?\W*$",
        (
            "Erzähl mir einen Witz",
            "Cuéntame un chiste",
            "raconte-moi une blague",
            "otra vez",
            "Otra vez, pero distinta",
            "noch einen",
            "Noch eins bitte",
            "Invéntate un poema sobre el mar",
            "Donne-moi un nombre au hasard entre 1 et 50",
            "Dime un chiste corto",
            "Tenta outra vez",
            "Schreib ein kurzes Gedicht über den Herbst",
            "Genera una password sicura",
            "Versuch es noch einmal",
            "Verzin een verhaal over een draak",
        ),
        (
            "Was ist ein Witz?",
            "otra cuenta para mi hijo",
            "Como tento outra vez o pagamento?",
            "Schreib das Gedicht auf Englisch",
            "¿Qué es un chiste?",
            "Come cambio la mia password?",
            "Genera una contraseña con Python",
        ),
        unless=rf"{_CODE_ELSEWHERE}|\b(?:python|java(?:script)?|excel|code|c[óo]digo|codice|funci[óo]n|fonction|funzione|fun[çc][ãa]o|functie)\b",
    ),
    PromptRule(
        "other-scripts",
        r"^\W*(?:(?:proszę|prosze) )?(?:opowiedz|napisz|wymyśl|wygeneruj|stwórz|podaj|wylosuj|rzuć|powiedz|ułóż|daj) (?:\w+ ){0,3}?(?:dowcip|żart|kawał|wiersz|bajk|opowiadani|zagadk|hasło|losową)"
        r"|^\W*(?:berätta|skriv|hitta på|skapa|generera|ge mig|välj|kasta|fortæl|lav|opret|generer|fortell|lag|dra) (?:\w+ ){0,3}?(?:skämt|vits|vittighed|dikt|digt|saga|eventyr|gåta|gåde|lösenord|adgangskode|passord|slumptal|tärning)"
        r"|(?:fıkra|şiir|hik[âa]ye|masal|bilmece|şifre|parola|rastgele (?:\w+ )?sayı|zar)\b(?: \w+){0,2}? (?:anlat|yaz|söyle|uydur|oluştur|üret|seç|at)(?: bana| lütfen)?\W*$"
        r"|^\W*(?:пожалуйста,? )?(?:расскажи|напиши|придумай|сочини|сгенерируй|создай|выбери|брось|подбрось|загадай|дай|назови)(?:те)? (?:\w+ ){0,3}?(?:анекдот|шутк|стих|сказк|истори|рассказ|загадк|парол|случайн|кубик|монет)"
        r"|(?:冗談|ジョーク|詩|物語|お話|笑い話|なぞなぞ|パスワード|乱数|サイコロ|俳句)(?:(?!方法|やり方|仕方)[^？?]){0,10}?(?:言って|教えて|書いて|作って|生成して|振って|選んで|詠んで|聞かせて)"
        r"|^\W*(?:请|帮我|给我)?(?:讲|说|写|编|作|来|生成|掷|抛|随机)[^？?]{0,10}?(?:笑话|诗|故事|谜语|密码|随机数|骰子|硬币|段子)"
        r"|(?:농담|수수께끼|비밀번호|난수|주사위|동화)[^?]{0,10}?(?:해 ?줘|써 ?줘|만들어|생성해|골라|던져|들려)"
        r"|^\W*(?:من فضلك )?(?:احك|احكي|اكتب|ألف|ألّف|اخترع|أنشئ|أعطني|اختر|قل) (?:\w+ ){0,3}?(?:نكتة|قصيدة|قصة|لغز|كلمة مرور|كلمة سر|رقم عشوائي|رقما عشوائيا)"
        r"|(?:चुटकुला|कविता|कहानी|पहेली|पासवर्ड|शायरी)[^?]{0,25}?(?:सुनाओ|लिखो|बनाओ|सुनाइए|लिखिए|बनाइए|दो\W*$)"
        r"|^\W*(?:ещ[её] (?:раз|один|одну|одна)|давай (?:снова|ещ[её])|jeszcze (?:raz|jeden|jedna|jedną)|en gång till|en till|igen|bir (?:daha|tane daha)|tekrar(?: dene)?|もう(?:一度|一回|一つ)|別の(?:を|もの)?|再来一(?:个|次|遍)|换一个|再试一次"
        r"|다시(?: 해 ?줘)?|하나 더|مرة أخرى|واحدة أخرى|फिर से|एक और)(?:,? (?:proszę|пожалуйста|tack|lütfen|お願い))?[\W]*$",
        (
            "Opowiedz mi dowcip",
            "Hitta på en saga om en drake",
            "Bana bir fıkra anlat",
            "Расскажи анекдот",
            "雨についての詩を書いて",
            "给我讲个笑话",
            "농담 하나 해 줘",
            "اكتب قصيدة عن المطر",
            "एक चुटकुला सुनाओ",
            "Сгенерируй надёжный пароль",
            "ещё раз",
            "再来一个",
        ),
        (
            "Co to jest dowcip?",
            "Jak napisać wiersz?",
            "Как сменить пароль?",
            "Напиши функцию, которая создаёт пароль",
            "パスワードを変更する方法は？",
            "パスワードを変更する方法を教えてください。",
            "怎么改密码？",
            "Şifremi nasıl değiştiririm?",
            "كيف أغير كلمة المرور؟",
            "पासवर्ड कैसे बदलूँ?",
            "詩を表示するコードを書いて",
        ),
        unless=_CODE_ELSEWHERE,
        why="A request for something new in letters or languages of few rules.",
    ),
)
