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
    r"|surprise|laugh|entertain|bored|funny|rock|heads|winner|witz|chiste|blague|piada|barzellet|grap|otra|noch|encore|outr[ao]|altr[ao]"
)
"""No rule matches a prompt without one of these."""

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
        rf"{_START}(?:roll|flip|toss|throw|spin|draw|pick|choose|select|think of){_FOR} (?:a|an|the|two|\d+|some|any|one)\b"
        r"(?: \w+){0,2} ?(?:dice|die|d\d+|coins?|cards?|numbers?|wheel|lottery numbers?|winner)\b|^\W*heads or tails\b"
        rf"|^\W*(?:let's )?play rock,? paper|{_START}(?:shuffle|randomi[sz]e|scramble|mix up) {_NOT_CODE}(?:this|these|the|my|our)\b",
        (
            "Shuffle this list: a, b, c",
            "Roll a die",
            "flip a coin",
            "Pick a number between 1 and 10",
            "can you roll two dice",
            "heads or tails?",
        ),
        ("How do I roll a die in Python?", "Is flipping a coin fair?"),
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
        rf"{_START}(?:brainstorm|invent|dream up|come up with|make up|think of|think up)\b"
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
        r"|regenerate|re-?roll|re-?try|re-?do(?: it| that)?|re-?spin|surprise me again)(?: (?:please|now|for me))?\W*$",
        (
            "another one",
            "Try again",
            "again!",
            "Give me another",
            "one more please",
            "regenerate",
            "something else",
            "more",
        ),
        (
            "Should I try again later?",
            "Can I open another account?",
            "What about another card?",
            "the next train to Rome",
        ),
    ),
    PromptRule(
        "other-languages",
        r"(?:erzähl\w*|sag\w*) (?:mir |uns )?(?:bitte )?(?:einen|noch einen) witz|\bnoch (?:einen|eine|eins)\W*$"
        r"|cu[ée]nta(?:me|nos) (?:un|otro) chiste|^\W*otr[ao](?: vez| más)?\W*$|raconte[- ](?:moi|nous) une (?:autre )?blague"
        r"|^\W*encore une? (?:fois|autre)?|cont[ea](?:-me)? (?:uma|outra) piada|^\W*outr[ao](?: vez)?\W*$"
        r"|raccontami (?:una|un'altra) barzelletta|^\W*(?:un altro|un'altra|ancora una)\W*$|vertel (?:me )?een (?:mop|grap)",
        ("Erzähl mir einen Witz", "Cuéntame un chiste", "raconte-moi une blague", "otra vez", "noch einen"),
        ("Was ist ein Witz?", "otra cuenta para mi hijo"),
    ),
)
