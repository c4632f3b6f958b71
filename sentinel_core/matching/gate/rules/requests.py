"""Refusals over what is wanted: something done, or an answer to a question about it."""

import re

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, fact, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule

_ACTIONS = word_set(
    "cancel close open delete remove erase add change update edit reset send transfer pay book order buy sell refund "
    "return block unblock freeze unfreeze activate deactivate enable disable turn switch set start stop schedule "
    "reschedule renew upgrade downgrade subscribe unsubscribe register enroll enrol remind call play pause skip mute "
    "unmute lock unlock move rename create reserve rent withdraw deposit convert print download upload install "
    "uninstall restart reboot connect disconnect pair increase decrease raise lower dim submit file apply request "
    "approve reject confirm accept decline extend replace ship deliver merge share archive restore invite assign log "
    "empty refill kick save clear clean forward archive dismiss "
    "terminate suspend resume redeem donate verify link unlink hide publish sync swap waive escalate"
)
_ORDER = re.compile(
    r"^(?:(?:can|could|would|will) (?:you|u) (?:please |kindly |just )?|i (?:want|need|would like) you to "
    r"|go ahead and |now |just |let us )?(?:please )?([a-z]+)\b(?! (?:vs|or|and what|rates?|by)\b)"
)
_HOW = word_set("wie c\u00f3mo comment come hoe")
_LONG = 4
_QUESTION = re.compile(
    r"^(?:how|what|where|when|why|which|who|whom|whose|if|(?:can|could|may|might|should|shall|must|do|does|did|am|is|are"
    r"|was|were|will|would|has|have) (?:i|we|one|it|there|someone|anyone|customers?|people|users?)\b"
    r"|(?:explain|describe|tell me|show me|help me (?:understand|find out)) (?:how|what|where|when|why)"
    r"|steps to|ways? to)"
)


@gate_rule(
    must_refuse=[
        ("Cancel my subscription", "How do I cancel my subscription?", "cancel", "how to"),
        ("What happens if I close it?", "Please close my account", "what happens", "close"),
        ("Empty the trash", "How do I empty the trash?", "empty", "how to"),
        ("K\u00fcndige mein Abo", "Wie k\u00fcndige ich mein Abo?", "k\u00fcndige", "wie"),
    ],
    must_pass=[
        ("I want to cancel my card", "how do I cancel my card"),
        ("Cancel my card", "please cancel my card"),
        ("Verify my card?", "How do I verify my card?"),
        ("Abo k\u00fcndigen", "Wie k\u00fcndige ich mein Abo?"),
        ("order the rooms by price", "what are the rooms ordered by price"),
    ],
)
def order_or_question(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse an order on one side, and on the other a question about the same action."""
    left, right = _ordered(asked), _ordered(stored)
    if bool(left) == bool(right):
        return _ordered_elsewhere(asked, stored)
    action, question = (left, stored) if left else (right, asked)
    if not _QUESTION.search(question.text) or action not in _bases(question):
        return None
    about = " ".join(question.text.split()[:2])
    return Difference(action, about) if left else Difference(about, action)


def _ordered_elsewhere(asked: Reading, stored: Reading) -> Difference | None:
    """Find an imperative against the same verb after `how`, in another language."""
    for mine, theirs, is_swapped in ((asked, stored, False), (stored, asked, True)):
        verb, question = mine.tokens[:1], theirs.tokens[:1]
        if verb and len(verb[0]) >= _LONG and question and question[0] in _HOW and verb[0] in theirs.tokens[1:3]:
            return Difference(question[0], verb[0]) if is_swapped else Difference(verb[0], question[0])
    return None


@fact
def _ordered(reading: Reading) -> str:
    """Return the base form of the action that is ordered, or nothing."""
    match = _ORDER.match(reading.text)
    verb = match[1] if match else ""
    is_asked = reading.raw.rstrip().endswith("?") and reading.text.startswith(verb)
    sorts = verb == "order" and " by " in reading.text
    return verb if verb in _ACTIONS and not (is_asked or sorts or reading.is_story) else ""


@fact
def _bases(reading: Reading) -> frozenset[str]:
    return frozenset(map(lexicon.base, reading.tokens)) | reading.vocabulary
