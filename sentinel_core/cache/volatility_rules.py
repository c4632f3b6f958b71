"""The rules of `volatility`: patterns with examples, which are their tests."""

# ruff: noqa: E501  a pattern is read in one piece
from __future__ import annotations

from sentinel_core.cache.prompt_rules import PromptRule
from sentinel_core.cache.volatility_languages import LANGUAGE_TRIGGERS, LANGUAGES, MEANS

_SPAN = r"(?:week|weekend|month|quarter|year|season|morning|afternoon|evening)"
_CHANGING = (
    r"(?:prices?|rates?|cost|weather|temperature|time|date|day|year|month|season|score|standings|news|events?|trends?"
    r"|market|stock|version|release|population|record|champions?|holder|president|prime minister|chancellor|king|queen"
    r"|pope|ceo|government|exchange|inflation|interest|unemployment|situation|affairs|status of)"
)
_WHAT = r"(?:what(?:['’]s| is| are| was| were|s)?|tell me|show me|give me|check|look up|find|get me)"
_THE = r"(?:the |your |our |my |its |today's )?"
_COIN = r"(?:bitcoin|btc|eth(?:ereum)?|doge(?:coin)?|solana|crypto|gold|silver|platinum|oil|crude|brent|diesel|petrol|gasoline|gas|natural gas|electricity|copper|wheat)"
_MONEY = (
    r"(?:usd|eur|euros?|gbp|jpy|yen|chf|aud|cad|inr|rupees?|cny|yuan|pounds?(?: sterling)?|(?:us |canadian |australian )?dollars?|pesos?|krona|kroner|zloty"
    r"|francs?|lira|real|reais|won|btc|bitcoins?)"
)
_RATE = (
    r"(?:exchange|interest|mortgage|savings?|lending|loan|conversion|currency|deposit|inflation|unemployment|base|prime|fed|federal funds|repo|euribor"
    r"|apr|apy|refinanc\w+|cd|bank|spot|day|hourly|room|nightly|shipping|freight)"
)
_CARRIER = r"(?:train|bus|flight|ferry|tram|plane|metro|subway|shuttle|boat|ship|game|match|race|election|launch|eclipse|full moon|payday|bank holiday|strike)"
_ORDERED = r"(?:orders?|flights?|tickets?|deliver(?:y|ies)|shipments?|packages?|parcels?|applications?|refunds?|claims?|payments?|transfers?|builds?|deploy\w*|repairs?|cases?|visas?|returns?|bookings?|reservations?)"
_SERVICE = r"(?:site|website|server|service|system|network|api|app|internet|platform|status page|github|aws|azure|gmail|whatsapp|slack|netflix|twitter|reddit|cloudflare|openai|chatgpt|instagram|facebook|youtube|zoom|steam|spotify|discord)"
_NOT_HOW = r"(?<!how do i )(?<!how can i )(?<!how to )(?<!how do you )(?<!can i )(?<!where do i )(?<!where can i )"
_DATED = r"\b(?:in|on|of|at|since|from|during|around)\b[^?!]{0,24}\b(?:1\d{3}|200\d|201\d|202[0-4])\b"
"""A year that is over: its values stay."""


RULES = (
    PromptRule(
        "today",
        r"today|tonight|tomorrow|yesterday|heute|aujourd['’]hui|hoy|oggi|hoje|vandaag|сегодня",
        ("Who plays tonight?", "Wie wird das Wetter heute?"),
        ("What does datetime.today() return?",),
    ),
    PromptRule(
        "now",
        r"(?:right|just|as of|even|up to) now|now(?= *[?.!]*$)|(?:is|are|am) now|at the moment|at present"
        r"|currently|nowadays|these days|so far this \w+|jetzt|ahora|maintenant|сейчас",
        ("Where is the ISS now?",),
        ("Now write a test for this function", "From now on answer in French"),
    ),
    PromptRule(
        "current",
        rf"(?:current|present[- ]day) (?:\w+ ){{0,2}}{_CHANGING}",
        ("What is the current price of gold?",),
        ("How do I print the current directory in bash?",),
    ),
    PromptRule(
        "latest",
        r"(?<!at the )(?:latest|newest|most up[- ]to[- ]date|most recent(?! common)|breaking news|recent news)",
        ("What is the latest version of Python?",),
        ("I need it by Friday at the latest, how do I plan?",),
    ),
    PromptRule(
        "period",
        rf"(?:this|last|next|past) {_SPAN}|last night|(?:days?|weeks?|months?|hours?) (?:until|till|left until)",
        ("How many days until Christmas?",),
        ("How long is a period?",),
    ),
    PromptRule(
        "clock",
        r"what (?:time|day|date|month|year) is it"
        r"|what(?:['’]s| is) the (?:date|time)(?= *(?:[?.!]|$|in |here|at ))",
        ("What time is it in Tokyo?",),
        ("What is the date of the French revolution?",),
    ),
    PromptRule(
        "live",
        r"weather (?:forecast|in|at|for|like)|(?:stock|share|bitcoin|btc|ethereum|gold|oil|gas) prices?"
        r"|(?<!\ban )exchange rates?(?! (?:work|are (?:set|made|determined|calculated)|affect|influence|fluctuate|matter|mean))"
        r"|live (?:scores?|prices?|results?|updates?)",
        ("How is the weather in Oslo?", "What is the EUR/USD exchange rate?"),
        (
            "What is a stock option?",
            "Why do exchange rates move?",
            "How do exchange rates work?",
            "How do I check the weather in Python?",
        ),
        unless=rf"{MEANS}|{_DATED}|^\W*why (?:do|does|would|might|can)\b",
    ),
    PromptRule(
        "going-on",
        r"^\W*is (?:the )?[\w ]{1,24} (?:jammed|running|blocked|congested|crowded|packed)(?= *[?.!]*$)"
        r"|how (?:full|busy|crowded|packed) (?:is|are)|(?:water|snow|tide) levels? (?:of|in|at|on) (?:the )?\w+(?= *[?.!]*$)"
        r"|who (?:leads|is leading|is ahead in) the polls|how (?:is|are) (?:the )?(?:nikkei|dow|dax|ftse|nasdaq|market|markets|euro|dollar|yen"
        r"|pound)(?: index)? (?:doing|trading|looking)|what(?:['\u2019]s| is) (?:the )?(?:euro|dollar|yen|pound|bitcoin|gold|oil) at"
        r"|est\u00e1 (?:lloviendo|nevando|chovendo)|il (?:pleut|neige)(?= \u00e0| en|-t-il)|regnet es|schneit es|(?:come|como) \w+ (?:il traffico|o tr\u00e2nsito)",
        (
            "Is the tube running?",
            "How full is the car park?",
            "How is the Nikkei doing?",
            "\u00bfEst\u00e1 lloviendo en Bilbao?",
        ),
        (
            "How is the Nikkei calculated?",
            "Why is the engine running hot?",
            "What is the water level called?",
            "Warum regnet es in Wales so oft?",
        ),
        unless=MEANS,
    ),
    PromptRule(
        "rates",
        rf"{_WHAT} {_THE}(?:(?!an?\b)[\w-]+ ){{0,2}}?{_RATE} (?:\w+ )?rates?|(?:how (?:high|low) (?:is|are) )(?:the )?(?:\w+ )?{_RATE} rates?"
        rf"|rates? (?:from|of|between|for) (?:the )?{_MONEY} (?:to|into|in|and|against|vs) (?:the )?{_MONEY}"
        rf"|(?:\d[\d.,]*|an?|one|how (?:much|many)(?: is| are)?(?: an?| one| \d[\d.,]*)?|convert(?: \S+)?) ?{_MONEY}(?: worth)? (?:to|into|in|equals?|against|vs) (?:an? |the )?{_MONEY}"
        rf"|{_MONEY}(?: |/)(?:to |vs |/ )?{_MONEY} rates?|^\W*{_MONEY} (?:to|in|vs) {_MONEY}(?= *[?.!]*$)"
        r"|(?:inflation|unemployment|interest|mortgage|exchange) rates? (?:in|at) (?:the )?[a-z]+(?= *[?.!]*$)",
        (
            "What is the mortgage rate?",
            "what's your interest rate on savings",
            "how much is 100 USD in EUR",
            "convert 5 pounds to dollars",
            "rate of euro to yen",
        ),
        (
            "What is an interest rate?",
            "How do interest rates affect bonds?",
            "What is a normal heart rate?",
            "how are mortgage rates computed",
            "What was the exchange rate of euro to yen in 2008?",
        ),
        unless=_DATED,
    ),
    PromptRule(
        "prices",
        rf"{_WHAT} {_THE}(?:(?!an?\b)[\w'-]+ ){{0,2}}?prices? (?:of|for)|how much (?:is|are|does|do) (?:an? |one |the |some )?(?:\w+ ){{0,1}}?{_COIN}(?: (?:cost|worth|trading\b.*|going for|per \w+))?(?= *[?.!]*$)"
        rf"|{_COIN} (?:prices?|value|worth|rate)|what (?:does|do) (?:\w+ )?{_COIN} cost|(?:is|are) (?:\w+ ){{1,3}}trading (?:at|for)|(?:what|where) is (?:\w+ ){{1,3}}trading|(?:{_WHAT} {_THE}(?:(?!an?\b)\w+ ){{1,2}}|\b[A-Z]{{2,5}} )(?:stock|share)s?(?: prices?| quotes?| value)?(?: at)?(?= *[?.!]*$)"
        r"|how much (?:is|are|does|do) (?:an? |the )?(?:\w+ )?(?:flights?|tickets?|hotels?|rooms?|airfare|fares?)(?: \w+){0,6}|how(?:['’]s| is) the (?:stock )?market|market cap of|cheapest (?:flights?|hotels?|tickets?)|^\W*prices? of|how much (?:is|does|do|are) (?:an? |the |one )?(?:gallon|lit(?:er|re)|pound|dozen|barrel|ounce|kilo|loaf|carton) of|how(?:['’]s| is) (?:\w+ ){1,2}stock doing|(?:dow(?: jones)?|nasdaq|s&p(?: 500)?|ftse|dax|nikkei)(?: index| close| level)?(?= *[?.!]*$)",
        (
            "What is the price of gold?",
            "how much is bitcoin?",
            "What's the price of a ticket to Rome",
            "What is Apple trading at?",
            "how much are flights to Oslo",
            "what is the tesla stock price",
        ),
        (
            "What is price elasticity?",
            "How are prices set in a market?",
            "How do I return gold jewellery?",
            "How much is two plus two?",
            "What is a stock?",
            "What was the price of Bitcoin on 1 January 2020?",
        ),
        unless=rf"{MEANS}|{_DATED}",
    ),
    PromptRule(
        "balances",
        rf"what(?:['’]s| is|s) (?:my|the|our) (?:\w+ ){{0,3}}?balance|{_NOT_HOW}(?<!to )(?:check|show|tell|see|view|give)(?: me)? (?:my|our|the) (?:\w+ ){{0,2}}?balance|how much (?:money |credit |data |cash )?(?:do i have|do i owe|is (?:left )?in my|have i (?:got|spent|left))(?! to\b)"
        r"|how (?:much|many) (?:\w+ ){1,2}?(?:do i|have i|are|is) (?:have |got )?(?:left|remaining)|how much do i (?:have|owe)(?! to\b)|do i have enough (?:money|credit|funds|cash)",
        (
            "What is my balance?",
            "check my account balance",
            "how much money do I have",
            "how much do I owe?",
            "how many points do I have left",
        ),
        (
            "How do I check my balance?",
            "Why is my balance not updated?",
            "What is a balance sheet?",
            "How much can I withdraw?",
        ),
    ),
    PromptRule(
        "scores",
        r"what(?:['’]s| is| was|s) the (?:final |half-time |\w+ ){0,2}?score(?! of a)(?= *[?.!]*$| (?:in|of|for|between|at))|who(?:['’]s| is| are|s) (?:winning|leading|ahead|top of)|score (?:of|in|for) (?:the |last )?(?:\w+ ){0,4}(?:game|match|final)|(?:league|premier league|group|medal) (?:table|standings)|standings|who won the (?:game|match|race|fight)(?= *[?.!]*$)|^\W*(?:the )?[a-z]+(?: [a-z]+)? scores?(?= *[?.!]*$)|(?:did|have) (?:the )?\w+ (?:win|won|lose|lost)(?= *[?.!]*$)",
        (
            "What's the score?",
            "who is winning the match",
            "score of the Lakers game",
            "Premier League table",
            "Did Arsenal win?",
        ),
        ("What is a credit score?", "How is the score in tennis counted?", "Who won the 1998 World Cup?"),
    ),
    PromptRule(
        "weather",
        r"(?:is|will) it (?:be |going to |gonna )?(?:still )?(?:rain(?:ing|y)?|snow(?:ing|y)?|sunny|hot|cold|warm|windy|cloudy|humid|foggy|storm(?:ing|y)?|freezing)(?! to)|(?:do|should|will) i (?:need|bring|take|wear) (?:an umbrella|a (?:coat|jacket|raincoat)|sunscreen)|how (?:hot|cold|warm|windy|humid) is it"
        r"|(?:what(?:['’]s| is|s)|how(?:['’]s| is)) the (?:weather|temperature|forecast|humidity|air quality|uv index|pollen count)(?! of| (?:station|app|api|balloon|vane|map|channel|system|model|sensor))|(?:temperature|forecast|air quality|pollen count) (?:in|outside|at|for) (?!(?:which|whom|a)\b)\w+|weather(?= *[?.!]*$)|^\W*(?:the )?weather [a-z]+(?= *[?.!]*$)|weather (?:forecast|report|update)|rain forecast",
        (
            "Is it raining in Bergen?",
            "will it snow",
            "do I need an umbrella",
            "What's the temperature in Rome?",
            "air quality in Delhi",
        ),
        (
            "What is the temperature of the sun?",
            "Why does it rain?",
            "What is the boiling temperature of water?",
            "How is weather predicted?",
            "How is the air quality index worked out?",
            "What is the weather station WS-2000?",
        ),
        unless=MEANS,
    ),
    PromptRule(
        "stock",
        r"(?:in stock|sold out|back in stock|out of stock|still available|available (?:in|at) (?:my |the )?(?:store|shop|branch))(?= *[?.!]*$| (?:in|at|for|near|with|or)\b)|how many (?:\w+ ){1,4}?(?:are|is) (?:left|in stock|remaining)|(?:any|are there) (?:\w+ ){1,4}(?:left|available)(?= *[?.!]*$)"
        r"|(?:are|is) there (?:still )?(?:any )?(?:\w+ )?(?:tickets?|rooms?|seats?|tables?|appointments?|slots?|spots?|flights?) (?:left|available|free)|(?:do you|have you) (?:still )?(?:have|got) (?:any |the )?(?:\w+ ){1,5}(?:left|in stock)|(?:do you|have you) (?:have|got) (?:size|colou?r) (?:\w+ ){1,3}available",
        (
            "Is the blue jacket in stock?",
            "Are there any rooms left?",
            "do you have size 42 available",
            "how many seats are left?",
        ),
        ("What does stock mean?", "How do I stock a pond?", "How many chambers are in the heart?"),
    ),
    PromptRule(
        "status",
        rf"(?<!marital )status of|(?:are|is) the (?:trains?|bus(?:es)?|trams?|ferr(?:y|ies)|metro|subway)(?: \w+)? running|(?:is|are) there (?:an? |any )?delays?|(?:server|wifi|wi-fi|network|service|system|line) status|{_ORDERED} status|(?:is|are) (?:the |my |our |your )?(?:\w+ ){{0,2}}?{_SERVICE}s? (?:still )?(?:down|up|online|offline|working|back|broken|slow|having (?:issues|problems)|experiencing)|(?:is|are) (?:[\w.-]+ ){{1,6}}(?:having|experiencing) (?:an? |any )?(?:issues?|problems?|outages?|delays?|downtime)|(?<!why )(?:is|are|has|have) (?:my |the |our )?(?:\w+ ){{0,2}}?{_ORDERED}(?: \w+)? (?:still )?(?:been )?(?:delayed|on time|shipped|arrived|landed|ready|approved|processed|cancell?ed|boarding|departed|dispatched|delivered)"
        rf"|where(?:['’]s| is|s) (?:my|our|the) (?:\w+ )?(?:order|package|parcel|delivery|shipment|bus|train|flight|driver|courier)|(?:when(?:['’]s| is|s| does| do) the next|next) {_CARRIER}|how(?:['’]s| is) (?:the )?traffic|(?:any|is there) traffic (?:in|on|near)|wait(?:ing)? times? (?:at|for)|(?:is|are) (?:\w+ )?(?:flight )?[a-z]{{2}} ?\d{{2,4}} (?:delayed|on time|late)|how (?:long|busy) is the (?:queue|line|wait)",
        (
            "What is the status of my order?",
            "is GitHub down?",
            "Is the eu-north-3 region having issues?",
            "has my parcel shipped",
            "Is flight BA 117 delayed?",
            "when is the next train to Leeds",
            "where is my order?",
        ),
        (
            "What is marital status?",
            "How do I build a status page?",
            "What does HTTP status 404 mean?",
            "How do I cancel an order?",
        ),
    ),
    PromptRule(
        "opening",
        r"(?:is|are) (?!there|it\b)(?:the |your |you |any )?(?:[\w'&-]+ ){0,4}?(?:still |already )?(?:open|closed|shut)(?= *[?.!]*$| (?:right now|now|yet|late|at this hour|nearby|near me))|(?:what|which) (?:\w+ ){1,2}(?:is|are) open(?= *[?.!]*$| (?:now|near|late|nearby))|(?:does|do) (?:\w+ ){1,4}(?:open|close) soon|(?:when|what time) (?:does|do|will) (?:\w+ ){1,4}(?:open|close) (?:today|tonight|tomorrow)",
        ("Is the pharmacy open?", "are you open right now", "Is Lidl still open", "which restaurants are open near me"),
        (
            "Is Linux open source?",
            "Are open offices productive?",
            "How do I open an account?",
            "What are your opening hours?",
        ),
    ),
    PromptRule(
        "counts",
        r"how many (?:[\w'-]+ ){0,3}?(?:followers?|subscribers?|views?|likes?|downloads?|signups|visitors|viewers|listeners)\b(?: (?:do|does|did|has|have|are|is)\b[^?!]{0,40}?(?:have|got|online|watching|signed up|logged in|now)?)(?= *[?.!]*$)(?<!allowed)(?<!maximum)"
        r"|how many (?:[\w'-]+ ){1,3}?(?:are|is) (?:\w+ ){0,2}?(?:waiting|ahead of|online|logged in|watching|in line|on the waiting list|on the waitlist|in the queue|on hold|on duty|on shift)"
        r"|(?:un(?:read|answered|resolved|assigned|paid)|pending|open|overdue) (?:e?mails?|messages?|notifications?|tickets?|issues?|invoices?|requests?|orders?)(?: (?:do|are|in)\b[^?!]*)?(?= *[?.!]*$)|how long is the (?:waiting list|waitlist|backlog)",
        (
            "How many followers does she have?",
            "How many people are on the waiting list?",
            "how many users are online",
            "how many unread messages do I have",
        ),
        (
            "How many users can I add?",
            "How many members are allowed?",
            "How do I open tickets?",
        ),
        unless=r"\bhow (?:do|can|to|should)\b|\b(?:can|may|allowed|maximum|max|limit|needed|required|should)\b",
    ),
    PromptRule(
        "news",
        r"trending|(?:any|what(?:['’]s| is|s) the|give me the|tell me the|some|more|top) (?:\w+ )?(?:news|headlines|updates?)(?! (?:papers?|letters?|feeds?|apps?|websites?|an? |the ))|news (?:about|on|from|in|of)|headlines|what(?:['’]s| is|s) (?:happening|going on|new|on tv|in theaters|in theatres|in the news)(?= *[?.!]*$| (?:in|at|with|on)\b)|(?:which|what) (?:movies|films|shows|concerts) (?:are|is) (?:playing|showing|on)",
        (
            "What's trending on Twitter?",
            "Any news about the election?",
            "what's happening in Paris",
            "Which films are playing?",
        ),
        ("What does trend mean?", "Who invented the newspaper?", "How do I update my news feed settings?"),
        unless=r"\bwhat (?:does|is the meaning of) [\"'“‘]?(?:trending|headlines?)",
    ),
    LANGUAGES,
)
"""In the order in which they are asked; a prompt that one of them matches asks for a value that changes by itself."""

TRIGGERS = LANGUAGE_TRIGGERS | frozenset((
    "today", "tonight", "tomorrow", "yesterday", "heute", "aujourd", "hoy", "oggi", "hoje", "vandaag", "сегодня", "now", "moment", "present", "currently", "nowadays",
    "these", "far", "jetzt", "ahora", "maintenant", "сейчас", "current", "latest", "newest", "date", "recent", "news", "this", "last", "next", "past", "until", "till",
    "left", "time", "day", "year", "month", "weather", "price", "prices", "rate", "rates", "live", "convert", "inflation", "unemployment", "trains", "train", "buses",
    "ferry", "enough", "gallon", "liter", "litre", "dozen", "barrel", "ounce", "kilo", "cost", "soon", "running", "scores", "euro", "euros", "dollar", "dollars", "pound",
    "pounds", "usd", "eur", "gbp", "yen", "worth", "trading", "stock", "stocks", "shares", "share", "much", "cheapest", "balance", "owe", "many", "score", "winning",
    "leading", "ahead", "playing", "top", "standings", "table", "win", "won", "lose", "lost", "rain", "raining", "rainy", "snow", "snowing", "snowy", "sunny", "hot",
    "cold", "warm", "windy", "cloudy", "humid", "foggy", "storming", "stormy", "freezing", "umbrella", "coat", "jacket", "raincoat", "sunscreen", "temperature",
    "forecast", "humidity", "air", "uv", "pollen", "sold", "available", "remaining", "status", "down", "up", "online", "offline", "working", "back", "broken", "slow",
    "having", "delayed", "shipped", "arrived", "landed", "ready", "approved", "processed", "cancelled", "canceled", "boarding", "departed", "dispatched", "delivered",
    "where", "wheres", "traffic", "wait", "waiting", "queue", "delay", "delays", "line", "open", "closed", "shut", "close", "late", "trending", "headlines", "happening",
    "going", "new", "tv", "theaters", "theatres", "movies", "films", "shows", "concerts", "update", "updates", "long", "experiencing", "unread", "unanswered", "pending",
    "overdue", "unresolved", "unassigned", "unpaid", "jammed", "blocked", "congested", "crowded", "packed", "full", "busy", "level", "levels", "polls", "doing",
    "looking", "at", "lloviendo", "nevando", "chovendo", "pleut", "neige", "regnet", "schneit", "traffico", "tr\u00e2nsito", "dow", "nasdaq", "s", "ftse", "dax",
    "nikkei", "market", "bitcoin", "btc", "gold",
))  # fmt: skip
"""No rule matches without one of these words; looking them up first spares most prompts the rules."""
