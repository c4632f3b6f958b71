"""Rules of `novelty` for things drawn at random and for works of art, which are others each time, in all languages."""

# ruff: noqa: E501  a pattern is read in one piece
from __future__ import annotations

from sentinel_core.cache.prompt_rules import PromptRule

_START = (
    r"^\W*(?:(?:can|could|would|will) (?:you|u) (?:please |just )?|please |(?:i want|i need|i(?:'d| would) like) (?:you )?to |let's |now |ok(?:ay)?,? |hey,? "
    r"|bitte |kannst du (?:bitte )?|por favor,? |s['’]il te pla[iî]t,? |per favore,? |alsjeblieft,? |proszę |пожалуйста,? |lütfen |请|帮我|给我){0,3}"
)
_TO_ME = r"(?:[- ]?(?:me|moi|nous|nos|mir|uns|mij|ons|mi|ci|us)\b)?"
_ONE = r"(?:an?|another|some|one|two|three|four|five|\d+|a few|a couple of)"
_ONE_THERE = r"(?:eine?n?|ein|un['’]?|una|une|uno|unas|unos|des|um|uma|een|ett?|en|zwei|drei|dos|tres|deux|trois|dois|duas|due|tre|twee|drie|\d+)"

_COUNTED = r"(?:(?:one|two|three|four|five|single|given|\d+) )?(?:whole |lucky |positive )?(?:numbers?|digits?|integers?|letters?|words?|colou?rs?|cards?|names?|animals?|fruits?)"
_RANGE = r"(?:from|between|in the range|under|below|up to|of the alphabet|less than|greater than)"

_CODE = (
    r"\b(?:functions?|funcs?|code|scripts?|program\w*|class|sql|regex|svg|css|html|canvas|python|matplotlib|turtle|latex|tikz|java(?:script)?|pygame|opengl|d3|excel|kotlin|swift|rust|c\+\+"
    r"|funktion\w*|fonction\w*|funci[óo]n\w*|funzion\w*|fun[çc][ãa]o|functie\w*|c[óo]digo|codice|skript\w*|algorit\w*|funkcj\w*|skrypt\w*|fonksiyon\w*|kod)\b|функци|скрипт|програм|код\b|алгоритм|関数|コード|函数|代码|脚本|함수|코드|دالة|फ़ंक्शन"
)
_TECHNICAL = (
    r"\b(?:conclusions?|inferences?|distinctions?|parallels?|comparisons?|lines?|circles?|graphs?|charts?|plots?|diagrams?|triangles?|squares?|rectangles?|polygons?|parabolas?|hyperbolas?|structures?|histograms?"
    r"|tables?|flow ?charts?|schemas?|uml|circuits?|curves?|vectors?|number lines?|bisectors?|tangents?|angles?|mind ?maps?|timelines?|venn|molecules?|tags?|docker\w*|ami|aws|plans?|proofs?|outlines?|disk|iso|container|vm|boot|backup|registry|url|upload\w*|gallery|carousel"
    r"|slider|components?|classifiers?|recognition|editor|viewer|loader|processing|compression|captions?|generator|grafik|graph\w*|gr[áa]fic\w*|diagramm?\w*|kurven?|courbes?|curvas?|parabel|parabole|kreis\w*|cercles?|c[íi]rculos?|cerchi\w*"
    r"|dreieck\w*|tri[áa]ngulos?|triangol\w+|linien?|lignes?|l[íi]neas?|linhas?|linee|schluss\w*|conclus\w+|wykres\w*|lijn|cirkel|driehoek|grafiek\w*)\b|график|схем|диаграмм|图表|曲线|流程图|三角形|グラフ|図表|三角形|그래프|도표"
)

_ART = (
    r"(?:images?|pictures?|pics?|photos?|illustrations?|drawings?|paintings?|portraits?|logos?|wallpapers?|posters?|flyers?|avatars?|memes?|cartoons?|mascots?|emblems?|comics?|comic strips?|tattoos?|(?:ascii|pixel|cover|line|concept)? ?art(?:work)?"
    r"|(?:album|book|cd) covers?|melod(?:y|ies)|tunes?|jingles?|lullab(?:y|ies)|soundtracks?|symphon(?:y|ies)|waltz(?:es)?|sonatas?|anthems?|hymns?|nocturnes?|riffs?|fugues?|theme songs?|drum beats?)"
)
_ART_THERE = (
    r"(?:logos?|logotip\w*|logotyp\w*|bild(?:er)?|zeichnung(?:en)?|gem[äa]lde|plakate?|posters?|melod[iíy]\w*|m[ée]lodies?|lied(?:er)?|\w*lied|wappen|maskottchen|images?|dessins?|affiches?|tableaux?|chansons?|berceuses?|im[áa]gen(?:es)?|dibujos?|carteles|cartel"
    r"|canci[óo]n(?:es)?|nanas?|mascotas?|immagin[ei]|disegn[oi]|manifest[oi]|locandin[ae]|canzon[ei]|ninna ?nann[ae]|imagens?|imagem|desenhos?|cartaz(?:es)?|m[úu]sicas?|can[çc][ãa]o|can[çc][õo]es|afbeelding(?:en)?|plaatjes?|tekening(?:en)?|\w*liedje"
    r"|obraz\w*|rysun\w*|piosenk\w*|melodi\w*|affisch\w*|teckning|tegning|l[åa]t|sang|sång)"
)
_CREATE_THERE = (
    r"(?:entwirf|entwerfe|gestalte|komponiere?|erstelle?|erzeuge?|generiere?|mach|male?|zeichne|erfinde|schreibe?|compose[zr]?|con[çc]ois|concevez|cr[ée]e[zr]?|g[ée]n[èe]re[zr]?|invente[zr]?|fais|faites|imagine[zr]?"
    r"|diseñ[ae]|comp[óo]n|componga|crea|cree|genera|haz|inv[ée]nta|inventa|progetta|componi|disegna|fai|crie|cria|ger[ae]|fa[çz]a?|comp[õo]e|componha|inventa|invente|desenh[ae]|ontwerp|componeer|maak|verzin|genereer|teken"
    r"|zaprojektuj|skomponuj|stwórz|wygeneruj|wymyśl|skapa|designa|komponera|rita|generera|design|komponer|lav|skab|lag|generer)"
)
_DRAW_THERE = r"(?:zeichne|male?|skizziere|dessine[zr]?|peins|peignez|esquisse[zr]?|dib[úu]j[ae]|pint[ae]|disegna|dipingi|desenh[ae]|teken|schilder|rita|måla|tegn)"
_DRAW_BARE = r"(?:narysuj|namaluj|nakresli|нарисуй(?:те)?|намалюй(?:те)?|ارسم(?:ي)?)"

_TAKE_THERE = (
    r"(?:nimm|nenne?|w[äa]hle?|zieh(?:e|t|en)?|sage?|gib|suche?|generiere?|denk|tire[zr]?|choisi(?:s|ssez)|donne[zr]?|nomme[zr]?|cite[zr]?|pioche[zr]?|prends|dis|saca|elige|escoge|toma|di|dime|da|dame|nombra|piensa"
    r"|scegli|pesca|estrai|dimmi|dammi|pensa|nomina|tira|escolh[ae]|diz|diga|d[áa]|d[êe]|kies|trek|noem|geef|pak|wybierz|podaj|wyciągnij|välj|dra|säg|ge|vælg|træk|nævn|velg|trekk|выбери(?:те)?|назови(?:те)?|вытяни(?:те)?|загадай(?:те)?"
    r"|возьми(?:те)?|дай(?:те)?|вибери|назви|vyber|vytáhni|řekni)"
)
_AT_RANDOM_THERE = (
    r"(?:zuf[äa]llig\w*|willk[üu]rlich\w*|beliebige\w*|irgend ?(?:ein\w*|welche\w*)|per zufall|al azar|aleatori\w+|cualquier\w*|au hasard|au sort|al[ée]atoire\w*|n['’]importe quel(?:le)?s?|a caso|a sorte|casual[ei]|qualsiasi|qualunque"
    r"|ao acaso|à sorte|aleat[óo]ri\w+|qualquer|willekeurige?|losow\w+|dowoln\w+|slumpm\w*|slumpvis|tilf[æe]ldig\w*|tilfeldig\w*|случайн\w*|наугад|люб(?:ую|ое|ой)|випадков\w*|будь-яку|náhodn\w*)"
)
_THROW = r"(?:wirf|w[üu]rfle?|zieh(?:e|t)?|lance[zr]?|tire[zr]?|pioche[zr]?|lanza|tira|saca|echa|lancia|pesca|estrai|lan[çc][ae]|jog[ae]|gooi|werp|trek|rzuć|wyciągnij|wylosuj|kasta|singla|slå|dra|kast|træk|trekk|подбрось(?:те)?|брось(?:те)?|вытяни(?:те)?)"
_CHANCE = r"(?:m[üu]nze|w[üu]rfel|karte|pi[èe]ce|dés?|carte|moneda|dados?|carta|moneta|moeda|munt|dobbelsteen|kaart|monetą|kostką|kośćmi|kartę|mynt|slant|tärning(?:en)?|terning(?:en)?|kort|монет\w*|кубик\w*|карту)"
_DRAW_LOTS = r"(?:wylosuj|sorte(?:ia|ie)|verlose?|lose (?:eine?n?|aus)|sortea|sorteggia|lotta)"

HEADS = (
    rf"{_START}(?:a(?:ny?)?\b|give|tell|name|pick|choose|take|select|say|think|draw|show|list|write|sketch|paint|illustrate|doodle|design|compose|create|make|generate|produce|render|invent|come up|suggest|propose"
    rf"|yaz|zar|{_TAKE_THERE}|{_DRAW_LOTS}|{_THROW}|{_CREATE_THERE}|{_DRAW_THERE}|{_DRAW_BARE})"
)
"""The beginning of the prompts in Latin letters that the rules match, but for Turkish ones."""

ELSEWHERE = r"[\u0400-\u04ff\u0600-\u06ff\u0900-\u097f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|(?:seç|söyle|çek|ver|üret|çiz|tasarla|oluştur|yap|bestele)\W*$"
"""A letter of another script, or a Turkish verb at the end: no rule matches a prompt without one of these or `HEADS`."""


MAKING = (
    PromptRule(
        "at-random",
        rf"{_START}(?:give|tell|name|pick|choose|select|say|think of|draw|show|list){_TO_ME} any {_COUNTED}\b(?! of\b)|^\W*any {_COUNTED}(?: {_RANGE}\b.*| please)?\W*$"
        rf"|{_START}(?:give|tell|name|say|pick|choose|think of|write){_TO_ME} (?:an?|one|some|two|three|\d+) (?:numbers?|digits?|integers?|letters?) {_RANGE}\b|^\W*an? (?:number|letter|digit) (?:from|between)\b"
        rf"|{_START}(?:pick|choose|take|name|think of){_TO_ME} an? (?P<kind>\w+)\W+any (?P=kind)\b|{_START}{_THROW}{_TO_ME} (?:{_ONE_THERE} ?)?(?:\w+ )?{_CHANCE}\b|^\W*(?:yaz[ıi] tura|zar) at\b"
        rf"|{_START}(?:pick|choose|draw|select|name){_TO_ME} (?:one|someone|somebody|something|anyone|anything)(?: (?:from|of|out of) [^?]{{2,80}})? (?:at random|by lot|for me)\W*$"
        rf"|{_START}{_TAKE_THERE}{_TO_ME}(?: \S+){{0,5}}? {_AT_RANDOM_THERE}(?=\W|$)|{_START}{_DRAW_LOTS}{_TO_ME} \w+"
        r"|(?:rastgele|herhangi bir)(?: \w+){0,4}? (?:seç|söyle|çek|ver|üret)\W*$"
        r"|^\W*(?:请|帮我|给我)?(?:从.{1,20})?(?:随机|任意|随便)(?:选|抽|挑|给|说|生成|取|来)[^？?]{0,20}$"
        r"|(?:ランダム|適当|無作為)(?:な|に)[^？?]{0,15}(?:選んで|挙げて|教えて|言って|引いて|作って|生成して)"
        r"|(?:아무|무작위|랜덤)[^?]{0,15}(?:골라|뽑아|말해|선택해|정해)|^\W*(?:اختر|اسحب|قل|أعطني|اذكر) [^؟]{0,30}عشوائي|(?:कोई भी|यादृच्छिक|बेतरतीब)[^?]{0,20}(?:चुनो|चुनिए|बताओ|बताइए|निकालो|दो)\W*$",
        (
            "Pick any letter",
            "any two digits between 10 and 99",
            "Tell me a number from 1 to 100",
            "a letter between A and F",
            "Draw one of these names for me",
            "Take a card, any card",
            "Lanza una moneda",
            "Zieh eine Karte",
            "Nenne irgendeine Zahl unter 20",
            "Tire une lettre au sort",
            "Elige un color al azar",
            "Scegli una lettera a caso",
            "Escolhe um animal aleatório",
            "Trek een willekeurige kaart",
            "Wylosuj liczbę od 1 do 6",
            "Выбери случайную карту",
            "随机选一个颜色",
            "ランダムな色を選んで",
            "아무 숫자나 골라 줘",
            "Rastgele bir renk seç",
        ),
        (
            "Any discounts for students?",
            "Name any three planets",
            "List any number of ways to cook eggs",
            "Saca la raíz de 2",
            "Tira de la cadena: ¿qué significa?",
            "Loot boxes explained",
            "Lose Blätter: was sind das?",
            "Comment tirer un nombre au hasard ?",
            "Wähle eine zufällige Zeile mit SQL",
            "随机森林是什么",
            "Select any 10 rows in SQL",
            "De qualquer forma, obrigado",
            "Choose any words that match the regex",
        ),
        unless=rf"{_CODE}|\b(?:beispiel|exemple|ejemplo|esempio|exemplo|voorbeeld)\b|de qualquer (?:forma|modo|maneira)|en cualquier caso",
        why="A number, a card or a name that chance decides.",
    ),
    PromptRule(
        "artwork",
        rf"{_START}(?:draw|sketch|paint|illustrate|doodle){_TO_ME} {_ONE} \w+"
        rf"|{_START}(?:draw|sketch|paint|illustrate|design|compose|create|make|generate|produce|render|invent|come up with){_TO_ME} {_ONE} (?:[\w'-]+ ){{0,4}}?{_ART}\b(?!-| (?:history|lessons?|quiz|books?|summary|explanation|essay|smaller|larger|bigger|lighter|transparent|responsive|clickable|file|class|model|format|element|button|input|field|dataset|of (?:the )?(?:disk|drive|server|system|partition|database)))"
        rf"|{_START}(?:give|suggest|propose|write){_TO_ME} {_ONE} (?:[\w'-]+ ){{0,2}}?(?:logos?|jingles?|melod(?:y|ies)|tunes?|lullab(?:y|ies)|mascots?)\b(?!-)"
        rf"|{_START}{_DRAW_THERE}{_TO_ME} {_ONE_THERE} ?\w+|{_START}{_DRAW_BARE} (?:mi |мне |мені |لي )?\w+"
        rf"|{_START}{_CREATE_THERE}{_TO_ME} (?:{_ONE_THERE} ?)?(?:[\w'’-]+ ){{0,2}}?{_ART_THERE}\b"
        r"|^\W*(?:пожалуйста,? )?(?:создай|придумай|сочини|сгенерируй|спроектируй|сделай)(?:те)? (?:\w+ ){0,3}?(?:логотип|картин|изображени|мелоди|песн|плакат|рисун)"
        r"|(?:resmi?|resim|logo|afiş|melodi|şarkı)\w*(?: \w+){0,2} (?:çiz|tasarla|oluştur|yap|bestele)\W*$|^\W*(?:bana )?(?:bir )?(?:\w+ ){1,3}çiz\W*$"
        r"|^\W*(?:请|帮我|给我)?(?:画(?:一|个|张|幅|只|条|头|匹|出)|(?:设计|生成|创作|制作|作)(?:一|个|张|幅|首|段)[^？?]{0,20}(?:标志|图标|logo|海报|图片|图像|插画|曲|旋律|歌))"
        r"|(?:絵|イラスト|ロゴ|画像|ポスター|曲|メロディ[ー]?|似顔絵)を?[^？?]{0,6}(?:描いて|書いて|作って|デザインして|生成して|作曲して)|[^？?]{1,20}を描いて"
        r"|(?:그림|이미지|로고|포스터|멜로디|노래)[^?]{0,10}(?:그려|만들어|디자인해|작곡해)|[^?]{1,15}그려 ?줘|^\W*صمم(?:ي)? (?:لي )?(?:شعار|ملصق|صورة)|(?:चित्र|तस्वीर|लोगो|पोस्टर)[^?]{0,15}(?:बनाओ|बनाइए)",
        (
            "Draw a cat wearing a crown",
            "Design a poster for a jazz night",
            "Compose a lullaby in D minor",
            "Please create an image of a castle",
            "Sketch me a robot",
            "Zeichne einen Hund",
            "Entwirf ein Logo für eine Bäckerei",
            "Dessine-moi un mouton",
            "Diseña un logotipo para un café",
            "Crea un'immagine di un castello",
            "Inventa una melodia allegra",
            "Crie uma imagem de um navio",
            "Teken een olifant",
            "Narysuj kota",
            "Нарисуй дракона",
            "画一只猫",
            "猫の絵を描いて",
            "고양이를 그려 줘",
            "Bana bir ev çiz",
        ),
        (
            "Draw a circle in SVG",
            "Draw a graph of y = x^2",
            "Draw a conclusion from the table",
            "Create an image tag in HTML",
            "Give a picture of the economy in 1929",
            "Create a docker image",
            "Make an image smaller",
            "Generate an art history quiz",
            "Design a database for a library",
            "Who composed the Moonlight Sonata?",
            "Wie zeichnet man einen Hund?",
            "Disegna il grafico di sin x",
            "Dessine un triangle rectangle",
            "画一个函数的图像",
            "How do I draw a cat?",
            "Describe a picture of a cat",
        ),
        unless=rf"{_CODE}|{_TECHNICAL}",
        why="A picture, a logo or a melody, of which none is the right one.",
    ),
)
