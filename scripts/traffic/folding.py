"""Pairs that folding, or a vector's blindness to signs and letters, makes equal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from random import Random

from scripts.traffic import spellings
from scripts.traffic.spellings import TwoTexts

EACH = 30


def listed(text: str) -> list[str]:
    return text.split()


_CASES = listed(
    "polish turkey march china java mobile reading august may apple windows jordan mercury go swift rust us it who"
)
_UNITS = listed("mb gb kb tb mw ms mhz ph pa nm mm kw kv db")
_NAMES = listed(
    "Johnson Petersen Andersson Philips Hoffmann Schneider Catherine Stephenson Mackenzie Reilly Thompson Vasquez"
)
_DRUGS = listed("predni hydro clona cepha carba lami sertra metro chlor gluco sulfa pheno")
_DRUG_ENDINGS = (
    ("sone", "solone"),
    ("xine", "zine"),
    ("pam", "pine"),
    ("mine", "mide"),
    ("line", "tine"),
    ("ate", "ite"),
)
_STEMS = {
    "pt": ("im", "possível provável próprio popular perfeito parcial"),
    "de": ("un", "möglich vollständig sicher gültig bekannt wichtig schuldig"),
    "fr": ("in", "capable visible certain complet direct actif"),
    "it": ("s", "conosciuto fortunato contento leale favorevole"),
    "es": ("des", "conectado cargado ordenado cubierto hecho"),
    "sv": ("o", "möjlig laglig säker vanlig synlig"),
    "ru": ("не", "возможно законно безопасно правильно"),
}
_EMOJI = "😀😢🎉🔥🚀❤👍👎🐍🍎🌍⚡"


def pairs(questions: Sequence[str], random: Random) -> Iterator[dict[str, object]]:
    """`EACH` pairs of every kind; `fold/` kinds have another answer, `keep/` kinds the same."""
    plain = [text for text in questions if re.fullmatch(r"[A-Z][a-z ,']+\?", text) and 6 <= len(text.split()) <= 14]
    for kind, make in _KINDS.items():
        for _ in range(EACH):
            one, other = make(random, random.choice(plain))
            if one != other:
                yield {
                    "a": one,
                    "b": other,
                    "same": int(kind.startswith("keep/")),
                    "source": kind.split("/")[0],
                    "kind": kind,
                }


def _case_word(random: Random, question: str) -> TwoTexts:
    word = random.choice(_CASES)
    frame = random.choice(
        ("What does {} mean?", "How do I use the word {} in English?", "Tell me something about {} please.")
    )
    return frame.format(word), frame.format(word.upper() if len(word) < 4 else word.capitalize())


def _case_unit(random: Random, question: str) -> TwoTexts:
    unit, frame = (
        random.choice(_UNITS),
        random.choice(("How much is one {} worth?", "What does {} stand for?", "Convert 5 {} please.")),
    )
    spellings = [unit.capitalize(), unit.upper(), unit[0] + unit[1:].upper()]
    one, other = random.sample(spellings, 2)
    return frame.format(one), frame.format(other)


def _case_code(random: Random, question: str) -> TwoTexts:
    word = random.choice(listed("map set list promise date string object number filter error"))
    language = random.choice(("JavaScript", "Java", "Kotlin", "Python", "TypeScript", "Scala"))
    return f"What does {word} do in {language}?", f"What does {word.capitalize()} do in {language}?"


def _indentation(random: Random, question: str) -> TwoTexts:
    names = random.sample(listed("load save open close start stop read write send check"), 4)
    lines = [
        f"for item in {names[0]}_list:",
        f"    if {names[1]}(item):",
        f"        {names[2]}(item)",
        f"        {names[3]}(item)",
    ]
    moved = [*lines[:3], f"{' ' * random.choice((0, 4))}{lines[3].strip()}"]
    return "What does it print?\n" + "\n".join(lines), "What does it print?\n" + "\n".join(moved)


def _yaml(random: Random, question: str) -> TwoTexts:
    keys = random.sample(listed("name image ports env command volumes depends restart labels"), 4)
    lines = [f"{keys[0]}:", f"  {keys[1]}: one", f"  {keys[2]}: two", f"  {keys[3]}: three"]
    place = random.randrange(1, 4)
    moved = [line.strip() if number == place else line for number, line in enumerate(lines)]
    return "Is this valid?\n" + "\n".join(lines), "Is this valid?\n" + "\n".join(moved)


def _line_breaks(random: Random, question: str) -> TwoTexts:
    words = random.sample(listed("alpha beta gamma delta epsilon zeta eta theta"), 6)
    cut = random.randrange(1, 5)
    one = " ".join(words[:cut]) + "\n" + " ".join(words[cut:])
    other = " ".join(words[: cut + 1]) + "\n" + " ".join(words[cut + 1 :])
    return f"How many columns are there?\n{one}", f"How many columns are there?\n{other}"


def _superscript(random: Random, question: str) -> TwoTexts:
    base, power = random.randrange(2, 20), random.choice("²³⁴⁵")
    plain = str("⁰¹²³⁴⁵".index(power))
    return f"What is {base}{power}?", f"What is {base}{plain}?"


def _fraction(random: Random, question: str) -> TwoTexts:
    whole, part = random.randrange(1, 9), random.choice(("½", "¼", "¾", "⅓"))
    written = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3"}[part]
    return f"How many cups are {whole}{part} pints?", f"How many cups are {whole}{written} pints?"


def _brackets(random: Random, question: str) -> TwoTexts:
    a, b, c, d = (random.randrange(2, 30) for _ in range(4))
    x, y, z = random.choices("+-*/", k=3)
    forms = [
        f"{a} {x} {b} {y} {c} {z} {d}",
        f"{a} {x} ({b} {y} {c}) {z} {d}",
        f"({a} {x} {b}) {y} {c} {z} {d}",
        f"{a} {x} {b} {y} ({c} {z} {d})",
    ]
    one, other = random.sample(forms, 2)
    return f"What is {one}?", f"What is {other}?"


def _minus(random: Random, question: str) -> TwoTexts:
    number = random.randrange(1, 90)
    frame = random.choice(
        ("What is {} degrees Celsius in Fahrenheit?", "What is the absolute value of {}?", "Is {} a natural number?")
    )
    return frame.format(number), frame.format(f"{random.choice('-−')}{number}")


def _relation(random: Random, question: str) -> TwoTexts:
    one, other = random.sample(
        random.choice((["<", ">", "≤", "≥"], ["∈", "∉", "⊂", "⊃"], ["=", "≠", "≈"], ["∪", "∩"], ["∀", "∃"])), 2
    )
    left, right = random.sample("abxyAB", 2)
    frame = random.choice(("For which values is {} {} {}?", "Prove that {} {} {}.", "How do I read {} {} {} aloud?"))
    return frame.format(left, one, right), frame.format(left, other, right)


def _regex(random: Random, question: str) -> TwoTexts:
    atoms = random.choices([r"\d", r"\w", r"\s", r"[a-z]", r"a", r"\b"], k=2)
    swapped = random.choice(
        [
            (r"\d", r"\D"),
            (r"\w", r"\W"),
            (r"\s", r"\S"),
            (r"[a-z]", r"[^a-z]"),
            (r"^a", r"a$"),
            (r"x+", r"x*"),
            (r"x?", r"x+"),
        ]
    )
    one, other = (f"{atoms[0]}{part}{atoms[1]}" for part in swapped)
    return f"What does the regex {one} match?", f"What does the regex {other} match?"


def _slice(random: Random, question: str) -> TwoTexts:
    name, number = random.choice(("a", "items", "text", "rows")), random.randrange(1, 9)
    one, other = random.sample(
        [f"{name}[{number}:]", f"{name}[:{number}]", f"{name}[{number}]", f"{name}[-{number}:]", f"{name}[::{number}]"],
        2,
    )
    return f"What does {one} return?", f"What does {other} return?"


def _shell(random: Random, question: str) -> TwoTexts:
    one, other = random.choice(
        [("ls -la", "ls -lA"), ("tar -xf a.tar", "tar -cf a.tar"), ("cat a > b", "cat a >> b"),
         ("make && run", "make || run"), ("grep -i foo", "grep -v foo"), ("sort -n x", "sort -r x"),
         ("cmd 2>&1", "cmd 1>&2"), ("echo $HOME", "echo $PATH"), ("rm -r build", "rm -rf build"),
         ("chmod +x run", "chmod -x run"), ("ls *.py", "ls ?.py"), ("ps | sort", "ps || sort")]
    )  # fmt: skip
    frame = random.choice(("What does {} do?", "Is it safe to run {} here?", "Explain the command {} to me."))
    return frame.format(one), frame.format(other)


def _emoji_count(random: Random, question: str) -> TwoTexts:
    sign, count = random.choice(_EMOJI), random.randrange(1, 4)
    return f"What does {sign * count} mean?", f"What does {sign * (count + 1)} mean?"


def _emoji_order(random: Random, question: str) -> TwoTexts:
    one, other = random.sample(_EMOJI, 2)
    return f"What does {one}{other} mean?", f"What does {other}{one} mean?"


def _name(random: Random, question: str) -> TwoTexts:
    name = random.choice(_NAMES)
    place = random.randrange(2, len(name))
    other = name[:place] + random.choice("aeiou" if name[place] in "aeiou" else "nrtls") + name[place + 1 :]
    frame = random.choice(("Who is Maria {}?", "When was Peter {} born?", "What did {} discover?"))
    return frame.format(name), frame.format(other)


def _drug(random: Random, question: str) -> TwoTexts:
    stem, endings = random.choice(_DRUGS), random.choice(_DRUG_ENDINGS)
    frame = random.choice(("What is the dose of {} for adults?", "What is {} used for?", "Can I take {} with alcohol?"))
    return frame.format(stem + endings[0]), frame.format(stem + endings[1])


def _identifier(random: Random, question: str) -> TwoTexts:
    one, two = random.sample(listed("user order item price total count index value"), 2)
    name, other = random.choice([(f"{one}_{two}", f"{one}_{two}s"), (f"{one}{two.title()}", f"{one}{two.title()}s"),
                                 (f"lib{one}1", f"lib{one}2"), (f"{one}-{two}", f"{one}s-{two}"),
                                 (f"get_{one}", f"set_{one}")])  # fmt: skip
    return f"Where is {name} defined?", f"Where is {other} defined?"


def _prefix(random: Random, question: str) -> TwoTexts:
    frames = {"pt": "Isto é {}?", "de": "Ist das {}?", "fr": "Est-ce que c'est {} ?", "it": "Questo è {}?",
              "es": "¿Está {}?", "sv": "Är det {}?", "ru": "Это {}?"}  # fmt: skip
    language = random.choice(list(_STEMS))
    prefix, words = _STEMS[language]
    word = random.choice(words.split())
    return frames[language].format(word), frames[language].format(prefix + word)


def _special(random: Random, question: str) -> TwoTexts:
    one, other = random.choice(
        [("ℝ", "R"), ("ℕ", "N"), ("①", "1"), ("②", "2"), ("ℤ", "Z"), ("𝐀", "A"), ("10₂", "102"), ("11₂", "112")]
    )
    frame = random.choice(("What does {} mean?", "Is {} countable?", "How do I type {} on a keyboard?"))
    return frame.format(one), frame.format(other)


_KINDS: dict[str, Callable[[Random, str], TwoTexts]] = {
    "fold/case_word": _case_word, "fold/case_unit": _case_unit, "fold/case_code": _case_code,
    "fold/indentation": _indentation, "fold/yaml": _yaml, "fold/line_breaks": _line_breaks,
    "fold/superscript": _superscript, "fold/fraction": _fraction, "fold/brackets": _brackets, "fold/minus": _minus,
    "fold/relation": _relation, "fold/regex": _regex, "fold/slice": _slice, "fold/shell": _shell,
    "fold/emoji_count": _emoji_count, "fold/emoji_order": _emoji_order, "fold/name": _name, "fold/drug": _drug,
    "fold/identifier": _identifier, "fold/prefix": _prefix, "fold/special": _special,
    **spellings.KINDS,
}  # fmt: skip
