"""Chinese and Japanese questions: the question words are taken out, and the rest of the letters is compared."""

# ruff: noqa: E501  a pattern is read in one piece, in the letters of its language

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from sentinel_core.support.patterns import lazy
from sentinel_core.support.unicode_text import normalised

_SIGNS = lazy("[\u3040-\u30ff\u3400-\u9fff]")
_KANA = lazy("[\u3040-\u30ff]")
_PUNCTUATION = lazy(r"[\s,.!?;:\u3001\u3002\u300c\u300d\u2026~\"'()]+")

Rules = tuple[tuple[str, re.Pattern[str]], ...]


def _rules(*listed: tuple[str, str]) -> Rules:
    return tuple((mark, lazy(pattern)) for mark, pattern in listed)


_CHINESE = _rules(
    ("", r"^(?:你好|您好|哈喽|嗨|请问一下|请问|麻烦问一下|打扰一下|不好意思|我想知道|我想问一下|我想问|想问一下|想知道|请告诉我|告诉我|能告诉我|可以告诉我|你能告诉我|谁知道|有谁知道|请解释一下|解释一下|请解释|介绍一下|说说)+"),
    ("", r"(?:谢谢你|谢谢您|谢谢|多谢)$|(?:呢|呀|啊|吧|的呢)$"),
    ("cost", r"(?:的?价格是多少|的?价钱是多少|的?价格多少|是多少钱|要多少钱|需要多少钱|多少钱|怎么卖|什么价格|费用是多少|(?<=费)是多少|(?<=费)多少)"),
    ("howlong", r"(?:一般|大概|通常)?(?:需要|要|得|得要)?(?:花)?(?:多长时间|多少时间|多久|几天时间)(?:时间)?"),
    ("howoften", r"(?:应该)?(?:多久|隔多久|多长时间)(?:要)?(?=一次)"),
    ("why", r"(?:为什么会|为什么|为何|为啥|怎么会|是什么原因|的原因是什么|是因为什么)"),
    ("how", r"(?:我|我们)?(?:应该|应当|该|要|可以|能|需要)?(?:如何才能|怎样才能|怎么才能|如何|怎样|怎么样|怎么|咋)(?:才能|才可以|能|可以|去|来)?(?:我)?|的?(?:方法|办法|步骤)(?:是什么|有哪些)?$"),
    ("when", r"(?:应该|该|是)?(?:在)?(?:什么时候|何时|几时|什么时间|啥时候)"),
    ("where", r"(?:是)?(?:我)?(?:可以|能)?(?:在)?(?:哪里|哪儿|何处|什么地方)(?:可以|能)?|(?:是)?哪个城市|是哪座城市"),
    ("what", r"什么叫做?|什么是|(?:是什么意思|的定义是什么|的含义是什么|是什么|的定义|是啥|指的是什么|指什么|是什么东西)"),
    ("who", r"(?:是)?谁"),
    ("howmany", r"多少|几(?=个|天|次|年|岁)"),
    ("can", r"(?:可不可以|能不能|是否可以|是否能|可以|能否|能够|能)"),
    ("whether", r"是不是|是否"),
    ("", r"吗$|一下|(?<![目])的|了$|我的|我"),
)  # fmt: skip
_JAPANESE = _rules(
    ("", r"^(?:すみませんが?|こんにちは|お世話になっております|教えてください|質問です)+"),
    ("", r"(?:ありがとうございます|お願いします|よろしくお願いします)$"),
    ("how", r"(?:する|した|の)?(?:方法|やり方|仕方)(?:を|は|が)?(?:教えて(?:ください|下さい|もらえますか|いただけますか|ほしい(?:です)?)?|何ですか|なんですか|知りたい(?:です)?|わかりません|ありますか)?$|(?:する)?(?:に|ため)は(?:どう(?:すれば|したら|やれば)(?:いい|よい|良い)?(?:の)?(?:です|でしょう)?か?|どのようにすれば(?:いい|よい)ですか)|(?:は|って)?(?:どうやって|どのように|どうすれば|どうしたら)(?:いい(?:です)?か?)?"),
    ("cost", r"(?:は)?(?:いくら|おいくら|何円)(?:です|でしょう|します|かかります|なの|なんです)?(?:か)?|の(?:値段|価格|料金)(?:は|を教えて(?:ください)?)?$"),
    ("howlong", r"(?:は|に|には)?(?:どのくらい|どれくらい|どのぐらい|どれぐらい)(?:の)?(?:時間|期間|日数)?(?:が)?(?:かかり|掛かり)(?:ます|ますか)?(?:か)?|(?:は|に|には)?何日(?:かかりますか|で)"),
    ("howoften", r"どのくらいの頻度で|どれくらいの頻度で"),
    ("why", r"なぜ|何故|どうして|なんで|(?:のは|理由は)なぜ(?:です)?か?|(?:の|する)理由(?:は|を教えて(?:ください)?)?(?:何ですか)?$"),
    ("when", r"いつ|何時に"),
    ("where", r"どこ"),
    ("who", r"誰|だれ"),
    ("what", r"(?:とは|って|は)(?:何|なん|なに)(?:ですか|でしょうか|なの|のこと(?:ですか)?|のことですか)?$|とは$|の意味(?:は|を教えて(?:ください|下さい)?)?(?:何ですか)?$|(?:って|とは)どういう意味(?:ですか)?"),
    ("", r"(?:について)?(?:を)?教えて(?:ください|下さい|もらえますか|いただけますか)?$"),
    ("", r"(?:する(?:の)?|し|すれ)(?:ば(?:いい|よい|良い)(?:の)?)?(?:ますか|ます|ですか|でしょうか|か)?$"),
    ("", r"(?<=い)(?:の|ん)?(?:ですか|でしょうか|か|の)$|(?:の|ん)(?:ですか|でしょうか|か)$|(?:です|でしょう)か?$|(?<=く)の$"),
)  # fmt: skip
_PARTICLES = lazy("[のをはがも]|って")
_ROLES = lazy("[をが]")
_NEGATION = lazy(r"不|没|沒|无法|未|別に|ない|ません|なかった|なく|できず")
_NEUTRAL = lazy(
    r"不好意思|对不起|差不多|(.)不\1|是不是|能不能|可不可以|不同|不客气|不久|不动产|不锈钢|未来|没关系|要不要"
    r"|かもしれない|少ない|危ない|もったいない|なければ(?:なりません|ならない|いけません|いけない)|しかない|もらえませんか|いただけませんか|くれませんか|てはいけません"
)
"""Phrases with a sign of negation that negate nothing, and the Japanese ones of duty."""

_ANIMATE = lazy(
    "[\u6211\u4f60\u60a8\u4ed6\u5979\u5b83\u8c01\u4eba\u8005\u5458\u5de5\u751f\u5e08\u72d7\u732b\u7ae5\u5ba2\u53cb\u9e1f\u718a\u86c7\u9c7c\u86db\u866b\u9f20\u9a6c\u725b\u7f8a\u732a\u9e21\u864e\u72ee\u5b69]"
)
"""Signs at the end of who does something: behind them, a verb has another meaning before its word."""


@dataclass(frozen=True, slots=True)
class _Question:
    """The classes of the question words, and the texts between them."""

    marks: frozenset[str]
    parts: tuple[str, ...]


def is_unspaced(text: str) -> bool:
    """Whether at least half of the text is in Chinese or Japanese letters."""
    return not text.isascii() and 2 * len(_SIGNS.findall(text)) > len(text)


def asks_the_same(asked: str, stored: str) -> bool:
    """Whether two questions have the same question words and the same rest, of which one part may have moved."""
    left, right = _read(asked), _read(stored)
    if left.marks != right.marks:
        return False
    one, other = _joined(left), _joined(right)
    if not one or ("who" in left.marks and len(left.parts) != len(right.parts)):
        return False
    if one == other:
        return _roles(left) == _roles(right) or not (_roles(left) and _roles(right))
    moved = len(left.parts) > 1 or len(right.parts) > 1
    return moved and (_turned(left) == other or _turned(right) == one) and not (_has_actor(left) or _has_actor(right))


def difference(asked: str, stored: str) -> tuple[str, str] | None:
    """Return question words of two kinds, or a negation that one of two questions has; None if there is neither."""
    one, other = (_read(text).marks - {"what"} for text in (asked, stored))
    if one and other and one.isdisjoint(other):
        return " ".join(sorted(one)), " ".join(sorted(other))
    denied, denied_2 = (_NEGATION.search(_NEUTRAL.sub("", text)) for text in (asked, stored))
    if (denied is None) != (denied_2 is None):
        return denied[0] if denied else "", denied_2[0] if denied_2 else ""
    return None


@lru_cache(maxsize=256)
def _read(text: str) -> _Question:
    plain = normalised("NFKC", text).lower()
    rest = _PUNCTUATION.sub("", plain)
    marks: set[str] = set()
    for mark, pattern in _JAPANESE if _KANA.search(rest) else _CHINESE:
        found = pattern.search(rest)
        if found and found[0] != rest:
            marks |= {mark} - {""}
            rest = pattern.sub("\n" if mark else "", rest)
    if "how" in marks or "where" in marks:
        marks.discard("can")
    parts = tuple(part for part in rest.split("\n") if part)
    return _Question(frozenset(marks), parts)


def _joined(question: _Question) -> str:
    text = "".join(question.parts)
    return _PARTICLES.sub("", text) if _KANA.search(text) else text


def _turned(question: _Question) -> str:
    first, *others = question.parts
    return _joined(_Question(question.marks, (*others, first)))


def _has_actor(question: _Question) -> bool:
    return len(question.parts) > 1 and _ANIMATE.match(question.parts[0][-1]) is not None


def _roles(question: _Question) -> list[str]:
    return _ROLES.findall("".join(question.parts))
