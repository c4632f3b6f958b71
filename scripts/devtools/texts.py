"""Two hundred texts of every kind a prompt may be, the same on every run."""

from __future__ import annotations

import random

_QUESTIONS = [
    "What is {}?",
    "How do I learn {} in {} days?",
    "Compare {} with {}.",
    "Why is {} like {}?",
    "{}: yes or no",
]
_THINGS = [
    "machine learning",
    "a sourdough starter",
    "the Treaty of Utrecht",
    "TCP",
    "naïve café",
    "rust",
    "Paris",
    "2+2",
]
_SCRIPTS = [
    "Wie heißt die größte Straße?",
    "¿Cuál es la capital del Perú?",
    "Что такое нейронная сеть?",
    "机器学习是什么",
    "日本の首都はどこですか",
    "한국어로 대답해 주세요",
    "ما هي عاصمة مصر؟",
    "מה השעה עכשיו?",
    "यह क्या है?",
    "Ποια είναι η απάντηση;",
    "Đây là đâu?",
    "สวัสดีครับ",
    "e\u0301 and é",
    "İstanbul ıǰ ﬁ",
]
_CODE = [
    "def f(x):\n    return x ** 2\n",
    "SELECT name FROM users WHERE age >= 21 ORDER BY name;",
    "for (int i = 0; i < n; ++i) { sum += a[i]; }",
    '{"role": "user", "content": null}',
    "$ grep -rn 'TODO' src | wc -l",
    "\tif err != nil {\n\t\treturn err\n\t}",
]
_ODD = [
    "",
    " ",
    "\n\n\t",
    "?",
    "[CLS] [SEP] [PAD] [MASK]",
    "🍕🍣🎉",
    "I ❤️ pizza 👩‍👩‍👧",
    "x" * 150,
    "\u200b\u202e",
    "a\x00b\x07c",
    "WHY ARE YOU SHOUTING",
    "3.14159265 1,000,000 -7e-3 0xFF 12%",
    "https://example.org/a/b?c=d&e=f#g",
    "AAAA" * 40 + "==",
]
_WORDS = ["time", "year", "people", "way", "day", "man", "thing", "woman", "life", "child", "world", "school"]
_WORDS += ["state", "family", "student", "group", "country", "problem"]


def varied() -> list[str]:
    rng = random.Random(20)  # noqa: S311 - nothing secret
    texts = [*_SCRIPTS, *_CODE, *_ODD]
    while len(texts) < 140:
        text = rng.choice(_QUESTIONS).format(rng.choice(_THINGS), rng.choice([*_THINGS, str(rng.randint(1, 999))]))
        texts += [text] * (text not in texts)
    while len(texts) < 200:
        words = rng.choices([*_WORDS, *_THINGS, "3", ",", "."], k=rng.randint(2, 150))
        texts.append(" ".join(words))
    return texts
