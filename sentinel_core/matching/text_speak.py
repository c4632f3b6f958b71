"""Words, letters and frames of everyday messages in English: `y do my ears pop`, `would it be ok to pay`."""

WORDS = {
    "ive": "i have", "coz": "because", "b4": "before", "2day": "today", "2moro": "tomorrow", "2nite": "tonight",
    "tmr": "tomorrow", "l8r": "later", "smth": "something", "sth": "something", "gimme": "give me", "lemme": "let me",
    "dunno": "do not know", "insta": "instagram", "avo": "avocado", "avos": "avocados", "diff": "difference",
    "diffs": "differences", "batt": "battery", "fave": "favorite", "fav": "favorite", "veggies": "vegetables",
    "veg": "vegetables", "probs": "probably", "prolly": "probably", "rly": "really", "vid": "video", "vids": "videos",
    "wut": "what", "wot": "what", "youre": "you are", "theyre": "they are", "arent": "are not",
    "wouldnt": "would not", "shouldnt": "should not", "werent": "were not", "yt": "youtube", "fb": "facebook",
}  # fmt: skip
"""No word of another trade is among them: `pwd` is a command, `bc` a province."""

_TO = "how|where|need|want|have|what|when|able|going"
_LAUGHS = "lol|lmao|haha|rofl|omg|tbh|imo"

_WEEKDAYS = {
    "mon": "monday", "tue": "tuesday", "tues": "tuesday", "wed": "wednesday", "thu": "thursday", "thur": "thursday",
    "thurs": "thursday", "fri": "friday", "sat": "saturday", "sun": "sunday",
}  # fmt: skip

SPELLINGS = (
    *((f" {short}", rf"\b(on|every|until|till|by|next|last) {short}\b", rf"\1 {day}")
      for short, day in _WEEKDAYS.items()),
    ("y ", r"^y (?=(?:do|does|did|is|are|am|was|were|can|could|will|would|should|have|has|not)\b)", "why "),
    (" 2 ", rf"\b({_TO}) 2 (?=[a-z]{{2}})", r"\1 to "),
    ("it that ", r"^(why|where|when|what|who|how) (?:is|was) it that ", r"\1 "),
    ("it be |is it ", r"^(?:(?:would|will) it be|is it) (?:ok|okay|alright|fine|an option) (?:to|if i|for me to) ",
     "can i "),
    (" n ", r"(?<=[a-z]{2}) n (?=(?:a|an|the|my|your)\b)", " and "),
    (_LAUGHS, rf"(?:^|(?<=[ ,]))(?:{_LAUGHS}|haha+)(?=[ ,.!?]|$)[,.!]*", ""),
)  # fmt: skip
"""Rules as `rewriting.rules_of` takes them."""
