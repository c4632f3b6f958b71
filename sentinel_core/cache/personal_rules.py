"""The rules of `personal`: patterns with examples, which are their tests."""

# ruff: noqa: E501  a pattern is read in one piece
from __future__ import annotations

from sentinel_core.cache.prompt_rules import PromptRule

TRIGGER = (
    r"\b(?:my|our|i|me|us|we|you|anything|anybody"
    r"|balance|due|planned|scheduled|yet|already|here|nearby|unread|missed|anyone|somebody|someone|order|orders|tickets?|case|claim|booking|reservation|tracking|shipment|package|parcel|reference|confirmation|application|amount|credit|limit|quota|appointments?|agenda|schedule|meetings?|tasks|to-?dos?|transactions?|invoices?|bookings?|statement|status)\b"
)
"""No rule matches a prompt without one of these words."""

_NOUNS = (
    r"(?:accounts?|address(?:es)?|age|allowance|applications?|appointments?|assets?|bag(?:gage)?|balances?|bank|bills?"
    r"|birthday|bookings?|budget|calendar|calls?|cards?|carts?|cases?|cashback|charges?|chats?|check-?in|claims?"
    r"|class(?:es)?|contacts?|contracts?|conversations?|coverage|credit(?:s| score| limit)?|data|debts?|deliver(?:y|ies)"
    r"|deposits?|details|devices?|diagnos[ei]s|doctor|documents?|downloads?|earnings|email|entries|exam|expenses?|fees?"
    r"|files?|flights?|gate|grades?|groceries|history|holidays?|homework|hours|id|income|info(?:rmation)?|insurance"
    r"|interest|inbox|investments?|invoices?|itinerary|leave|license|limits?|lists?|loans?|location|login|lu[g]+age|mail"
    r"|manager|medications?|meds|meetings?|memberships?|messages?|mileage|miles|money|mortgage|name|next|notes?|notifications?"
    r"|number|orders?|overdraft|package|packages|parcels?|passport|password|pay(?:ments?|check|slip)?|pensions?"
    r"|permissions?|photos?|pin|plans?|points?|policy|portfolio|prescriptions?|profile|progress|projects?|purchases?"
    r"|quota|rate|receipts?|recent|records?|refunds?|reminders?|rent|requests?|reservations?|results?|returns?|rewards?"
    r"|role|routing|salary|savings|schedule|score|seat|settings?|shifts?|shipments?|shopping|spending|statements?|status"
    r"|stuff|subscriptions?|symptoms|table|tariff|tasks?|tax(?:es)?|teacher|tests?|tickets?|timesheet|to-?do|total"
    r"|transactions?|transfers?|trips?|upload|usage|username|vacation|vouchers?|wallet|warranty|watchlist|wishlist"
    r"|withdrawals?|agenda|apartment|boss|car|courses?|diet|fridge|garage|goals?|home|house|internship|landlord|lease|office|rental|room|routine|slot|queue|codes?|coupons?|links?|eta|streak|referrals?|book|team|thermostat|trial|visa|workouts?|last|latest|previous|upcoming|current|remaining|order's)"
)
"""Nouns of a person's own state; also words such as `my last …` that name one thing of many."""

_MINE = rf"(?:my|our) (?:[\w'-]+ ){{0,3}}?{_NOUNS}\b"
_ANY = (
    r"(?:my|our) (?!best|only|own (?:opinion|good)|opinion|pleasure|question|next (?:step|bet|option)|options|rights|chances|choices|alternatives|(?:and|or|mine|is|means?)\b)[\w'-]+\b"
    r"(?<!our society)(?<!our life)(?<!our lives)(?<!our body)(?<!our bodies)(?<!our purpose)(?<!our planet)(?<!our world)(?<!our universe)"
    r"(?<!our galaxy)(?<!our earth)(?<!our solar)(?<!our sun)(?<!our species)(?<!our atmosphere)(?<!our brains)(?<!our ancestors)(?<!our culture)"
)
"""Anything of the speaker's, where the words around it ask for its state."""

_AT_HOME = r"at (?:my|our) [\w'-]+"
_OF_MINE = r"\b(?:which|whose|how many|how much|list|rank|sort|count|overview|summary|breakdown|copy|total|recap|average|state|(?:show|list|get|give)(?: me)? (?:all|any|each|some|most)) of (?:my|our) "
_FILED = (
    r"(?:appointments?|bills?|bookings?|claims?|deliveries|e?-?mails|invoices?|messages|orders?|payments?|purchases"
    r"|receipts?|reservations?|statements?|tickets|transactions?|trips)"
)
"""Papers and events that lie in a person's own account."""

_CASE = r"(?:account|application|booking|case|claim|confirmation|customer|invoice|order|package|parcel|policy|reference|reservation|shipment|ticket|tracking)"
_NOT_A_RULE = (
    r"(?! (?:need|have) to (?:do|set up|change|configure) anything(?: \w+)? (?:to|for|about|if|when|first|before)\b"
    r"| going to (?:be (?:charged|billed) for|pay for|have to pay for) (?:an? |\w+ing\b)"
    r"| (?:need|have) to (?!anything|any)\w+(?![^.?!\n]*\b(?:my|our|me|us|today|tonight|tomorrow|now|yet|still|already|this|due|next|anything|any|left)\b)"
    r"| need an? [^.?!\n]{2,40} (?:to|for|in order|when|if|as)\b(?![^.?!\n]*\b(?:my|our|me|today|tonight|tomorrow|now|yet|still|already|this|due|next|any)\b)"
    r"| (?:able|allowed|permitted) to\b(?![^.?!\n]*\b(?:my|our|me|us|today|tonight|tomorrow|now|yet|still|already|this|any)\b))"
)
"""\"Do I need to …?\" and \"Am I able to …?\" ask for a rule, if nothing in them is the speaker's or of today."""

_FILLER = r"^\W*(?:(?:hi|hello|hey|so|and|ok(?:ay)?|well|please|pls|also|but|now|actually|um+|thanks|sorry|quick question)\b\W*){0,3}"
_ASKED = r"(?:can|could|would|will|may|might) (?:you|i|we) (?:please |also |just )?|please |i(?:'d| would) like you to |i need you to "
_GENERAL = (
    r"\b(?:how (?:do|can|could|should|would|does|to|might) |way to\b|(?:what|where|who|when) (?:do|can|should|could|would) (?:i|we|one|you)\b"
    r"(?! (?:have|owe|own|earn|stand|live|work|rank|weigh)\b)"
    r"|(?:what|which|where|when)\b[^.?!\n]{0,30} can my\b|how old (?:do|does|must|should)\b|(?:what|which) \w+ (?:will |do |does )?(?:(?:accepts?|supports?|takes?|helps?|improves?|affects?|harms?) my|(?:survives?|thrives?|grows?|fits?|suits?|matche?s?|works? best|looks? (?:good|best)|goes?) (?:in|on|with|for|well with)? ?my)\b|\bif (?:he|she|it|they)(?:['’]s|['’]re| is| are| has| have)\b|\bin human years\b|what (?:makes?|causes?|made|caused)\b|symptoms of\b|under (?:what|which)\b"
    r"|what (?:happens|if|to do)\b|why\b|possible to\b|allowed to\b|steps? to\b|instructions?\b|how long (?:do|does|will|should|can|is|are)\b"
    r"|(?:my|our) (?:best|only|next) (?:option|step|bet)s?|(?:my|our) (?:\w+ )?(?:options|rights|chances|choices|alternatives)\b|should (?:my|our)\b)"
)


RULES = (
    PromptRule(
        "asked-of-me",
        rf"{_FILLER}(?:do(?:n['’]?t)?|am|are(?:n['’]?t)?|have(?:n['’]?t)?|did(?:n['’]?t)?|was(?:n['’]?t)?|had) (?:i|we)\b(?! there yet| alone\b){_NOT_A_RULE}",
        (
            "Do I have any unread messages?",
            "Am I eligible for an upgrade?",
            "Hi, did I already pay?",
            "Do I need to pay anything this month?",
        ),
        (
            "How do I get a refund?",
            "Do I need a visa for Vietnam as a German citizen?",
            "Do I need to set a limit on auto top-up?",
            "Do I need to do anything to receive dollars?",
            "Am I going to be charged for sending it back?",
            "Am I able to stop a transfer?",
            "Can I get a refund?",
            "Should I invest in bonds?",
        ),
        why="A question whose head asks about the speaker: do I, am I, have I.",
    ),
    PromptRule(
        "amount-of-mine",
        r"\b(?:what|which|who|whom|where|when|how (?:much|many|old|far|often|late|long))\b[^.?!\n]{0,60}?\b"
        r"(?:(?:do|did) (?:i|we) (?:still |currently |already |now |actually |really |even )?(?:have(?! access\b)|owe|own|earn|spend|live|work|weigh|rank|stand)\b(?! to\b)"
        r"|did (?:i|we) (?!do wrong|miss\b)\w+|have (?:i|we) (?!discovered|learn(?:ed|t)|landed|evolved|explored|known|travell?ed|invented|observed)\w+|am i\b(?! (?:supposed|meant|able|allowed|to\b|being))|was i\b)"
        r"|\b(?:when|how soon|what (?:day|date|time)) (?:will|do|are|am) (?:i|we) (?:going to )?(?:get (?!to\b|a\b)|be |receive |hear |arrive|have my)"
        r"|\b(?:what|which|when|where|how (?:much|many))\b[^.?!\n]{0,30} (?:did|has|have) (?:they|he|she|you|the \w+|my \w+) \w+ (?:me|us)\b"
        rf"|{_FILLER}(?:did|has|have|was|were) [^.?!\n]{{2,40}} (?:me|us)(?: yet| back| already)?\W*$"
        r"|^\W*(?:my|our) [^.?!\n]{2,25}, (?:what|when|where|how|who|why) (?:does|did|do|is|was|were|are|will) (?:it|they|that|he|she)\b(?! (?:happen|fail))"
        r"|\b(?:what|which|when|where|how (?:much|many))\b[^.?!\n]{0,30} (?:do|does|will) (?:they|he|she|you|the \w+|my \w+) (?:\w+ )?(?:assign|give|given|send|sent|owe|charge|pay|book|allocate|promise|offer|assigned|charged|paid|promised|offered) (?:me|us)\b"
        r"|\b(?:of|on|see|list|show me|tell me) what (?:i|we)(?:['’]ve| have)? (?:spen[dt]|eaten|done|read|seen|earn|owe|bought|paid|ordered|ate|did|said|wrote|watched)\b"
        r"|\bhow (?:am|are) (?:i|we) \w+ing\b|\b(?:estimate|predict|calculate|work out|forecast|project|guess) (?:when|how (?:much|many|long|soon|far)|what|whether|if) (?:i|we|my|our)\b"
        r"|\bhow did (?:i|we) (?:do|perform|score|rank|compare)\b"
        r"|\bwhen do (?:i|we) (?:get paid|start|finish|fly|leave|depart|land|check (?:in|out)|renew|report|graduate|retire)\b"
        r"|\b(?:i|we)(?: (?:still|currently|now))? (?:have left|owe(?: you)?|have remaining)\b"
        r"|\b(?:tell me|check|see|say|let me know|confirm|verify|find out|wonder|wonders|know|(?<!how do i )(?<!how can i )(?<!how would i )(?<!how should i )know|ask(?:ed)?) (?:whether|if) (?:i|we)(?:['’]m| am| was| have|['’]ve| had| did)\b(?! to\b)",
        (
            "How many vacation days do I have left?",
            "What plan am I on?",
            "How much do I owe?",
            "What did I buy last week?",
        ),
        (
            "What do I do if I lose my card?",
            "Where do I find the settings?",
            "How am I supposed to read this?",
            "How much do I have to pay for a top-up?",
        ),
        unless=r"\bhow (?:do|can|to|could)\b[^.?!\n]{0,12}\b(?:find out|know|tell|check)\b|\bif (?:i|we|you) (?:start|begin|buy|give|take|eat|sell|add)\b",
        why="A question for what the speaker has, owes, did or is.",
    ),
    PromptRule(
        "state-of-mine",
        r"\b(?:what(?:['’]?s| is| are| was| were| does| do|)|where(?:['’]?s| is| are| was| were)|when(?:['’]?s| is| are| was| were| does| do| did| will| can)"
        r"|(?<!\bat )(?<!\bin )(?<!\bfor )which|who(?:['’]?s| is| are| was)|whose|how (?:much|many|is|are|was|were|old|far)|how['’]?s|any (?:news|update)s? (?:on|about|of)"
        rf"|status of|do you have|(?:update|news) (?:on|about|regarding|concerning))\b(?! if\b)(?:(?! (?:for|with|to|if|when|where|while|using|at|i|you|we|without|by|through)\b)[^.?!\n]){{0,50}}?(?:\b{_ANY}| {_AT_HOME}\W*$)"
        rf"|{_OF_MINE}"
        r"|\b(?:my|our) (?:order|tracking|ticket|reference|account|booking|confirmation|claim|policy|customer|member(?:ship)?) (?:number|no\.?|id|code|#)\b(?= (?:is|was|says|shows|:)|[:#])"
        r"|\b(?:today|tomorrow|tonight|(?:this|next) (?:week|morning|afternoon|evening|month))['’]?s? (?:agenda|schedule|meetings?|appointments?|tasks|to-?dos?)\b"
        r"|\bwhat(?:['’]?s| is) (?:due|on|next|planned|scheduled|left to do)(?: for)? (?:today|tonight|tomorrow|this (?:week|weekend|month|morning|afternoon|evening))\b"
        r"|\b(?:is|are|has|have|did) the (?:\w+ )?(?:money|payment|order|package|parcel|refund|delivery|transfer|che(?:que|ck)|funds|application|booking|claim|plumber|technician|driver|courier|doctor|results)\b[^.?!\n]{0,30}?\b(?:yet|already|for (?:me|us))\b"
        r"|^\W*(?:(?:my|current|account|available|last|latest|next|recent) )*(?:balance|order status|statement|appointments?|transactions?|invoices?|bookings?|delivery status)\W*$"
        r"|^\W*(?:my|our) (?!bad\b|pleasure|goodness|god\b)(?:(?!(?:is|are|was|were|has|have|had|not|does|did|keeps?|got|went|will|wont|cant|can|cannot|needs?|expires?|says?|wants?|[\w-]+n['’]t|[\w-]+ed)\b)[\w'-]+ ?){1,4}\W*$",
        (
            "What is my current account balance?",
            "Where's my order?",
            "When is my next appointment?",
            "Status of my claim?",
        ),
        (
            "How do I reset my password?",
            "What should I do with my old card?",
            "Why was my card declined?",
            "What happens to my data if I leave?",
            "What are my options for a refund?",
        ),
        unless=_GENERAL,
        why="A question for the state of a thing that is the speaker's.",
    ),
    PromptRule(
        "case-of-mine",
        r"\bwhy (?:is|was|were|are|has|have|did|does|do|hasn['’]?t|isn['’]?t|wasn['’]?t|didn['’]?t|(?=my|our)) ?(?:my|our) (?:[\w'-]+ ){0,2}?"
        r"(?:accounts?|appeal|applications?|appointments?|bills?|bookings?|cases?|claims?|complaints?|contract|deliver(?:y|ies)|exam|flights?"
        r"|grades?|insurance|invoices?|leave|loans?|memberships?|mortgage|orders?|packages?|parcels?|plans?|polic(?:y|ies)|premiums?|prescriptions?|rent|requests?"
        r"|reservations?|salary|scores?|shipments?|subscriptions?|tickets?|visa)\b",
        (
            "Why was my claim denied?",
            "Tell me why my claim was denied",
            "Why is my order delayed?",
            "Why has my account been suspended?",
        ),
        ("Why is my sourdough flat?", "Why was my card declined?", "Why do claims take so long?"),
        why="A question why the speaker's own case ended as it did.",
    ),
    PromptRule(
        "numbered-case",
        rf"\b{_CASE}\b(?: (?:number|no\.?|id|code|ref(?:erence)?))? ?[#:]? ?#?(?=[a-z-]{{0,6}}\d)[a-z0-9-]{{3,}}\b",
        ("What is the status of ticket 4711?", "track order #12345", "Cancel booking AB-99812"),
        ("What is order 66?", "How do tickets get numbered?", "Explain case 1 of the proof"),
        why="A question for, or an order on, a case named by its number.",
    ),
    PromptRule(
        "thing-i-did",
        r"\bthe (?:\w+ ){1,2}(?:that |which )?(?:i|we)(?:['’]ve| have| had)? (?:just |already |recently )?"
        r"(?:ordered|placed|booked|bought|requested|submitted|reserved|returned|paid|sent|signed|attended|uploaded|(?<=just )had|made (?:yesterday|last|today|on))\b"
        r"|\bwhy (?:was|were|have|did) (?:i|we)\b(?=[^.?!\n]{0,80}(?:\d|[$€£]))"
        r"|\bwhy (?:did|have) (?:i|we) (?:just |only )?(?:get|got(?:ten)?|receive[d]?) (?:an? |this |that |the |two )?(?:\w+ )?(?:letters?|tickets?|e?-?mails?|notices?|fines?|invoices?|warnings?|notifications?|messages?|texts?|bonus|refund)\b"
        r"|\bha(?:s|ve) (?:anyone|anybody|someone|somebody|he|she|they|my \w+) [a-z-]+(?: to| for| with| at)? (?:me|us)\b"
        r"|\b(?:can['’]?t|cannot|don['’]?t|do not|didn['’]?t) (?:remember|recall) (?:which|what|where|when|whether|if|who|how (?:many|much))\b[^.?!\n]{0,30}?\b(?:i|we|my|our)\b"
        r"|\banything (?:that )?(?:else )?(?:i|we) (?:forgot|missed|need|have|should|must|still)\b"
        r"|\bdid (?:anyone|anybody|someone|somebody|he|she|they|my \w+) (?:call|text|email|e-mail|message|write to|contact|visit|pay|reply to|answer) (?:me|us)\b"
        r"|\bwhen (?:do|must|should) (?:i|we) (?:need to |have to )?(?:return|renew|pay|pick up|collect|submit|bring back) my\b"
        r"|\bhow (?:long|soon|close|far)\b(?! (?:do|does|will|should|can)\b)[^.?!\n]{0,20}?\b(?:until|till|before|to|from|off|am i)\b[^.?!\n]{0,20}?\bmy\b",
        ("Where is the package I ordered last week?", "Why was I charged 20 dollars?", "Did anyone call me?"),
        ("Why was Caesar killed?", "How long until the sun dies?", "When should I plant my tomatoes?"),
        why="A thing named by what the speaker did with it, or what was done to the speaker.",
    ),
    PromptRule(
        "new-for-me",
        rf"\b(?:any|many|more|the|new|my) (?:unread|missed|pending|open|upcoming|overdue|unpaid|new|unanswered) {_FILED}\b"
        r"|\b(?:any|many) (?:unread|missed|pending|overdue|new) (?:calls?|notifications?|tasks?|reminders?|alerts?|voicemails?)\b"
        r"|\b(?:what(?:['’]?s| is| are)|show|tell me|check|how much is) (?:me )?(?:the |our )?(?:remaining|outstanding|current|available) (?:account )?(?:balance|amount|credit|quota)\b",
        ("Are there any unread emails?", "How many missed calls are there?", "What's the remaining balance?"),
        ("What is an unread email?", "What are pending transactions?", "Is there any new vaccine?"),
        why="A question for new or open messages, tasks and sums, which are the speaker's without saying so.",
    ),
    PromptRule(
        "place-of-mine",
        r"\b(?:near|around|close to|closest to|nearest to) (?:me|us|here)\b|\bnear ?by\b|\bin here\b|\bin (?:my|our) (?:area|city|town|neighbou?rhood|region|country)\b"
        r"|\b(?:weather|time|traffic|temperature|forecast|air quality)\b[^.?!\n]{0,20}\bhere\b|\bwhere (?:am i|are we)\b(?! (?:going|supposed|wrong))",
        ("What's near me?", "What's the weather like here?", "Where am I?", "restaurants nearby"),
        ("What is near the Eiffel Tower?", "Where am I supposed to sign?", "Here is my question"),
        why="A question whose answer depends on where the speaker is.",
    ),
    PromptRule(
        "fact-of-mine",
        rf"{_FILLER}(?:is|are|was|were|has|have|did|will|isn['’]?t|hasn['’]?t|didn['’]?t) (?:there )?(?:[\w'-]+ ){{0,4}}?{_MINE}"
        rf"|{_FILLER}(?:is|are|was|were|has|have|did|does|isn['’]?t|hasn['’]?t|didn['’]?t) (?!(?:my|our) (?:life|lives|existence) (?:have|has|matter)){_ANY}",
        ("Is my subscription still active?", "Has my refund been processed?", "Are there any charges on my account?"),
        (
            "Is it possible to change my address?",
            "Is there a way to close my account?",
            "Is there a fee for using my card abroad?",
            "Is my card usable in Chile?",
            "Will my foreign card be accepted?",
        ),
        unless=r"\bmy (?:\w+ ){0,3}?(?:cards?|licen[cs]e|phone|ticket|passport) (?:(?:be )?(?:usable|accepted)|work)\b(?=\W*$| (?:in|at|with|anywhere|everywhere|abroad|there)\b)|\bmy (?:\w+ ){0,3}?(?:cards?|licen[cs]e) (?:valid|good) (?:in|at|abroad|anywhere)\b|\b(?:is it (?:\w+ ){1,2}to|have to|allowed to|required to|need to|supposed to|possible|way|fee|charge for|necessary|safe|legal|(?<!back to )normal|ok(?:ay)?|dangerous|serious|harmful|healthy|contagious|curable|allowed|better|worth|limit (?:on|to|for)|how)\b",
        why="A yes-or-no question about a thing that is the speaker's.",
    ),
    PromptRule(
        "look-up-of-mine",
        rf"{_FILLER}(?:{_ASKED})*(?:show|list|check|track|trace|find|locate|look up|pull|do you see|get|give|tell|display|read|pull up|fetch|view|see|open|download|export"
        r"|cancel|block|freeze|unfreeze|unblock|lock|unlock|activate|deactivate|close|delete|remove|pay|renew|upgrade|downgrade"
        r"|reschedule|move|change|update|reorder|return|refund|book|confirm|reset|extend|transfer|send|top up|add|set|review|recap|summari[sz]e|archive|forward|go over|go through)"
        rf"\b(?! me how| how)(?: me| us)?[^.?!:\n]{{0,40}}?\b{_MINE}"
        rf"|{_FILLER}(?:{_ASKED})*(?:explain|analy[sz]e|summari[sz]e|compare|rank|remind me (?:of|about|when|what)|play(?: back)?|draft (?:a |an )?(?:reply|answer|response) to|turn (?:on|off|up|down)"
        rf"|put [^.?!:\n]{{1,25}} (?:on|in|into)|add [^.?!:\n]{{1,25}} to|(?:transfer|send|pay|wire|call|text|message|ring)(?: [^.?!:\n]{{1,25}} to)?|show(?: me)?|read(?: me)?|list|check|track|find|open|cancel|pull(?: up)?|let['’]?s see|see|view|switch (?:on|off))"
        rf" {_ANY}(?![^.?!\n]*:)(?: [\w'-]+){{0,6}}\W*$"
        rf"|\b(?:wonder(?:s|ing)?|know|find out|any idea|curious|remember|recall|remind me|tell me|let me know|figure out|hear|ask(?:s|ed)? me|let['’]?s see|wants? to know|say|see|check|confirm)"
        rf" (?:about )?(?:what|when|where|which|who|whose|how(?: \w+)?|whether|if|once|as soon as)(?: [\w'-]+){{0,3}}? (?:{_ANY}|(?:i|we)(?:['’]ve|['’]ll| have| will) )"
        rf"|\bi(?:['’]d| would)? (?:like|want|need|wish) to (?:know|see|check|view|look at|track|find out|hear)\b[^.?!:\n]{{0,30}}?\b{_MINE}"
        rf"|\bi(?:['’]d| would)? (?:like|want|need|wish) to (?:see|check|view|look at|download) (?:the |all )?(?:last |latest |recent )?"
        rf"{_FILED}\b"
        rf"|\bi need my (?:[\w'-]+ ){{0,2}}?(?:certificate|statement|invoices?|receipts?|results|records?|documents?|contract|itinerary|number|code|details|history|schedule|balance)\b"
        r"|\b(?:send|give|show|e?-?mail|forward|get) me the (?:boarding pass|invoices?|receipts?|contract|statement|tickets?|confirmation|itinerary|results|bill|tracking)\b"
        rf"|{_FILLER}(?:can|could|may) i (?:know|hear|see|view|look at) [^.?!:\n]{{0,30}}?\b{_MINE}",
        ("Show me my last invoice.", "Track my package", "Cancel my subscription.", "Could you please check my order?"),
        (
            "Tell me how to cancel my subscription.",
            "I want to know how to track a package.",
            "Check my grammar: he go home.",
        ),
        unless=r"\bhow (?:to|do|can|i|should)\b|\b(?:tell|explain)(?: to)? (?:me |my )?why\b|^\W*(?:can|could|may) (?:i|we) (?!see|view|look|know|hear)|\btutorial\b|\b(?:what|where|when|how) (?:i|we) (?:should|can|could|must)\b|\bmy (?:dreams?|name)\W*$",
        why="A request to look up, or to act on, a thing that is the speaker's.",
    ),
    PromptRule(
        "earlier-talk",
        r"\b(?:(?:did|had|have) (?:you|we) (?:just |already |both )?(?:say|tell|mention|recommend|promise|suggest|agree|discuss|talk|speak|decide)"
        r"|(?:you|we) (?:just |already |both )?(?:said|told (?:me|us)|mentioned|recommended|promised|suggested|agreed|discussed|talked|spoke|decided)\b(?! (?:if|that if)\b)"
        r"|(?:our|my) (?:last|previous|earlier|first|recent) (?:conversation|chat|call|talk|discussion|session|message|question|email|meeting)s?"
        r"|(?:i|we) (?:just |already |last )?(?:told|asked|mentioned to|sent|gave|showed|wrote) you|where (?:we|i) (?:left off|stopped|were)"
        r"|(?:do|can|did|will|would|could|don['’]t) you (?:still )?(?:remember|recall|recogni[sz]e|know) (?:me|my|what (?:i|we)|when (?:i|we)|who i|that i|our|us)\b"
        r"|last time (?:we|you)\b|what (?:have|had) (?:i|we) (?:been )?(?:talk|discuss|ask|said))",
        ("What did you recommend last time we spoke?", "Do you remember me?", "Continue where we left off."),
        ("What did the president say last week?", "How do I remember names better?"),
        why="A reference to an earlier conversation with the speaker.",
    ),
    PromptRule(
        "about-me",
        r"\bwho am i\b|\b(?:know|knows|saved|stored|remember|information|info|data|details|records?|file|notes?|profile|anything|everything|something)"
        r"(?: you (?:have|keep|hold|store))? (?:about|on|of|for) (?:me|us)\b(?! to\b)"
        rf"|\b(?:based on|considering|according to|in view of|judging by) {_MINE}"
        r"|\b(?:suggest|recommend|pick|choose|find)\b[^.?!\n]{0,40}\b(?:given|from|using|with) (?:my|our) (?:[\w'-]+ )?(?:history|data|profile|preferences|tastes?|purchases|orders|portfolio|budget|diet)\b"
        r"|(?<!draft )(?<!write )\b(?:packages?|mail|messages?|(?<!resignation )(?<!cover )(?<!motivation )(?<!recommendation )letters?|deliver(?:y|ies)|updates?|news|notes?|parcels?|orders?|notifications?|visitors?|tasks?|anything|something)(?: \w+)? for me\b"
        r"|\bi(?:['’]m| am) (?:a |an |the )?(?:user|member|customer|employee|student|patient|tenant|client|guest|subscriber|account)\b[ #:]{1,3}(?:number |id |no\.? )?#?[a-z-]{0,6}\d"
        r"|\b(?:meeting|appointment|call) with me\b"
        r"|\b(?:based on|given) what (?:you know|i)\b|\b(?:for|suits?|fits?) (?:someone like )?me (?:based|personally)\b"
        r"|\bmy (?:own )?(?:name|age|birthday|date of birth|blood type|zip code|phone number|address|location|username|email(?: address)?|iban|account number)\b"
        r"(?= (?:again|on file|is|was)?\W*(?:\?|please|$))",
        (
            "What do you know about me?",
            "Who am I?",
            "Recommend a film based on my watch history.",
        ),
        ("Tell me about Mercury.", "What do you know about Rome?", "How do I change my name?"),
        unless=r"\bhow (?:do|can|should|to|could|would) ",
        why="A request for facts about the speaker, or for advice from their own data.",
    ),
)
