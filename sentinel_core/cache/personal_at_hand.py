"""Rules of `personal` for things at hand, which are the speaker's without "my": the door, the parcel, earlier talk."""

# ruff: noqa: E501  a pattern is read in one piece
from __future__ import annotations

from sentinel_core.cache.prompt_rules import PromptRule

TRIGGER = (
    r"\b(?:my|our|the|it|they|them|that|this|all|me|us|i|we|you|same|usual|yesterday|earlier|last|any|homework|legal|hr|payroll|refund|tracking|tomorrow|today|tonight"
    r"|which|who(?:['’]?s)?|lights?|lamps?|heating|alarm|playing)\b"
)
"""No rule matches a prompt without one of these words."""

_FILLER = r"^\W*(?:(?:hi|hello|hey|so|and|ok(?:ay)?|well|please|pls|also|but|now|actually|um+|thanks|sorry|quick question)\b\W*){0,3}"
_ASKED = r"(?:(?:can|could|would|will) you (?:please |also |just )?|please |i(?:'d| would) like you to |i need you to |i(?:'d| would)? (?:like|want|need) to )*"
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_WHEN = rf"(?:today|tonight|tomorrow|yesterday|now|right now|already|yet|again|please|(?:this|next|last) (?:week|weekend|month|morning|afternoon|evening|{_DAY})|on {_DAY})"
_AT_HOME = (
    r"(?:doors?|garage|gate|windows?|lights?|lamps?|alarm|oven|stove|hob|heating|heater|thermostat|boiler|ac|a/c|air ?con(?:ditioning|ditioner)?|fan|dishwasher"
    r"|washing machine|washer|laundry|dryer|tumble dryer|vacuum|hoover|roomba|mower|sprinklers?|doorbell|cameras?|fridge|freezer|tv|television|speakers?|blinds|curtains|shutters"
    r"|car|charger|printer|router|kettle|iron|coffee (?:machine|maker)|pool|hot tub|humidifier|air purifier)"
)
"""Devices and parts of a home, of which a speaker means their own."""

_ROOM = r"(?:living room|bedroom|kitchen|bathroom|nursery|kids['’]? room|house|flat|apartment|garage|basement|cellar|attic|loft|office|hall(?:way)?|garden|greenhouse|fridge|freezer|pool|aquarium|car)"
_STATE = r"(?:open|closed|shut|locked|unlocked|on|off|running|working|done|finished|ready|charged|charging|full|empty|armed|connected|plugged in|clean|dirty|warm|hot|cold|online|offline|over|through|stop(?:ped)?|start(?:ed)?|finish(?:ed)?)"
_CASE = (
    r"(?:orders?|bookings?|reservations?|appointments?|meetings?|deliver(?:y|ies)|flights?|hotel|rental|confirmation|invoices?|receipts?|statement|bills?|payments?|transfers?|cards?|visa|mastercard|amex"
    r"|subscriptions?|memberships?|claims?|prescriptions?|refill|shifts?|timesheet|leave request|expenses?|reminders?|itinerary|boarding pass|check-in|usual|direct debit|standing order|package|parcel|pizza|taxi|cab|ride)"
)
_OTHERS = (
    r"(?:legal|hr|finance|payroll|accounting|procurement|compliance|marketing|the (?:\w+ )?(?:manager|boss|client|customer|bank|insurer|insurance|landlord|doctor|dentist|vet|school|teacher|professor|airline|hotel"
    r"|vendor|supplier|seller|contractor|lab|clinic|pharmacy|hospital|board|courier|driver|technician|plumber|electrician|restaurant|agency|agent|host|caretaker|optician|therapist|accountant|tenant|team|bank|shop|store))"
)
"""Persons and offices with which a speaker has a case of their own."""

_THING = r"(?-i:[a-z][\w'’-]*)(?: (?-i:[a-z])[\w'’-]*){0,2}"
"""A thing that is no proper name: "the dehumidifier", not "the Colosseum"."""

_WORLD = r"(?!(?:\w+ )?(?:war|government|president|king|queen|pope|pandemic|recession|election|season|world|us|uk|eu|un|market|economy|virus|earth|sun|moon|universe|sky|climate|planet|vote|strike|law|internet|film|movie|book|series|show)\b)"
_EVENT = (
    r"(?:cruise|ferry|flight|train|bus|tour|shuttle|coach|boat|ship|class|course|lesson|lecture|meeting|call|webinar|party|wedding|ceremony|shift|appointment|rehearsal|practice|training|game|match|lease|contract|trial"
    r"|subscription|warranty|membership|visa|plumber|technician|nanny|babysitter|cleaner|courier|driver|electrician|guests|exam|interview|conference|check-?(?:in|out)|viewing|surgery|operation)"
)
_OF_A_TIME = r"(?:layover|stopover|flight|lease|contract|trial|notice|commute|shift|stay|booking|lunch|break|appointment|meeting|wait|trip|holiday|subscription|warranty|probation|membership|visa|drive|journey|run|ride|streak|session|call|sentence|course|treatment)"
_FAMILY = r"(?:sons?|daughters?|kids?|child(?:ren)?|wife|husband|partner|mum|mom|dad|mother|father|brother|sister|parents?|grand(?:ma|pa|mother|father)|dog|cat|baby|boss|manager|team)"

_DID = r"(?:sign(?:ed)?|approved?|repl(?:y|ied)|respond(?:ed)?|confirm(?:ed)?|sen[dt]|paid|pay|call(?:ed)?|answer(?:ed)?|reject(?:ed)?|decided?|review(?:ed)?|g[eo]t back|gotten back|accept(?:ed)?|cancel(?:led)?|update[d]?|ship(?:ped)?|receive[d]?|agree[d]?)"
_IN_WORDS = r"(?! (?:in|of|for|from|as) an? |[^.?!\n]*\b(?:process|system|page|form|flow|table|schema|class|model|object|function|diagram|template|example|code|api|endpoint|component|module|field|column|sql|python|java(?:script)?|excel|css|html|story|poem|song|scene|novel|sentence|game)\b)"
"""What follows is no text or program in which the words stand."""

RULES = (
    PromptRule(
        "device-at-hand",
        rf"{_FILLER}(?:is|are|did|has|have|was|were) (?:the|all(?: of)?(?: the)?|any(?: of the)?) (?:\w+ ){{0,3}}?{_AT_HOME}(?:['’]s \w+)? (?!of\b)(?:\w+ ){{0,3}}?{_STATE}\b(?! by\b)"
        rf"|\b(?:what(?:['’]?s| is)|how (?:hot|cold|warm|humid) is (?:it)?)\b[^.?!\n]{{0,20}}\b(?:temperature|humidity|air quality|noise level|it) (?:in|of|inside) the {_ROOM}\b"
        rf"|\b(?:which|what|how many) (?:\w+ )?(?:lights|lamps|doors|windows|devices|cameras|blinds|sensors|alarms) are\b[^.?!\n]{{0,20}}\b(?:on|off|open|closed|locked|unlocked|online|offline|connected|running|set|active)\b"
        rf"|\bhow much (?:battery|charge|fuel|gas|ink|toner|power|water)\b (?:does|do|is|has)\b[^.?!\n]{{0,20}}\b(?:the|in the) {_AT_HOME}\b"
        rf"|{_FILLER}what(?:['’]?s| is)?(?: (?:song|track|movie|show|station|music))?(?: is|['’]s)? playing(?: (?:now|right now|here))?\W*$"
        rf"|\bhow many (?:likes|views|comments|followers|clicks|opens|downloads|shares|plays|votes|replies|sign-?ups|orders|sales) (?:did|has|have|does) (?:the|that|this) {_THING} (?:get|got|have|had)(?: so far| yet| today)?\W*$"
        rf"|{_FILLER}who(?:['’]?s| is| was) at the (?:front |back )?door\b|\bwhat(?:['’]?s| is) the {_ROOM} (?:temperature|humidity)\b"
        rf"|{_FILLER}(?:is|are) the {_WORLD}{_THING} (?:still |currently |already |now |even )(?:\w+ )?{_STATE}\W*$"
        rf"|{_FILLER}(?:has|did) (?:anyone|anybody|someone|somebody) [^.?!\n]{{2,40}} (?:yet|already|{_WHEN})\W*$"
        r"|\bwhat(?:['’]?s| is| do we have| have we got)(?: left)? (?:in|on) the (?:freezer|fridge|pantry|cupboard|larder|shed|(?:\w+ )?(?:list|agenda|calendar|schedule|planner|whiteboard|to-?do list))\b(?: (?:this|next|for|today|tonight|tomorrow)[^.?!\n]{0,15})?\W*$"
        rf"|{_FILLER}did (?:i|we|anyone|somebody|someone) (?:leave|turn|lock|close|shut|switch|unplug)\b",
        (
            "Is the front door locked?",
            "Has the dishwasher finished its cycle?",
            "Which lights are still on downstairs?",
            "What's the temperature in the living room right now?",
        ),
        (
            "Is the door of a vault locked by a timer?",
            "Is the oven a kitchen appliance?",
            "How much battery does the iPhone 15 have?",
            "What temperature should the fridge have?",
        ),
        unless=r"\b(?:should|ideal|best|recommended|normal|average|optimal|supposed|how do|how can|why)\b",
        why="A question for the state of a device or a room, which is the speaker's own.",
    ),
    PromptRule(
        "device-command",
        rf"{_FILLER}{_ASKED}(?:turn|switch|dim|brighten|lower|raise|set|put|open|close|shut|lock|unlock|arm|disarm|start|stop|pause|resume|run|preheat|mute|unmute|charge) (?:on |off |up |down )?"
        rf"(?:the |all |all the |all of the |both )?(?:\w+ ){{0,2}}?{_AT_HOME}\b(?! in an? ){_IN_WORDS}"
        rf"|{_FILLER}{_ASKED}(?:play|stop|pause|skip|resume) (?:some |the |this |that )?(?:\w+ )?(?:music|song|track|playlist|podcast|radio|jazz|movie|episode)\b(?: (?:in|on) the [\w ]+)?(?: please| now)?\W*$",
        ("Arm the alarm", "Turn the bedroom lights down to 20%", "Could you start the dishwasher?", "Pause the music"),
        (
            "Turn off the lights in a story about robots",
            "Open the door in a scene of a play",
            "How do I set the alarm?",
        ),
        why="A command to a device, which is the speaker's own.",
    ),
    PromptRule(
        "case-at-hand",
        rf"{_FILLER}{_ASKED}(?:cancel|re-?order|rebook|reschedule|postpone|freeze|unfreeze|block|unblock|pull up|look up|check|track|pay|renew|refund|approve|confirm|move|change|extend|pause|resume|print|forward|download) "
        rf"(?:the|that|this|those|these) (?:[\w'’-]+ ){{0,3}}?{_CASE}\b{_IN_WORDS}"
        rf"|{_FILLER}{_ASKED}(?:(?:re)?book|sign|check|log|enroll?|register|upgrade|unsubscribe|subscribe|wake|connect|order|add) me\b"
        rf"|{_FILLER}{_ASKED}remind me (?:to|at|tomorrow|tonight|on {_DAY}|on the|in \d|every|when i)\b"
        rf"|{_FILLER}(?:did|has|have|is|was) (?:the )?(?:\w+ )?(?:payroll|direct debit|standing order|transfer|payment|refund|deposit|wire|cheque|salary|bonus|prescription|refill|flight|train|bus|delivery|package|parcel|order|booking|appointment|meeting|mail|post|bill|rent|fine|invoice|claim|request|application)\b(?: \w+)? (?:go(?:ne)?|come|clear(?:ed)?|land(?:ed)?|arrive[d]?|bounced?|fail(?:ed)?|run|here|ready|on time|late|delayed|cancell?ed|confirmed|approved|paid|sent|shipped|delivered|processed|booked|scheduled)\b(?! (?:when|if|by (?:a|law))\b)"
        rf"|{_FILLER}(?:has|have|did|will) {_OTHERS} (?:\w+ )?{_DID}\b"
        rf"|{_FILLER}(?:can|could|will|would) the (?:courier|driver|technician|plumber|nurse|doctor|hotel|airline|restaurant|seller|delivery (?:man|person|guy)) (?:\w+ ){{0,3}}?(?:it|them|me|us|my)\b"
        rf"|{_FILLER}(?:has|have|did) the {_WORLD}{_THING} (?:\w+ )?(?:{_DID}|made|fixed|finished|booked|ordered|delivered|cleaned|repaired|fed|show(?:ed)? up|graded?|seen)\b(?! (?:by|because|when)\b)"
        rf"|\bwhat(?:['’]?s| is) {_OTHERS}['’]s (?:\w+ )?(?:number|e-?mail|address|name|code)\b|\bwhat(?:['’]?s| is) the (?:code|pin|password|combination) (?:for|to|of) the (?:\w+ )?(?:locker|door|gate|building|garage|alarm|wi-?fi|safe|lock|box|flat|house|office)\b"
        rf"|{_FILLER}{_ASKED}add [^.?!:\n]{{1,30}} to the (?:\w+ )?(?:list|cart|basket|calendar|agenda|order|playlist|queue)\b{_IN_WORDS}"
        rf"|{_FILLER}{_ASKED}(?:move|switch|transfer|seat) (?:me|us)\b|{_FILLER}{_ASKED}(?:text|call|message|ring|phone|tell|ping|email) (?-i:[A-Z])\w+ (?:that|to say|i['’]?m|i |back\b|now\b|about my)"
        rf"|{_FILLER}(?:when|what time)(?:['’]?s| is| are| was) (?:the )?(?:\w+ )?(?:{_EVENT}|pick-?up|drop-?off|bedtime|dinner|lunch|breakfast)\W*$|\bwhat did the (?:\w+ )?(?:test|scan|x-ray|mri|ultrasound|biopsy|results|report|inspection|survey|check-?up) (?:show|say|reveal|find)\W*$"
        rf"|\bwhat(?:['’]?s| is) the wi-?fi (?:password|code|key|name)\b|\b(?:what|which (?:\w+ )?\w+)(?:['’]?s| is| are) due\b(?: on| by)? (?:{_DAY}|{_WHEN})"
        r"|\bwhere(?:['’]?s| is| are) the (?:driver|courier|plumber|technician|taxi|cab|uber|ride|package|parcel|delivery|order|food|refund|money)\b(?: now| right now| at)?\W*$"
        rf"|{_FILLER}(?:the )?(?:tracking|refund|payment|parcel|package|order|delivery|transfer|deposit|money|courier|driver|seller)(?: number| page| status)? (?:says?|said|shows?|still|never)\b"
        rf"|\bwhen(?:['’]?s| is| are| will| does)\b[^.?!\n]{{0,15}}\bthe (?:next|last|upcoming) (?:refill|appointment|payment|shift|meeting|class|lesson|bill|delivery|instal?lment|session|visit|check-?up|pick-?up|collection|invoice|paycheck|payday|review|practice|train|bus)\b"
        rf"|\b{_DAY}['’]s (?:\w+ )?(?:test|exam|appointment|surgery|meeting|class|flight|game|match|shift|delivery|interview|party|dinner|call|lesson)\b"
        rf"|{_FILLER}(?:any|is there(?: any)?|are there(?: any)?) (?:\w+ )?(?:homework|meetings?|classes|appointments?|deliver(?:y|ies)|mail|messages?|calls?|plans|events|assignments?|deadlines?|e-?mails?|updates?|visitors?|reminders?|tasks?|bills?|payments?|shifts?)(?: due| left| planned| scheduled)?(?: for)?(?: {_WHEN})*\W*$"
        rf"|{_FILLER}(?:has|have|did|is|are|was) the {_WORLD}{_THING} [^.?!\n]{{2,40}} (?:yet|already|today|tonight|this (?:morning|afternoon|evening|week))\W*$"
        rf"|\b(?:what|when|where|why|which|how much)(?: \w+)? (?:did|does|has|will) {_OTHERS} (?:\w+ )?(?:say|said|want|recommend|find|found|charge|write|written|tell|told|ask|need|suggest|prescribe|send|sent|promise|quote|decide|expect)\b"
        rf"|{_FILLER}(?:when|what time)(?: exactly)? (?:does|do|is|will|did) the (?:\w+ )?{_EVENT} (?:leave|start|end|arrive|depart|land|begin|board|finish|get here|be here|come|due|expire|over|on)\b(?: {_WHEN})?\W*$"
        rf"|\bwho(?:['’]?s| is| are) (?:\w+ )?(?:out|off|away|on (?:call|shift|duty|leave|holiday|vacation)|covering)\b[^.?!\n]{{0,20}}\b{_WHEN}\W*$",
        (
            "Change the delivery to Saturday",
            "Rebook me on the 7 am flight",
            "Did the direct debit go through?",
            "Did the airline confirm the wheelchair?",
            "Any homework for tomorrow?",
        ),
        (
            "Change the order table to use uuids",
            "Is there homework in Finnish schools?",
            "Where is the money in politics?",
            "Did the Romans pay taxes?",
            "When is the next eclipse?",
        ),
        unless=r"\bhow (?:to|do|can|should|would|does)\b",
        why="A question for, or an order on, the case that a speaker has at hand: an order, a payment, an appointment.",
    ),
    PromptRule(
        "named-by-nothing",
        r"^\W*(?:(?:hi|hello|hey|so|ok(?:ay)?|please|pls|now)\b\W*)?(?:has|have|did|is|was|are|were|will) (?:it|they|he|she) (?:be |been |just |already |finally )*"
        r"(?:ship(?:ped)?|arrived?|come|coming|sent|delivered|approved|paid|booked|confirmed|cancell?ed|processed|refunded|ready|here|landed|scheduled|received|on its way|on the way|out for delivery|go(?:ne)? through)(?: (?:yet|already|now|today|tomorrow))?\W*$"
        r"|^\W*(?:(?:hi|hello|hey|so|ok(?:ay)?|please|pls|now)\b\W*)?(?:when|how soon)(?:['’]?s| is| are| will| does|['’]?ll) (?:it|they|he|she) (?:be |get )?(?:coming|arrive|arriving|here|delivered|ready|shipped|ship|due|land|come|back)(?: (?:today|tomorrow|exactly))?\W*$"
        rf"|{_FILLER}{_ASKED}(?:cancel|re-?order|rebook|reschedule|refund|renew|pause|resume|freeze|block|lock|unlock|track|confirm|pay|approve|book|order|buy|ship|snooze|archive|resend) (?:it|that|this|them|these|those|both|everything|the usual)(?: (?:{_WHEN}|for me|instead|for \w+))*\W*$"
        rf"|\bre-?order the usual\b",
        ("has it shipped", "When's it coming?", "cancel it", "Reorder the usual"),
        (
            "Is it raining in Paris?",
            "When is it Easter?",
            "Order these numbers: 3, 1, 2",
            "Is it here that Caesar died?",
        ),
        why="A short question or order on a thing that only the speaker's earlier acts name.",
    ),
    PromptRule(
        "talk-at-hand",
        r"\byou (?:just |already |had |have )?(?:helped|sent|gave|showed|wrote|made|found|booked|read|drafted) (?:me|us)\b"
        r"|\byou (?:just |already |had |have )?(?:helped|sent|gave|showed|wrote|listed|made|drafted|created|generated|proposed|shared|explained|calculated|suggested|used|found)\b[^.?!\n]{0,40}\b(?:yesterday|earlier|before|last (?:time|night|week|month)|this morning|previously|ago)\b"
        rf"|{_FILLER}(?:do |give me |make it |i(?:['’]ll| will) (?:have|take) )?(?:the )?(?:same|like|as) (?:thing )?(?:as )?(?:last time|before|yesterday|last week|always|usual)\b"
        r"|\b(?:pick up|continue|resume|go back|carry on|get back)\b[^.?!\n]{0,40}\b(?:yesterday|earlier|last (?:time|night|week|session)|previously|where you)\b"
        rf"|\b(?:list|plan|draft|note|schedule|table|outline) (?:that )?we (?:made|wrote|started|did|drew up)\b"
        r"|\b(?:go|get) back to (?:the|your) (?:first|second|third|last|other|previous|earlier) (?:one|option|idea|draft|version|suggestion|answer)\b"
        r"|\bas i (?:just |already )?(?:said|mentioned|told|wrote|explained|asked)\b"
        r"|\b(?:the|that) (?:\w+ )?(?:things?|questions?|files?|documents?|links?|articles?|recipes?|ideas?|topics?|issues?|requests?|problems?) (?:that )?(?:i|we) (?:just |already )?(?:asked|mentioned|raised|sent|gave|shared|told|talked|reported)\b",
        (
            "What was that recipe you sent me?",
            "Same as last time please",
            "Pick up the story from yesterday",
            "As I mentioned before, what was the name of that place?",
        ),
        (
            "Continue the sequence 2, 4, 8",
            "What did Newton explain before Einstein?",
            "Is the same rule used before vowels?",
        ),
        unless=r"\bhow (?:do|can|to|could)\b|\bway to\b|\bpossible to\b|\bwhere you came from\b",
        why="A reference to an earlier conversation with the speaker.",
    ),
    PromptRule(
        "sum-at-hand",
        r"\bwhat(?:['’]?s| is| was) (?:still )?(?:left|outstanding|owed|owing|due|remaining|available|pending) (?:on|in|of|for|to) the (?:\w+ )?(?:mortgage|loan|card|account|bill|balance|budget|tab|overdraft|lease|tank|contract|policy|trip|invoice)\b"
        r"|\b(?:what(?:['’]?s| is| was)|how much(?: is| was|['’]?s)) the (?:\w+ )?(?:total|cost|bill|spend(?:ing)?)\b[^.?!\n]{0,40}\bso far\b"
        r"|\bhow much (?:did|was|is|will|does) (?:the|that|this) (?:last |latest |next |final |monthly )(?:\w+ )?(?:bill|invoice|order|refund|payment|bonus|premium|rent|deposit|statement|paycheck|payslip|repair)\b"
        r"|\bhow (?:far|much|many \w+) (?:over|under|behind|ahead|short)\b[^.?!\n]{0,20}\b(?:am i|are we|were we|was i)\b"
        r"|\bhow (?:many|much)\b[^.?!\n]{0,30} do (?:i|we) still (?:need|have|owe|lack)\b"
        r"|\b(?:how much|what)(?:['’]?s| is| was| are)? (?:is |was )?(?:being|getting) (?:taken|deducted|withheld|charged|billed)\b[^.?!\n]{0,20}\b(?:my|me|us|our|for)\b"
        r"|\bwhich (?:card|account|address|e-?mail(?: address)?|phone|number|payment method|plan)\b (?:was|is|did|got|were)\b[^.?!\n]{0,20}\b(?:used|charged|on file|linked|registered|saved|billed|debited|credited)\b"
        r"|\b(?:which|what) (?:gate|terminal|seats?|platform|room|hotel|table|row)\b[^.?!\n]{0,20}\b(?:are|am|were|was) (?:i|we)\b"
        rf"|^\W*(?:what|which|who|where|when|how much|how many)\b[^.?!\n]{{3,80}}\b(?:put|prescribed?|assigned?|gave|given|sent|booked|charged?|quoted|promised|offered|referred|enrolled|moved|transferred|emailed|told|paid) (?:me|us)(?: on| to| in| for| up| from| with)?(?: {_WHEN})?\W*$"
        r"|\bthe (?:\w+ ){1,3}(?:that |which )?(?:i|we)(?:['’]m| was| were| am| are|['’]ve been| have been|['’]re) (?:referred|assigned|booked|enrolled|registered|signed|put|scheduled|charged|given|prescribed|invited|seated|placed|matched)\b"
        rf"|\bhow long(?:['’]?s| is| was| are| were) (?:my|our) (?:[\w'’-]+ )?{_OF_A_TIME}\b|\b(?:which|what) \w+ (?:takes?|brings?|drives?|picks? up|teaches|treats?|belongs? to|fits?) (?:my|our) {_FAMILY}\b"
        rf"|{_FILLER}who (?!can|could|should|will|would|help|may|might|must|do|does|to\b)\w+ (?:me|us)\b"
        r"|\b(?:which|what) [\w ]{2,40} do (?:i|we) (?:pay|subscribe|use|take|follow|rent|drive|wear|belong)(?: for| to)?(?: (?:at|on|in the|before|after|every) [^.?!\n]{0,20})?\W*$"
        r"|\bhow much(?: \w+){1,2} is (?:still )?(?:left|remaining|missing)\b(?! (?:in|on|of|by|from|out|to|over|when|after|alive)\b)"
        r"|\bhow \w+ (?:is|was|were) (?:my|our) (?:last|latest|recent|previous|current)\b|\b(?:what|where|when|which|who)\b[^.?!\n]{0,40} the \w+ (?:that )?(?:i|we) (?:have|own|rent|drive|live in|work (?:for|with))\W*$"
        r"|\bwho (?:approves?|manages?|handles?|signs?|signed|reviews?|reviewed|has|holds|uses?|used|opened|viewed|saw|took|sent|changed|shared|teaches|covers?|owns?|made|cancelled|liked|follows) (?:my|our)\b"
        rf"|\b(?:i|we)(?:['’]ve| have)? (?:just |already )?(?:ordered|bought|booked|paid|returned|applied|requested|filed|submitted|transferred|cancelled|reserved|deposited)\b[^?!\n]{{0,60}}\b(?:ago|yesterday|last (?:week|month|night)|on {_DAY}|this (?:morning|week))\b[^?!\n]{{0,20}}\b(?:why|where|when|has|have|what)\b",
        (
            "What's left on the mortgage?",
            "What dose did Dr Patel put me on?",
            "Which card was used for Spotify?",
            "I ordered a sofa three weeks ago, why isn't it here?",
        ),
        (
            "What is left on the stack after a call?",
            "How many planets do we still need to visit in the game?",
            "Which card is used for travel?",
            "I bought a plant last week, how often should I water it?",
        ),
        unless=r"\bhow (?:often|do|to|can|should|much should|long should)\b|\b(?:should|can|may|could|must) (?:i|we)\b|\bwhat (?:should|can|could|do) (?:i|we)\b|\bgame\b|\b(?:is|are) used (?:for|by|in|to|when)\b|\bcan i get\b",
        why="A question for a sum, a place or a person that only the speaker's own case settles.",
    ),
)
