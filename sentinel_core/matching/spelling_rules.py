"""Spellings that mean the same in English: words, phrases and measures, each with the spelling it becomes."""

from sentinel_core.matching import converse, text_speak
from sentinel_core.matching.rewriting import rules_of

QUESTION_WORD = r"(?:who|whom|whose|what|which|when|where|why|how|if|whether)"


WORDS = {
    "what's": "what is", "whats": "what is", "who's": "who is", "where's": "where is", "when's": "when is",
    "how's": "how is", "why's": "why is", "that's": "that is", "there's": "there is", "it's": "it is",
    "he's": "he is", "she's": "she is", "here's": "here is", "let's": "let us", "i'm": "i am", "im": "i am",
    "can't": "can not", "cannot": "can not", "cant": "can not", "won't": "will not", "wont": "will not",
    "shan't": "shall not", "ain't": "is not", "dont": "do not", "doesnt": "does not", "didnt": "did not",
    "isnt": "is not", "wasnt": "was not", "havent": "have not", "hasnt": "has not", "couldnt": "could not",
    "gonna": "going to", "wanna": "want to", "gotta": "have to", "u": "you", "ur": "your", "pls": "please",
    "plz": "please", "thx": "thanks", "w/o": "without", "vs.": "vs", "versus": "vs", "e-mail": "email",
    "ai": "artificial intelligence", "nlp": "natural language processing", "llm": "large language model",
    "llms": "large language models", "2fa": "2 factor authentication", "two-factor": "2 factor",
    "2-factor": "2 factor", "mfa": "multi factor authentication", "multi-factor": "multi factor",
    "k8s": "kubernetes", "js": "javascript", "ts": "typescript", "postgresql": "postgres",
    "psql": "postgres", "db": "database", "dbs": "databases", "golang": "go language",
    "i18n": "internationalization", "l10n": "localization", "a11y": "accessibility", "gpu's": "gpus",
    "faqs": "faq", "faq's": "faq", "asap": "as soon as possible", "approx": "approximately",
    "approx.": "approximately", "dept": "department", "dept.": "department", "appt": "appointment",
    "info": "information", "usa": "united states", "u.s.a.": "united states", "u.s.": "united states",
    "u.s": "united states", "uk": "united kingdom", "u.k.": "united kingdom", "nyc": "new york city",
    "eu": "european union", "wifi": "wi-fi", "colour": "color", "colours": "colors",
    "favourite": "favorite", "cancelled": "canceled", "cancelling": "canceling", "centre": "center",
    "organise": "organize", "recieve": "receive", "recieved": "received", "definately": "definitely",
    "seperate": "separate", "occured": "occurred", "untill": "until", "tommorow": "tomorrow",
    "tommorrow": "tomorrow", "adress": "address", "acount": "account", "wich": "which",
    "becuase": "because", "beleive": "believe", "calender": "calendar", "goverment": "government",
    "enviroment": "environment", "wierd": "weird", "accomodation": "accommodation", "begining": "beginning",
    "buisness": "business", "teh": "the", "thier": "their", "alot": "a lot", "reccomend": "recommend",
    "recomend": "recommend", "passowrd": "password", "pasword": "password", "transfered": "transferred",
    "refered": "referred", "recieving": "receiving", "payed": "paid", "cancle": "cancel", "shoud": "should",
    "waht": "what", "wat": "what", "hwo": "how", "trasnfer": "transfer", "delievery": "delivery",
    "recipt": "receipt", "emergancy": "emergency", "allowence": "allowance", "bagage": "baggage",
    "definitly": "definitely", "restaraunt": "restaurant", "restaurent": "restaurant", "resturant": "restaurant",
    "apointment": "appointment", "appointement": "appointment", "appoitment": "appointment", "neccessary": "necessary",
    "necesary": "necessary", "langauge": "language", "garantee": "guarantee", "gaurantee": "guarantee",
    "independant": "independent", "maintainance": "maintenance", "occurence": "occurrence", "publically": "publicly",
    "questionaire": "questionnaire", "relevent": "relevant", "succesful": "successful", "sucessful": "successful",
    "suprise": "surprise", "tomatos": "tomatoes", "truely": "truly", "vaccum": "vacuum", "wether": "whether",
    "writting": "writing", "explaination": "explanation", "existance": "existence", "experiance": "experience",
    "foriegn": "foreign", "freind": "friend", "grammer": "grammar", "hieght": "height", "imediately": "immediately",
    "knowlege": "knowledge", "libary": "library", "lisence": "license", "mispell": "misspell", "medecine": "medicine",
    "noticable": "noticeable", "oppurtunity": "opportunity", "persue": "pursue", "posible": "possible",
    "prefered": "preferred", "priviledge": "privilege", "probaly": "probably", "pronounciation": "pronunciation",
    "reciept": "receipt", "rythm": "rhythm", "shedule": "schedule", "subcription": "subscription",
    "temperture": "temperature", "threshhold": "threshold", "verfication": "verification", "adres": "address",
    "avaliable": "available", "availible": "available", "arguement": "argument", "beutiful": "beautiful",
    "comming": "coming", "comittee": "committee", "concious": "conscious", "diffrence": "difference",
    "diffrent": "different", "dissapear": "disappear", "embarass": "embarrass", "exersise": "exercise",
    "finaly": "finally", "fourty": "forty", "happend": "happened", "intrest": "interest", "insurence": "insurance",
    "neerest": "nearest", "nessary": "necessary", "payement": "payment", "proccess": "process", "reffund": "refund",
    "mins": "minutes", "hrs": "hours", "secs": "seconds", "yrs": "years", "wks": "weeks", "mths": "months",
    "pics": "pictures", "bday": "birthday", "tmrw": "tomorrow", "msg": "message", "msgs": "messages",
    "acct": "account", "govt": "government", "mgmt": "management", "addr": "address", "ppl": "people",
    "b/c": "because", "cuz": "because", "thru": "through", "tho": "though", "abt": "about", "kinda": "kind of",
    "remeber": "remember", "requirment": "requirement", "sevice": "service", "shiping": "shipping",
}  # fmt: skip

_AMERICAN = """
    licence:license licences:licenses enrol:enroll enrols:enrolls enrolment:enrollment enrolments:enrollments
    fulfil:fulfill fulfilment:fulfillment instalment:installment instalments:installments
    organisation:organization organisations:organizations organised:organized organising:organizing
    customise:customize customised:customized personalise:personalize personalised:personalized
    recognise:recognize apologise:apologize analyse:analyze labour:labor neighbour:neighbor neighbours:neighbors
    behaviour:behavior flavour:flavor flavours:flavors harbour:harbor humour:humor honour:honor theatre:theater
    litre:liter litres:liters kilometre:kilometer kilometres:kilometers centimetre:centimeter
    centimetres:centimeters millimetre:millimeter millimetres:millimeters defence:defense offence:offense
    travelling:traveling traveller:traveler travellers:travelers travelled:traveled counselling:counseling
    modelling:modeling labelled:labeled labelling:labeling jewellery:jewelry grey:gray tyre:tire tyres:tires
    pyjamas:pajamas mould:mold aluminium:aluminum anaemia:anemia anaesthetic:anesthetic anaesthesia:anesthesia
    diarrhoea:diarrhea oestrogen:estrogen haemorrhage:hemorrhage haemorrhoids:hemorrhoids orthopaedic:orthopedic
    paediatric:pediatric paediatrician:pediatrician foetus:fetus leukaemia:leukemia gynaecologist:gynecologist
    oesophagus:esophagus enquiry:inquiry enquiries:inquiries judgement:judgment catalogue:catalog
    sceptical:skeptical manoeuvre:maneuver programme:program programmes:programs kilogramme:kilogram gramme:gram
    kilogrammes:kilograms grammes:grams oesophageal:esophageal oedema:edema coeliac:celiac anaesthetist:anesthetist
    haemoglobin:hemoglobin haematology:hematology caesarean:cesarean gynaecology:gynecology paediatrics:pediatrics
    anaesthetics:anesthetics haemophilia:hemophilia orthopaedics:orthopedics encyclopaedia:encyclopedia
    aeroplane:airplane aeroplanes:airplanes plough:plow sulphur:sulfur cosy:cozy skilful:skillful moustache:mustache
    yoghurt:yogurt doughnut:donut doughnuts:donuts maths:math
    aubergine:eggplant aubergines:eggplants courgette:zucchini courgettes:zucchinis motorbike:motorcycle
    motorbikes:motorcycles windscreen:windshield nappies:diapers nappy:diaper postcode:zipcode postcodes:zipcodes
    windscreens:windshields pushchairs:strollers spanners:wrenches rucksack:backpack rucksacks:backpacks
    lorry:truck lorries:trucks pushchair:stroller spanner:wrench
    paracetamol:acetaminophen adrenaline:epinephrine salbutamol:albuterol influenza:flu pertussis:whooping-cough
"""
WORDS |= dict(pair.split(":") for pair in _AMERICAN.split()) | text_speak.WORDS

_JOINED = """
    web:sites?|pages? lap:tops? desk:tops? week:ends? home:pages? pass:words? user:names? screen:shots? smart:phones?
    key:boards?|words? mail:box(?:es)? time:zones?|tables? news:letters?|papers? data:bases? head:phones?
"""
_TWO_WORDS = "|".join(
    rf"(?<=\b{first}) (?=(?:{second})\b)" for first, _, second in (pair.partition(":") for pair in _JOINED.split())
)
"""The blank in words that are written as one as well."""

_TOTAL = r"\bwhat(?: (?:is|was|are) the(?: total)?)? {} of\b(?! (?:the|my|your|this|that|a)\b)"
_OBJECT = (
    r"((?:(?:the|my|your|a|an|this|that|our|some|all) )?(?!(?:day|week|month|time|hour|break|it|them"
    r"|me|you|to|of|for|in|on|at|and|or|from|with|up|by)s?\b)"
    r"[\w'/-]+(?: (?!(?:to|of|for|in|on|at|and|or|from|with)\b)[\w'/-]+){0,2})"
)
_GOES_ON = (
    r"(?=$|[?.!,]| (?:at|from|in|on|to|for|with|after|before|when|if|using|without|via|by|during|and|or|again)\b)"
)
_TAKES_UP = (
    "turn|take|pick|back|look|write|set|put|throw|call|hand|fill|give|pay|wake|clean|cut|bring|carry|drop|figure|hold|lay"
    "|make|pass|point|print|pull|rule|send|shut|sort|start|tear|tie|try|wear|wipe|work|zip|hook|lock|close|mix|pack|heat"
    "|lift|roll|wrap|split|switch|burn|boot|wind|trade|check|blow|peel|screw|rip|chop"
)
_DOUBLED = "how|what|where|why|when|who|which|can|does|are|the|a|an|to|in|of|my|for|and|with|on|at|you|it"
_NOUNS = {
    "cancellation": "cancel", "activation": "activate", "registration": "register", "installation": "install",
    "renewal": "renew", "replacement": "replace", "deletion": "delete", "removal": "remove", "verification": "verify",
    "submission": "submit", "enrollment": "enroll", "deactivation": "deactivate", "reactivation": "reactivate",
    "configuration": "configure", "termination": "terminate", "translation": "translate", "calculation": "calculate",
    "reservation": "reserve", "modification": "modify", "approval": "approve", "withdrawal": "withdraw",
}  # fmt: skip
NOMINAL_STARTS = ("what is the ", "explain the ", "how does ")
NOMINAL = rules_of(
    *((noun, rf"^(?:what is|explain) the {noun} (?:process|procedure)(?: for| of)?\b", f"how to {verb}")
      for noun, verb in _NOUNS.items()),
    *((noun, rf"^how does (?:the )?{noun} of (.{{1,60}}?) work$", rf"how to {verb} \1")
      for noun, verb in _NOUNS.items()),
)  # fmt: skip
"""Nouns in the place of verbs, for texts with one of these beginnings."""

FIRST = rules_of(
    ("reason", r"^for (?:what|which) reasons?\b|^what is the reason (?:that|why)\b", "why"),
    *text_speak.SPELLINGS,
)
CONVERSE = rules_of(*converse.SPELLINGS)
"""Rules for texts with `than`, between the first and the rest."""

SPELLING = rules_of(
    ("roughly|approximately|about|around|exactly|precisely",
     r"^(?:roughly|approximately|about|around|exactly|precisely) (?=how\b|what\b|when\b|where\b)", ""),
    ("by any chance|may ask|you think", r",? (?:by any chance|if i may ask|do you think)$", ""),
    (":)|;)|:-)|;-)|:(|:d|:p", r"(?:(?<=\s)|^)[:;]-?[)(dp](?!\w)", ""),
    ("|".join(f"{word} {word}" for word in _DOUBLED.split("|")), rf"\b({_DOUBLED}) \1\b", r"\1"),
    (" up| down| off| out| apart| away| back| over",
     rf"\b({_TAKES_UP}) {_OBJECT} (up|down|off|out|apart|away|back|over){_GOES_ON}", r"\1 \3 \2"),
    ("turn |switch |put |try |leave |keep ",
     rf"\b(turn|switch|put|try|leave|keep) {_OBJECT} (on){_GOES_ON}", r"\1 \3 \2"),
    ("plug |hand |fill |turn |trade ", rf"\b(plug|hand|fill|turn|trade) {_OBJECT} (in){_GOES_ON}", r"\1 \3 \2"),
    (" file", r"\b(pdf|csv|jpe?g|png|mp3|mp4|json|xml|yaml|docx?|xlsx?|epub|svg|gif) file(s?)\b", r"\1\2"),
    ("atm machine", r"\batm machine(s?)\b", r"atm\1"),
    ("pin number", r"\bpin number(s?)\b", r"pin\1"),
    (" r ", r"\br (?=(?:u|you)\b)", "are "),
    (" & ", r"(?<=[a-z]{2}) & (?=[a-z]{2})", " and "),
    ("web |lap |desk |week |home |pass |user |screen |smart |key |mail |time |news |data |head ", _TWO_WORDS, ""),
    ("how come", r"\bhow come\b", "why"),
    ("for how long", r"^for how long\b", "how long"),
    ("in touch|reach out", r"\b(?:get|getting|be) in touch with\b|\breach out to\b", "contact"),
    ("switch", r"\bswitch (on|off)\b", r"turn \1"),
    ("log|sign", r"\b(?:log(?:g(?:ing|ed))?|sign(?:ing|ed)?)[ -](in|out)\b", r"log\1"),
    ("check|opt", r"\b(check|opt)(?:t?ing|t?ed)?[ -](in|out)\b", r"\1\2"),
    ("covid|sars", r"\bcovid[- ]?19\b|\bsars-cov-2\b", "covid"),
    ("american express", r"\bamerican express\b", "amex"),
    ("mon", r"\b(?:monday|mon) ?(?:to|-|through) ?(?:friday|fri)\b", "weekdays"),
    ("america", r"(?<!north )(?<!south )(?<!latin )(?<!central )\bamerica\b", "united states"),
    ("viii", r"\bviii\b", "8"),
    ("vii", r"\bvii\b", "7"),
    ("iii", r"\biii\b", "3"),
    ("ii", r"\bii\b", "2"),
    (" us", r"\b(the|in|within|inside|across) us(?=$|[ ,.?!](?!all\b|to\b|the\b))", r"\1 united states"),
    ("(ai|(ml", r"\b(artificial intelligence|machine learning) \((?:ai|ml)\)", r"\1"),
    ("e mail", r"\be mail\b", "email"),
    ("um|uh|erm|hm", r"(?<= )(?:um+|uh+|erm|hmm+),? ", ""),
    ("wi fi", r"\bwi fi\b", "wi-fi"),
    ("n't", r"\b(is|are|was|were|do|does|did|has|have|had|could|would|should|must|need)n't\b", r"\1 not"),
    ("'re", r"\b(you|we|they)'re\b", r"\1 are"),
    ("'ve", r"\b(i|you|we|they)'ve\b", r"\1 have"),
    ("'ll", r"\b(i|you|he|she|it|we|they)'ll\b", r"\1 will"),
    ("'d", r"\b(i|you|he|she|we|they)'d\b", r"\1 would"),
    ("ml", r"(?<![\d.] )(?<![\d.\w'-])ml(?![\w'-])", "machine learning"),
    ("how ", r"\bhow (?:do|can|could|would|might|may|shall) (?:i|you|we|one|someone)(?: go about)?\b", "how to"),
    ("how ", r"\bhow (?:i|we|one) (?:can|could|should|would|might|may)\b", "how to"),
    ("how ", r"^how (?:i|we) (?!(?:am|was|are|were|have|had|did|do|got|\w+ed)\b)(?=[a-z]{2,} )", "how to "),
    ("what is the", r"\bwhat is the (?:way|process) (?:to|for)\b", "how to"),
    ("is there", r"\bis there (?:a|any) way (?:to|(?:that )?(?:i|we|you|one) can|for (?:me|us) to)\b", "how to"),
    ("the steps|the process", r"^(?:do you know )?(?:what are )?the (?:steps|process) (?:to|for)\b", "how to"),
    ("what steps", r"\bwhat steps (?:do|should|must) (?:i|we|you) (?:have to |need to )?take to\b", "how to"),
    (" not ", r"\b(can|could|will|would|should|do|does|did|is|are|was|were|has|have|had) not (i|you|he|she|we|they)\b",
     r"\1 \2 not"),
    ("number", _TOTAL.format("number"), "how many"),
    ("amount", _TOTAL.format("amount"), "how much"),
    ("able to", r"\bnot (?:been )?able to\b", "unable to"),
    ("not correct", r"\bnot correct\b", "incorrect"),
    ("least expensive", r"\bleast expensive\b", "cheapest"),
    ("least difficult|most eas", r"\bleast difficult\b|\bmost eas(?:y|ily)\b", "easiest"),
    ("elaborate", r"\belaborate (?:on|about)\b", "explain"),
    ("us ", r"\bus (?=dollars?\b|citizens?\b|president|government|senate|congress\b|constitution|army\b)",
     "united states "),
    ("blood pressure", r"\bhigh blood pressure\b", "hypertension"),
    ("blood pressure", r"\blow blood pressure\b", "hypotension"),
    ("blood sugar", r"\bhigh blood sugar\b", "hyperglycemia"),
    ("blood sugar", r"\blow blood sugar\b", "hypoglycemia"),
    ("myocardial", r"\bmyocardial infarction\b", "heart attack"),
    ("whooping", r"\bwhooping cough\b", "whooping-cough"),
    ("german measles", r"\bgerman measles\b", "rubella"),
    ("step ", r"\b(?:two|2)[ -]step (?:verification|authentication)\b", "2 factor authentication"),
    ("factor ", r"\b2 factor verification\b", "2 factor authentication"),
    ("at no |of charge", r"\b(?:at no (?:extra |additional )?(?:cost|charge)|free of charge)\b", "for free"),
    ("possible|am i |are we ",
     r"\b(?:is it possible(?: for (?:me|us|someone))? to|am i (?:able|allowed) to|are we (?:able|allowed) to)\b",
     "can i"),
    ("may i", r"\bmay i\b", "can i"),
)  # fmt: skip

_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_NUMBER = r"\d+(?:\.\d+)?"
AFTER_DIGITS = rules_of(
    ("%|per", r"(?<=\d)[- ]?(?:%|percent(?:age)?|per cent)(?!\w)", " percent"),
    ("plus|added", rf"\b({_NUMBER}) (?:plus|added to) (?={_NUMBER})", r"\1 + "),
    ("minus", rf"\b({_NUMBER}) minus (?={_NUMBER})", r"\1 - "),
    ("times|multiplied|x", rf"\b({_NUMBER}) (?:times|multiplied by|x) (?={_NUMBER})", r"\1 * "),
    ("divided|over", rf"\b({_NUMBER}) (?:divided by|over) (?={_NUMBER})", r"\1 / "),
    ("power|raised", rf"\b({_NUMBER}) (?:to the power of|raised to(?: the power of)?) (?={_NUMBER})", r"\1 ^ "),
    ("squared", rf"\b({_NUMBER}) squared\b", r"\1 ^ 2"),
    ("cubed", rf"\b({_NUMBER}) cubed\b", r"\1 ^ 3"),
    ("+|*|^", rf"(?<![\w.-])({_NUMBER})([+*^])(?={_NUMBER})", r"\1 \2 "),
    ("kilo|kg", r"(?<=\d)[- ]?(?:kilograms?|kilogrammes?|kilos?|kgs?)\b", " kg"),
    ("g", r"(?<=\d)[- ]?(?:grams?|grammes?)\b", " g"),
    ("kilomet|km", r"(?<=\d)[- ]?(?:kilomet(?:er|re)s?|kms?)\b", " km"),
    ("centimet|cm", r"(?<=\d)[- ]?(?:centimet(?:er|re)s?|cms?)\b", " cm"),
    ("millimet|mm", r"(?<=\d)[- ]?(?:millimet(?:er|re)s?|mms?)\b", " mm"),
    ("millilit|ml", r"(?<=\d)[- ]?(?:millilit(?:er|re)s?|mls?)\b", " ml"),
    ("tera|tb", r"(?<=\d)[- ]?(?:terabytes?|tbs?)\b", " tb"),
    ("kilob|kb", r"(?<=\d)[- ]?(?:kilobytes?|kbs?)\b", " kb"),
    ("milligram|mg", r"(?<=\d)[- ]?(?:milligrams?|milligrammes?|mgs?)\b", " mg"),
    ("microgram|mcg", r"(?<=\d)[- ]?(?:micrograms?|mcgs?)\b", " mcg"),
    ("km|kph", r"(?<=\d) ?(?:km (?:per|an) hour|kph|kmh|km/h)\b", " km/h"),
    ("mile|mph", r"(?<=\d) ?(?:miles (?:per|an) hour|mph)\b", " mph"),
    ("gigah|ghz", r"(?<=\d)[- ]?(?:gigahertz|ghz)\b", " ghz"),
    ("kilowatt|kwh", r"(?<=\d)[- ]?(?:kilowatt[- ]hours?|kwhs?)\b", " kwh"),
    ("liter|litre", r"(?<=\d)[- ]?(?:liters?|litres?)\b", " l"),
    ("gig|gb", r"(?<=\d)[- ]?(?:gigabytes?|gbs?|gigs?)\b", " gb"),
    ("meg|mb", r"(?<=\d)[- ]?(?:megabytes?|mbs?|megs?)\b", " mb"),
    ("hr|hour", r"(?<=\d)[- ]?(?:hrs?|hours?)\b", " hours"),
    ("min", r"(?<=\d)[- ]?(?:mins?|minutes?)\b", " minutes"),
    ("sec", r"(?<=\d)[- ]?(?:secs?|seconds?)\b", " seconds"),
    ("celsius|centigrade|°c", r"(?<=\d)[- ]?(?:°|degrees?)? ?(?:celsius|centigrade|°c)\b", " celsius"),
    ("fahrenheit|°f", r"(?<=\d)[- ]?(?:°|degrees?)? ?(?:fahrenheit|°f)\b", " fahrenheit"),
    ("k", r"(?<=\d)k\b", "000"),
    ("m", r"\b(\d{1,2})(?::00)? ?([ap])\.?m\b\.?", r"\1 \2m"),
    ("m", r"\b(\d{1,2}:\d{2}) ?([ap])\.?m\b\.?", r"\1 \2m"),
    ("-", r"(?<=\d)-(?=[a-z]{3,})", " "),
    *(
        (f"{hour}:00", rf"(?<![\d:.]){hour}:00(?: ?(?:hrs|hours|o'clock))?\b(?![:.]\d)", f"{hour - 12} pm")
        for hour in range(13, 24)
    ),
    *(
        (f"{hour}:", rf"(?<![\d:.]){hour}:([0-5]\d)(?: ?(?:hrs|hours))?\b(?![:.]\d)", rf"{hour - 12}:\1 pm")
        for hour in range(13, 24)
    ),
    (
        _MONTHS,
        rf"\b(?:the )?(?:0?([12]?\d)|(3[01]))(?:st|nd|rd|th)? (?:of )?({_MONTHS}),? (?=\d{{4}}\b)",
        r"\3 \1\2 ",
    ),
    (_MONTHS, rf"\b({_MONTHS}) 0?([12]?\d|3[01])(?:st|nd|rd|th)?,? (?=\d{{4}}\b)", r"\1 \2 "),
    ("eur", r"(?<=\d) ?eur\b", " euros"),
    ("usd", r"(?<=\d) ?usd\b", " dollars"),
)

_THING = r"(?:the |a |an )?(?:[\w.+#/-]+)(?: [\w.+#/-]+){0,5}"
_OVERVIEW = r"(?:overview|explanation|introduction|intro|definition|summary|description)"
_NOT_A_THING = rf"(?!{QUESTION_WORD}\b|the difference|how\b|to\b|it\b|this\b|that\b|me\b|us\b|your?\b|my\b|more\b)"
ASKING = rules_of(
    (" how", rf"^(?!{QUESTION_WORD}\b|.*\b(?:know|understand|remember|wonder|matter|and|or|no|explain|me|not) how)"
     rf"([\w'-]+(?: [\w'&/-]+){{1,9}}) how(?: to)?$",
     r"how to \1"),
    ("explain|describe", rf"^(?:explain|describe)(?: to me)?,? (?={QUESTION_WORD}\b)", ""),
    ("tell me|explain|describe|define",
     rf"^(?:please )?(?:tell me|explain|describe|define)(?: to me)?(?: (?:something|a bit|a little|more))?(?: about)? "
     rf"{_NOT_A_THING}({_THING})$", r"what is \1"),
    ("overview|explanation|intro|definition|summary|description",
     rf"^(?:give me |provide )?(?:a |an |the )?(?:brief |short |quick )?{_OVERVIEW} (?:of|to|about|for) "
     rf"{_NOT_A_THING}({_THING})$", r"what is \1"),
    ("explained", rf"^{_NOT_A_THING}({_THING}),? explained$", r"what is \1"),
    ("what do|what is", rf"^what (?:do you mean by|is meant by) ({_THING})$", r"what is \1"),
    ("what does|what do", rf"^what (?:does|do) ({_THING}) mean$", r"what is \1"),
    ("meaning|definition", rf"^what is (?:the )?(?:meaning|definition) of ({_THING})$", r"what is \1"),
    ("difference", r"^(?:tell me|explain)(?: to me)? the difference", "what is the difference"),
    ("what|who|where|when",
     r"^(what|who|where|when) ((?:the|a|an|my|our|your) [\w.+#/-]+(?: [\w.+#/-]+){0,5}) (is|are|was|were)$",
     r"\1 \3 \2"),
)  # fmt: skip
