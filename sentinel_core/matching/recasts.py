"""One form for questions recast as statements, requests and headlines: `tips for sleeping` asks `how to sleep`."""

# ruff: noqa: E501  a pattern is read in one piece

from __future__ import annotations

from functools import cache
from itertools import chain

from sentinel_core.matching.known_words import ranks
from sentinel_core.matching.rewriting import Rules, rules_of
from sentinel_core.matching.small_talk import small_talk
from sentinel_core.support.patterns import lazy

_ASKED = r"(?:who|whom|whose|what|which|when|where|why|how|if|whether)"
_HELPS = r"(?:is|are|was|were|do|does|did|has|have|can|could|will|would|should|may|must|shall|might)"
_OPENING = rf"(?:{_ASKED}|{_HELPS}|is|am)"
_NO_VERB = r"(?!is\b|are\b|was\b|were\b|do\b|does\b|did\b|has\b|have\b|can\b|will\b|to\b|and\b|or\b)"
_NOUN = rf"(?:{_NO_VERB}[\w'/-]+)"
_GOOD = r"(?:(?:best|good|nice|right|correct|proper|recommended|usual|normal) )?"
_WAY = r"(?:steps?|ways?|methods?|procedure|process|trick|instructions|approach)"
_SOME = r"(?:(?:the|a|an|any|some|your|your best|a few|got any|do you have any|have you got any|give me(?: some)?|i need(?: some)?) )?"
_STUCK = (
    r"(?:i can not (?:figure out|work out|remember|tell|recall|find out|decide)|i do not (?:know|get|understand|remember"
    r"|see)|i am (?:not|un)(?: really| quite| totally)? ?(?:sure|certain|clear)(?: on| about)?|i am unsure(?: of| about)?"
    r"|not sure(?: of| about)?|i (?:have|'ve got) no (?:idea|clue)|no (?:idea|clue)|i (?:always |keep )?forg(?:et|ot)"
    r"(?:ting)?|i am (?:struggling|trying) to (?:understand|figure out|find out|work out)|i am confused about"
    r"|remind me(?: again)?|what i (?:want|need|would like) to know is|(?:my|the) question is|can (?:someone|anyone|you)"
    r"(?: please)? (?:explain|tell me)(?: to me)?|please (?:explain|tell me)|the thing is,? )"
)
_TAIL = (
    r"(?:any (?:ideas?|thoughts|clues?|suggestions|advice|help|pointers|tips|takers)(?: on (?:this|that|it))?"
    r"|(?:please )?(?:advise|help)(?: me)?(?: please)?|what gives|or what|or something|or anything|no rush|much appreciated"
    r"|asking for a friend|just (?:asking|wondering|curious)|out of (?:curiosity|interest)|if that makes sense"
    r"|if you (?:know|do not mind me asking)|when you (?:get a (?:chance|moment|minute)|have a (?:moment|minute|sec))"
    r"|(?:it is )?my first time(?: doing (?:this|that|it))?|(?:i have )?never done (?:this|that|it)(?: before)?"
    r"|i (?:can never remember|always forget|keep forgetting|forgot|forget|have no (?:idea|clue)|am (?:so |really )?(?:lost|confused|stuck))"
    r"(?: (?:this|that|it))?|you know|mate|dude|bro|buddy|man|guys|folks|these days|nowadays|rn|right now)"
)
_NEVER = (
    r"(?:(?:i have |i've )?never done (?:this|that|it|one|any of this)(?: before)?|(?:it is )?(?:my )?first time (?:doing (?:this|that|it)"
    r"|here)|(?:i am )?doing (?:this|that|it) for the first time|(?:i am )?(?:a )?(?:total |complete |absolute )?(?:newbie|noob|beginner|novice)"
    r"(?: (?:here|question))?|(?:dumb|silly|stupid|random|weird|odd|honest|serious|genuine|real|legit|general|basic|noob|newbie)"
    r" question(?: but)?|sorry if this (?:is|has been|was) (?:obvious|asked|dumb|silly|stupid|basic)(?: before| already)?"
    r"|not sure (?:about|on) this(?: one)?|i am not sure (?:about|on) this(?: one)?|i (?:always |keep )?forget(?:ting)?(?: this)?"
    r"|i can never remember(?: this)?|yo|heya|psst|oi|hey (?:man|dude|bro|mate)|help|urgent|need help|please help|fyi|(?:ok |okay )?so basically"
    r"|(?:this is |it is )?for (?:(?:a|my) )?(?:friend|school|homework|class|essay|project|quiz|school project|presentation|crossword|puzzle|bet|assignment|report|trivia night)"
    r"|i am (?:making|writing|doing|preparing|designing|working on) (?:a|an|my|some) (?:\w+ )?(?:poster|essay|presentation|report|quiz|project"
    r"|homework|worksheet|paper|assignment|article|blog post|crossword|story)(?: (?:for|at|about|on) (?:school|class|work|uni|college|it))?"
    r"|my (?:\w+ )?(?:accountant|boss|manager|teacher|friend|son|daughter|kid|wife|husband|mum|mom|dad|brother|sister|colleague|coworker|partner"
    r"|roommate|flatmate|neighbou?r|lawyer|client|customer|kids|parents|friends|professor|team|nephew|niece|grandma|grandpa|landlord"
    r"|girlfriend|boyfriend|cousin|uncle|aunt|mother|father|doctor) (?:keeps? (?:asking|nagging|bugging)|(?:just )?asked|wants to know|is asking"
    r"|was asking|is curious|was wondering|wondered)(?: me)?(?: (?:about (?:this|it|that)|this|again|today|yesterday))?)"
)
"""Beginnings of a prompt that say how one came to ask; none of them names a thing, a place or a state of the asker."""

_PLACE = (
    r"(?:restaurant|hotel|store|shop|place|cafe|venue|gym|pool|clinic|practice|office|museum|school|library|salon|bar"
    r"|company|bank|pharmacy|studio|campsite|hostel|airline|website|site|branch|stores|shops|hotels|restaurants)"
)
_MIND = r"(?:please |kindly )?"

_LISTED = (
    ("*", ", |: |; |. |! |- |-- ",
     rf"^{_NEVER} ?(?:[,:;.!-]|\.\.\.)+ ?(?:but |so |and )*(?={_OPENING}\b)", ""),
    ("*", "yo |heya |psst |oi ", rf"^(?:yo|heya|psst|oi) (?={_OPENING}\b)", ""),
    ("* can what", "figure out|work out|not know|no idea|no clue|not sure|unsure|not remember|not recall|not get|not understand|forg|explain|tell|ion is|confused|thing is|decide|certain|not clear|see |remind|trying to|know is",
     rf"^{_STUCK}[,:]? (?=(?:{_ASKED}) (?!but\b)[^,.?!]+$)", ""),
    ("", ", |? |. |! |; |- ",
     rf"(?<=\w{{3}})[?.!]*(?:,|;| -|[?.!]) ?{_TAIL}$", ""),
    ("", " rn", r" rn$", ""),
    ("if whether", "if |whether ", rf"^(?:if|whether) ((?:{_NOUN} ){{1,5}}?)({_HELPS}) (?!.*(?:,| what | how | then ))(?=\w)", r"\2 \1"),
    ("if whether", "if |whether ", r"^(?:if|whether) (i|you|we|they) (?!am\b|(?:\w+ed|had|got|went|lost|was|were)\b)(?!.*(?:,| what | how | then ))(?=[a-z]{2,} )", r"do \1 "),
    ("if when", "if |when ", r"^(?:if|when) (?:someone|somebody|one|i|you|we|a person) (?:wanted|want|wants|wish|wishes|would like|needed|need|needs) to ([^,]{3,60}), how (?:would|do|can|should|does|could) (?:they|i|you|one|we|he or she) (?:do|go about) (?:it|that|this|so)$", r"how to \1"),
    ("in on at for with during after before from while without as if when", ", ", rf"^((?:in|on|at|for|with|during|after|before|from|while|without|as|if|when (?=i\b|my\b|the\b|we\b|you\b|it\b)) ?[^,:;?.!]{{2,60}}), (?:then )?((?:{_ASKED}|{_HELPS}) (?!of\b)(?!.*\b(?:it|that|this|they|them|he|she|him|her|there|then|one)\b)[^,]+)$", r"\2 \1"),
    ("*", ": ", rf"^(?!(?:q|question|re|fwd|subject|task|note|text|context|hint|answer)\b)([\w.+#-]+(?: (?!how|what|why)[\w.+#-]+)?): (?=(?:{_ASKED}|{_HELPS}) )([^:]+)$", r"\2 in \1"),
    ("* what is are", "step|way|method|procedure|process|trick|instructions|approach",
     rf"^(?:what (?:is|are|would be)|is there|are there|show me|give me|tell me|list|explain|describe)?(?:^| ){_SOME}{_GOOD}{_WAY} (?:to|i (?:can|could|should)|(?:that )?you can|(?:for|on) how to) (?=[a-z]+)", "how to "),
    ("how", "about to|go about|supposed to", r"^how (?:am i|are you|are we|is one|does one|do people|would one) (?:supposed to |go about )?(?=[a-z])(?!\w+ing\b)", "how to "),
    ("how", " best ", r"^how (?:should|can|do|could|would) (?:i|we|one|you) best (?=[a-z])|^how to best (?=[a-z])", "how to "),
    ("how", "how does one|how would one|how should i|how shall i|how must i|how ought", r"^how (?:does one|would one|should i|should we|should one|shall i|must i|ought i to) (?=[a-z])(?!be\b)", "how to "),
    ("what", "to do |must ", r"^what (?:do i (?:need|have) to do|must i do|should i do|do you have to do|does it take|can i do|steps do i (?:take|need)|do i do)(?: in order)? to (?=[a-z])", "how to "),
    ("*", "teach|show|walk me|take me|guide|instruct|help", rf"^{_MIND}(?:teach|show|tell|instruct) me (?:how|the way) to ", "how to "),
    ("*", "how to|way to", r"^(?:i(?: would|'d)? (?:want|need|like|have|love)|i am looking)(?: to (?:know|learn|understand|find out)| for(?: help on)?)? how to ", "how to "),
    ("*", "how to", rf"^{_MIND}(?:i need )?(?:some |a )?(?:help|guide|tutorial|guidance|instructions|directions|advice|info|information)(?: (?:on|with|about|for|me|understand(?:ing)?))? how to ", "how to "),
    ("*", "i want|i need|i would|trying|i wish|i have to", r"^i (?:(?:would|'d) (?:really )?like|want|need|wish|have|am trying) to (?!know\b|ask\b|be\b|talk\b|speak\b)([^,;.?]{3,60}?)[,;.:-]* ?(?:but )?(?:how(?: (?:do|can|should|would|to)(?: i)? ?(?:do|go about|accomplish|achieve)?(?: (?:that|this|it|so))?)?|how does (?:that|this|it) work|(?:what|where) (?:do|should|can|must) i (?:do|start|begin)|what are the steps|what is the (?:process|procedure|way)|is there a way|is (?:that|this|it) possible how|what to do)$", r"how to \1"),
    ("is are", "at your|in your", rf"^(?:is|are) there ((?:\w+ ){{1,4}}?)(?:available )?(?:at|in|on) (?:your|the|this) {_PLACE}$", r"do you have \1"),
    ("does do", " your ", rf"^(?:does|do) (?:your|the|this) {_PLACE} (have|offer|sell|accept|take|provide|serve|stock|allow|deliver|ship|open|close|charge|rent)(?=s?\b)", r"do you \1"),
    ("do", "do you ", rf"^(do you .+?) (?:at|in) (?:your|the|this) {_PLACE}$", r"\1"),
    ("", "you guys|u guys|you all|y'all|you folks", r"\b(?:you|u) (?:guys|folks|all|lot)\b|\by'all\b", "you"),
    ("do", "you offer|you provide|you got|you carry|you stock", r"^do you (?:offer|provide|guys have|carry|stock|got)\b", "do you have"),
    ("have", "have you got", r"^have you got\b", "do you have"),
    ("*", "tell me|let me know|give me|share|provide|send me|want to know|need to know|like to know|find out|need|would like",
     rf"^{_MIND}(?:tell me|let me know|give me|share|provide(?: me(?: with)?)?|i (?:want|need|would like) to (?:know|find out)|i need|i would like to know) (?:about )?((?:your|the) (?:{_NOUN} ){{0,4}}?(?!(?:\w+ss|is|us)\b)\w+s)$", r"what are \1"),
    ("*", "tell me|let me know|want to know|need to know|like to know|find out",
     rf"^{_MIND}(?:tell me|let me know|i (?:want|need|would like) to (?:know|find out)|i would like to know) ((?:your|the) (?:{_NOUN} ){{0,4}}?(?:\w+ss|\w*[^s\W]))$", r"what is \1"),
    ("what who where when why how", "exactly|actually|precisely", r"^(what|who|where|when|why|how)(?: is| are| do| does)? (?:exactly|actually|precisely) ?(?=(?:is|are|do|does|did|was|were|can|the|a|an)\b)", r"\1 "),
    ("* what", "concept|term|idea|notion|meaning of|word", r"^(?:what is|explain|define|describe|tell me about) the (?:concept|idea|notion|term|meaning) (?:of |behind )?(?:the (?:term|word|phrase) )?(?=[a-z])", "what is "),
    ("*", " meaning| definition| mean", rf"^(?!what|the\b|{_ASKED}\b)([\w-]+(?: [\w-]+){{0,2}}) (?:meaning|definition|mean)$", r"what is \1"),
    ("what", "mean when|mean by|means by", r"^what (?:do|does) (?:people|they|one|you|someone) mean (?:when (?:they|you|one) (?:say|talk about)|by) ", "what is "),
    ("what", "all about", r"^what is (.{2,40}) all about$", r"what is \1"),
    ("what", "reason", r"^what (?:is|are|was|were) the (?:main )?(?:reason|reasons|causes?) (?:that |why |(?=(?:the|a|an|my|our|i|you|we|they|it|he|she|[a-z]+s)\b(?! for\b)))", "why "),
    ("what", "what makes", r"^what makes ((?:my|the|a|an|your|our) \w+|\w+s) (?=[a-z]+ ?)(?!so\b|it\b)", r"why do \1 "),
    ("why how", "the case|comes", r"^(?:why is it the case that|how comes?(?: that)?) ", "why "),
    ("why", "why ", rf"^why ((?:the|a|an|my|our|your|this|these|i|you|we|they|it|he|she|\w+s) (?:{_NOUN} ){{0,3}}?)({_HELPS}) (?=\w)", r"why \2 \1"),
    ("why how where when", " i | you | we | they | it | he | she ", r"^(why|how|where|when) (i|you|we|they|it|he|she) (is|are|am|was|were|can|could|will|should) (?=\w)", r"\1 \3 \2 "),
    ("where", "find|located|see|look up|access", r"^where (?:can|do|could|would|should|might) (?:i|we|you|one) (?:find|see|look up|check|view|access) (?=(?:the|my|your|our)\b)|^where to (?:find|see) (?=(?:the|my|your|our)\b)", "where is "),
    ("what at", "what time", r"^(?:at )?what time (?=(?:do|does|is|are|will|can|should|did|was)\b(?! it\b))", "when "),
    ("what which in", "year ", r"^(?:in )?(?:what|which) year (?=(?:was|were|did)\b)", "when "),
    ("what which on", "date ", r"^(?:on )?(?:what|which) date (?=(?:was|were|did)\b)", "when "),
    ("how", "much time", r"^how much time (?=(?:do|does|did|will|would|should|is|are|can)\b(?! (?:i|we) have\b))", "how long "),
    ("* what", "price|cost", r"^(?:what (?:is|are|would be) )?the (?:price|cost)s? (?:of|for) (?!(?:living|capital|sales|equity|goods|debt|ownership|production|revenue|money|war|not|it|this|that|doing|being|having|going)\b)([^,]{2,60})$", r"how much does \1 cost"),
    ("what", " cost", r"^what (?:does|do|would|will|did) ([^,]{2,60}?) cost(?: me| us)?$", r"how much does \1 cost"),
    ("how", " expensive", r"^how expensive (?:is|are) ([^,]{2,60})$", r"how much does \1 cost"),
    ("how", "much do", r"^how much (?:do|would|will) ((?!i\b|you\b|we\b|they\b)[^,]{2,60}?) (?:cost|be)$", r"how much does \1 cost"),
    ("am are is do must", "required|oblig|necess|mandatory|compulsory|need to|must i|must we|needed",
     r"^(?:am i|are we|is one) (?:required|obliged|obligated) to |^is it (?:necessary|required|mandatory|compulsory|obligatory)(?: for me)? to |^do (?:i|we|you) (?:really )?need to |^must (?:i|we|one) ", "do i have to "),
    ("is am are", "allowed|permitted|permissible|permit|legit|okay|acceptable",
     r"^(?:is it (?:allowed|permitted|permissible|acceptable|okay|ok|all right)(?: for me)? to|(?:am i|are we|are you|is one) (?:permitted|free) to) ", "can i "),
    ("how", " cost", r"^how much does ((?:(?!(?:in|at|per|on|from|with|during|to)\b)[\w'./-]+ )+?)((?:in|at|per|on|from|with|during|to) [^,]{1,40}) cost$", r"how much does \1cost \2"),
    ("how", "how far", r"^how far (?:is|are) (?:it from )?(?!it\b)([\w' -]{2,30}?) (?:away )?(?:from|to) ([\w' -]{2,30}?)$", r"how far is \1 from \2"),
    ("* what", "distance", r"^(?:what is |tell me )?the distance (?:between|from) ([\w' -]{2,30}?) (?:and|to) ([\w' -]{2,30}?)$", r"how far is \1 from \2"),
    ("what which", "square root|cube root|capital|sum|product|author", r"^(?:what|which) (?:number|city|town|value|person|people) (?:is|are|was) (?=the (?:square root|cube root|capital|sum|product|author)\b)", "what is "),
    ("can could", "can i pay|can we pay|can you pay|could i pay|can one pay", r"^(?:can|could) (?:i|we|you|one) pay (?:(?:by|with|using|via) )(?:a |an |my )?((?!phone\b|installments\b|month\b)[\w-]+(?: [\w-]+){0,2})$", r"do you accept \1"),
    ("is are", "accepted|accept ", r"^(?:is|are) ([\w-]+(?: [\w-]+){0,2}?)(?: payments?)? accepted(?: here)?$", r"do you accept \1"),
    ("is", "payment possible|payment allowed", r"^is (?:paying (?:by|with) |payment (?:by|with) )?([\w-]+(?: [\w-]+){0,2}?)(?: payment)? possible$", r"do you accept \1"),
    ("do", "accept |take ", r"^do you (?:accept|take) ((?:[\w-]+ )?(?:card|cheque|check|credit card|debit card|gift card|voucher|coupon))s?(?: payments?| here| as payment| for payment)*$", r"do you accept \1"),
    ("are is", "allowed|permitted|welcome", r"^(?:is|are) (?:a |my )?(pet|dog|cat|animal|kid|stroller|pushchair|suitcase|camera|food|drink|umbrella|laptop|bag|backpack|bike)s? (?:allowed|permitted|welcome) (?:in|at|on|inside|into|onto) ", r"can i bring a \1 to "),
    ("can could", "bring ", r"^(?:can|could) (?:i|we|you) (?:bring|take) (?:my |a |an |our |your )?(pet|dog|cat|animal|kid|stroller|pushchair|suitcase|camera|food|drink|umbrella|laptop|bag|backpack|bike)s? (?:in|into|to|on|onto|inside|at|along to) ", r"can i bring a \1 to "),
    ("can", "can you |can one |can people |can we ", r"^can (?:you|one|people|we) (?=(?:freeze|refreeze|eat|reheat|wash|drink|microwave|recycle|wear|boil|bake|grill|overdose|compost|paint|cook|die|swim|grow|deduct|claim|fly|park|drive|camp|smoke)\b)", "can i "),
    ("*", "calories|carbs|protein|sugar|caffeine|fat |fiber|sodium|iron|alcohol", r"^(calories|carbs) in ((?:a |an |the |one )?[\w-]+(?: [\w-]+){0,4})$", r"how many \1 are in \2"),
    ("*", "protein|sugar|caffeine|fat |fiber|sodium|iron|alcohol", r"^(protein|sugar|caffeine|fat|fiber|sodium|iron|alcohol) in ((?:a |an |the |one )?[\w-]+(?: [\w-]+){0,4})$", r"how much \1 is in \2"),
    ("how", "calories|carbs", r"^how many (calories|carbs) (?:does|do) ((?:a |an |the |one )?[\w-]+(?: [\w-]+){0,4}?) (?:have|contain)$", r"how many \1 are in \2"),
    ("how", "protein|sugar|caffeine|fat|fiber|sodium|iron|alcohol", r"^how much (protein|sugar|caffeine|fat|fiber|sodium|iron|alcohol) (?:does|do) ((?:a |an |the |one )?[\w-]+(?: [\w-]+){0,4}?) (?:have|contain)$", r"how much \1 is in \2"),
    ("", "win ", r"\bwin (?=(?:7|8|10|11|xp|95|98)\b)", "windows "),
    ("", "world war|wwi|first world|second world", r"\b(?:the )?(?:second world war|world war (?:2|two)|wwii)\b", "ww2"),
    ("", "world war|wwi", r"\b(?:the )?(?:first world war|world war (?:1|i|one)|wwi)\b", "ww1"),
    ("", "customer ", r"\bcustomer (?:service|care)\b(?! (?:rep|agent|job|skill|course|training))", "customer support"),
    ("", "money back", r"\b(?:get|have|receive) (?:my|the|our|your) money back\b", "get a refund"),
    ("can could am", "refund", r"^(?:could|can|am) i (?:be )?(?:entitled to|eligible for) (?:a )?refund\b", "can i get a refund"),
    ("* what", "helps|remed", r"^(?:what (?:helps|(?:would|do|can) you recommend) (?:with|against|to relieve)|what helps for|(?:what are (?:the|some|good) )?(?:good |best )?(?:remed(?:y|ies)) (?:for|against)) (?:an? )?", "how to treat "),
    ("how", "relieve|ease|soothe|heal|cure", r"^how to (?:relieve|ease|soothe) (?:an? )?", "how to treat "),
    ("how", "treat", r"^how to treat an? ", "how to treat "),
    ("what which", "serve with|goes |pair|go with", r"^(?:what|which)(?: side dish(?:es)?| sides| dishes| food)? (?:should (?:i|we) serve|can (?:i|we) serve|do (?:i|you|we) serve|to serve|goes(?: well| good| best)?|pairs?(?: well| best)?|go(?: well| good)?) with ", "what goes well with "),
    ("*", "recipe", r"^(?:(?:give|show|send) me |i (?:need|want) |looking for )?(?:a |an |the |your |any )?(?:(?:good|best) )?recipe (?:for|of) (?:making )?(?=\w)", "how to make "),
    ("what", "recipe", r"^what is (?:a|the|your)(?: good| best)? recipe for (?=\w)", "how to make "),
    ("*", " recipe", r"^(?!(?:easy|quick|simple|healthy|vegan|the|a|this|my)\b)([\w'-]+(?: [\w'-]+)?) recipe$", r"how to make \1"),
    ("*", " symptoms| side effects| causes| benefits| requirements| opening hours| ingredients", rf"^(?!{_ASKED}\b|the\b|my\b|your\b|list\b|describe\b|explain\b|common\b|main\b)([\w'-]+(?: [\w'-]+){{0,2}}) (symptoms|side effects|causes|benefits|requirements|opening hours|ingredients)$", r"what are the \2 of \1"),
    ("*", "symptoms|side effects|causes|benefits|requirements|opening hours|ingredients|advantages|pros and cons", r"^(?:the )?(symptoms|side effects|causes|benefits|requirements|opening hours|ingredients|advantages|disadvantages|pros and cons) (of|for) (?=\w)", r"what are the \1 \2 "),
    ("what when", "deadline|due date|closing date|cut", r"^(?:what|when) is the (?:deadline|due date|closing date|cut-?off(?: date)?|last day|last date) (?=for\b|to\b)", "when is the deadline "),
    ("*", "agent|human|representative|person|someone", r"^(?:i (?:want|need|would like) to |let me |can i |please let me )?(?:talk|speak|chat) (?:to|with) (?:an? |some)(?:real |live |human |actual )*(?:agent|human(?: being)?|person|representative|rep|one|operator|advisor)$", "talk to an agent"),
    ("*", " ", r"^(?!.*(?:\b(?:my|the|a|an|your|our|this|that|these|those|me|it|us|all|any|some)\b|[\d:,;.?!\"]))(unlock|reset|install|uninstall|configure|recover|restore|reinstall|repair|troubleshoot|upgrade|migrate|merge|rename|descale|unclog|undo|revert|reverse|parse|apply for|claim|fix) ((?:[\w'+#-]+ ){0,6}[\w'+#-]+)$", r"how to \1 \2"),
    ("how", "many hours of|many minutes of", r"^how many (?:hours|minutes) of (?=\w)", "how much "),
    ("*", "hurt|ache|aching|sore", r"^my ([a-z]+(?: [a-z]+)?) (?:hurts?|aches?|is (?:sore|aching|hurting)|are (?:sore|aching|hurting))(?: (?:a lot|badly|so much))?[,.;]? (?:what (?:helps|can i do|should i do|do i do|can i take|should i take|to do)|how (?:do|can) i (?:treat|relieve|soothe|ease) (?:it|this|that|them))$", r"how to treat sore \1"),
    ("", "visual studio code|vs code", r"\b(?:visual studio|vs) code\b", "vscode"),
    ("", "node js|nodejs|react js|reactjs|react.js|vue js|vuejs|vue.js|next js|nextjs|express js|expressjs", r"\b(node|next)[ .]?js\b", r"\1.js"),
    ("", "react js|reactjs|react.js|vue js|vuejs|vue.js|angular js|angularjs|express js|expressjs|express.js", r"\b(react|vue|express|angular)[ .]?js\b", r"\1"),
    ("", "microsoft |ms ", r"\b(?:microsoft|ms) (?=(?:word|excel|teams|outlook|powerpoint|office|access|onenote|sharepoint)\b)", ""),
    ("", "spreadsheet|gsheet|gdoc|gmaps", r"\bgoogle spreadsheets?\b|\bgsheets?\b", "google sheets"),
    ("", "amazon web|google cloud|gcp", r"\bamazon web services\b", "aws"),
    ("", "gcp|google cloud platform", r"\bgoogle cloud platform\b|\bgcp\b", "google cloud"),
    ("", "mac os|osx|os x", r"\b(?:mac ?)?os ?x\b|\bmac os\b", "macos"),
    ("", "google chrome|mozilla firefox", r"\b(?:google (?=chrome\b)|mozilla (?=firefox\b))", ""),
    ("", "whats app", r"\bwhats app\b", "whatsapp"),
    ("", "docker-compose|github-actions", r"\bdocker-compose\b", "docker compose"),
    ("", "ps5|ps4|playstation", r"\bplay ?station (?=[345]\b)", "ps"),
    ("", "ps ", r"\bps ([345])\b", r"ps\1"),
    ("what", " like", r"^what (is|are|was) ((?!it\b|this\b|that\b)[^,]{3,40}?) like( (?:in|at|on|during|for) [^,]{2,40})?$", r"how \1 \2\3"),
    ("*", "to me", r"^((?:explain|describe) [^,]{3,60}) to me(?: please)?$", r"\1"),
    ("*", "i need|i want|i would like", r"^i (?:need|want|would like) (an?|some) (email|e-mail|letter|essay|poem|function|script|slogan|caption|speech|bio|headline|cover letter|query) (?=(?:to|that|for|about|which|declining|asking|turning|thanking|explaining)\b)", r"write \1 \2 "),
    ("*", "summar", r"^(?:give me|write|provide|create|make|i need)(?: me)? a summary of ", "summarize "),
    ("", "summaris", r"\bsummaris(e|es|ed|ing)\b", r"summariz\1"),
    ("*", "translate", r"^translate ['\"]?([^'\",:]{2,40}?)['\"]? (?:in|to|into) (french|spanish|german|italian|japanese|chinese|portuguese|dutch|russian|korean|arabic|polish|greek|hindi|turkish|swedish)$", r"how to say '\1' in \2"),
    ("how what", " in ", r"^(?:how to say|what is(?: the word for)?) ['\"]([^'\",:]{2,40}?)['\"] in (french|spanish|german|italian|japanese|chinese|portuguese|dutch|russian|korean|arabic|polish|greek|hindi|turkish|swedish)$", r"how to say '\1' in \2"),
    ("how", "how to say ", r"^how to say ([^'\",:]{2,40}?) in (french|spanish|german|italian|japanese|chinese|portuguese|dutch|russian|korean|arabic|polish|greek|hindi|turkish|swedish)$", r"how to say '\1' in \2"),
    ("", "worldwide", r"(?<=est \w{3})(\w*) worldwide$", r"\1 in the world"),
    ("", "world's", r"\bthe world's ([a-z]+est|most [a-z]+) ([a-z]+)\b", r"the \1 \2 in the world"),
    ("*", " how to ", r"^(?:regarding |about |concerning |as for )?((?!i\b|we\b|you\b|it\b|do\b|in\b|on\b|at\b|for\b|with\b|if\b|when\b)[\w'-]+(?: (?!is\b|are\b|was\b|keeps\b|has\b|does\b|not\b|how\b|know\b|learn\b)[\w'-]+){0,3})(?:,| -|:) how to ([a-z]+)(?: it| this| that| them)?$", r"how to \2 \1"),
    ("what", "made of|made from|made out|goes into|goes in ", r"^what (?:is|are) (?:an? )?([a-z' -]{3,30}?) made (?:up )?(?:of|from|out of)$|^what goes (?:in|into) (?:an? )?([a-z' -]{3,30})$", r"what are the ingredients of \1\2"),
    ("", "/", r"(?<=[a-z]{3})/(week|month|day|year|hour|person|night|minute|second|serving|user)\b", r" per \1"),
    ("", "docs", r"(?<!google )(?<!read the )(?<!api )\bdocs\b(?! (?:file|page|site))", "documents"),
)  # fmt: skip
"""
The first words of the questions that a rule is for, then a rule as `rewriting.rules_of` takes it.

No words stand for any, `*` for all that open no question. The questions are in lower case, without closing signs.
"""

_DOING = lazy(
    r"^(?:(?:what (?:is|are|would be)|do you have|got|have you got|share|give me|i need|i want|looking for|list) )?"
    r"(?:(?:the|a|an|any|some|your|your best|a few|a quick) )?(?:(?:best|good|easy|quick|simple|useful|general|right|correct|proper) )?"
    r"(?:tips?|advice|suggestions|tricks?|hints?|instructions|guide|tutorial|guidance|steps?|ways?|methods?|procedure|process|pointers"
    r"|help|secret|key|directions|guidelines)"
    r" (?:for|on|to|of|with|in|about) ([a-z]{2,12}ing) (?=\w)"
)
_THROUGH = lazy(
    r"^(?:please )?(?:walk|take|talk|guide|lead|step) (?:me|us) through (?:the (?:process|steps|procedure) (?:of|for) )?([a-z]{2,12}ing) (?=\w)"
    r"|^how (?:do|would|should|can|does|to) ?(?:i|you|we|one|someone|people)? ?(?:go about) ([a-z]{2,12}ing) (?=\w)"
    r"|^how to ([a-z]{2,12}ing) (?=\w)|^([a-z]{2,12}ing) (?=(?:a|an|the|my|your)\b)"
    r"|^(?:(?:i )?(?:need|want|would like) |i am looking for )?(?:some )?help(?: me)? (?:with |in )?([a-z]{2,12}ing) (?=\w)"
    r"|^(?:i am |i'm )?(?:having|i have)? ?(?:trouble|problems|difficulty|difficulties) (?:with )?([a-z]{2,12}ing) (?=\w)"
)
_NO_GERUNDS = frozenset({
    "evening", "morning", "wedding", "meeting", "building", "during", "king", "ring", "wing", "thing", "string", "spring",
    "nothing", "anything", "something", "everything", "ceiling", "clothing", "housing", "pudding", "sibling", "bedding",
    "being", "following", "existing", "remaining", "missing", "nursing", "engineering", "marketing", "banking",
})  # fmt: skip


_QUESTION = (
    "what who whom whose which when where why how if whether is are was were do does did has have can could will would "
    "should may must am"
)
_OPENERS = frozenset(_QUESTION.split())
_BY_STARTS = tuple(
    (frozenset(starts.split()), rules_of((hints, pattern, text))) for starts, hints, pattern, text in _LISTED
)
_STARTS = _OPENERS.union(*(starts for starts, _ in _BY_STARTS)) - {"*"}


@cache
def _rules(first: str) -> Rules:
    """Return the rules for questions with this first word, or with one that is in no list."""
    words = {first} if first in _OPENERS else {first, "*"}
    chosen = [rules for starts, rules in _BY_STARTS if not starts or not words.isdisjoint(starts)]
    return Rules(tuple(chain(*(each.hints for each in chosen))), tuple(chain(*(each.owners for each in chosen))))


def recast(text: str) -> str:
    """Return a lower-case question without closing signs in its plain form; any other text as it is."""
    text = small_talk(text)
    first = text.partition(" ")[0]
    text = _rules(first if first in _STARTS else "*").rewritten(text)
    if "ing " not in text:
        return _farther(text)
    found = _DOING.match(text) or _THROUGH.match(text)
    if found is None:
        return text
    verb = _verb(next(filter(None, found.groups())))
    rest = text[found.end() :].rstrip(" -")
    return f"how to {verb} {rest}" if verb else text


def _verb(doing: str) -> str:
    """Return the verb of a gerund, `sleep` of `sleeping`; empty where it is none of a known word."""
    stem = doing[:-3]
    if doing in _NO_GERUNDS or len(stem) < 2:
        return ""
    undoubled = stem[:-1] if len(stem) > 2 and stem[-1] == stem[-2] else ""
    return next((verb for verb in (f"{stem}e", stem, undoubled) if verb and verb in ranks()), "")


_FAR = lazy(r"^how far is (.+) from (.+)$")


def _farther(text: str) -> str:
    """Return a distance between two places with these in alphabetical order."""
    found = _FAR.match(text) if text.startswith("how far is ") else None
    return "how far is {} from {}".format(*sorted(found.groups())) if found else text
