"""Personal data hidden from a provider that repeats what it was sent, and put back in its answers."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.chat.messages import ChatRequest, Chunk, Completion, Native
from sentinel_core.chat.streaming import Collector, replay
from sentinel_core.errors import ProviderRejectedError
from sentinel_core.providers.disguise import MOST_CHARACTERS, Disguise, disguise
from sentinel_core.providers.masking import Masking

pytestmark = pytest.mark.anyio

CARD, IBAN, MAIL = "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "alice@example.com"
PROMPT = f"Charge {CARD}, not {IBAN}; write to {MAIL}. Again: {CARD}."
SENT = "Charge [card-1], not [iban-1]; write to [e-mail-1]. Again: [card-1]."


def asking(prompt: str, **fields: Any) -> ChatRequest:
    return ChatRequest("fake", "small", ({"role": "user", "content": prompt},), **fields)


class Echo:
    """Answers with the prompt's words as it got them, in text and in the arguments of a call."""

    name = "fake"

    def __init__(self, pieces: Callable[[str], Iterable[str]] = lambda text: [text], *, ends: bool = True) -> None:
        self.requests: list[ChatRequest] = []
        self._pieces = pieces
        self._ends = ends

    def _answer(self, request: ChatRequest) -> Completion:
        self.requests.append(request)
        said = str(request.messages[-1]["content"])
        call: Any = {"id": "c", "type": "function", "function": {"name": "pay", "arguments": json.dumps({"to": said})}}
        return Completion("fake", "small", {"role": "assistant", "content": said, "tool_calls": [call]}, "stop")

    async def complete(self, request: ChatRequest, *, timeout: float) -> Completion:
        return self._answer(request)

    async def stream(
        self, request: ChatRequest, *, timeout: float, patience: float | None = None
    ) -> AsyncGenerator[Chunk, None]:
        chunks = list(replay(self._answer(request), id="x", created=0, pieces=self._pieces))
        for chunk in chunks if self._ends else chunks[:-1]:
            yield chunk

    async def aclose(self) -> None: ...


async def streamed(provider: Masking, request: ChatRequest) -> Completion:
    collector = Collector(provider="fake", model="small")
    async for chunk in provider.stream(request, timeout=1.0):
        collector.add(chunk)
    return collector.completion()


def arguments(completion: Completion) -> Any:
    message: Any = completion.message
    [call] = message["tool_calls"]
    return json.loads(call["function"]["arguments"])


async def test_the_provider_gets_placeholders_and_the_caller_the_data() -> None:
    echo = Echo()

    answer = await Masking(echo, is_on=True).complete(asking(PROMPT, hints={"user": MAIL}), timeout=1.0)

    [sent] = echo.requests
    assert (sent.messages[0]["content"], sent.hints) == (SENT, {"user": "[e-mail-1]"})
    assert (answer.text, arguments(answer)) == (PROMPT, {"to": PROMPT})


@pytest.mark.parametrize("ends", [True, False])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 100])
async def test_streams_put_the_data_back_wherever_they_are_cut(size: int, ends: bool) -> None:
    echo = Echo(lambda text: [text[at : at + size] for at in range(0, len(text), size)], ends=ends)

    answer = await streamed(Masking(echo, is_on=True), asking(PROMPT + " And [ca"))

    assert (answer.text, arguments(answer)) == (PROMPT + " And [ca", {"to": PROMPT + " And [ca"})
    assert answer.finish_reason == ("stop" if ends else "")


async def test_a_request_decides_before_the_setting() -> None:
    echo = Echo()
    for is_on, is_masked in ((True, False), (False, None), (False, True), (True, None)):
        await Masking(echo, is_on=is_on).complete(asking(PROMPT, is_masked=is_masked), timeout=1.0)

    assert [request.messages[0]["content"] for request in echo.requests] == [PROMPT, PROMPT, SENT, SENT]


async def test_every_message_part_and_argument_is_searched() -> None:
    echo = Echo()
    call: Any = {"id": "c", "function": {"name": "f", "arguments": json.dumps({"mail": MAIL})}}
    messages: Any = (
        {"role": "system", "content": f"Serve {MAIL}."},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": IBAN},
        {"role": "user", "content": [{"type": "text", "text": CARD}]},
    )

    await Masking(echo, is_on=True).complete(ChatRequest("fake", "small", messages), timeout=1.0)

    sent = json.dumps(echo.requests[0].messages)
    assert not [each for each in (MAIL, IBAN, CARD) if each in sent]
    assert sent.count("[e-mail-1]") == 2


async def test_placeholders_in_the_prompt_itself_stay_as_they_are() -> None:
    echo = Echo()
    prompt = f"What is [card-1]? Not {CARD}."

    answer = await Masking(echo, is_on=True).complete(asking(prompt), timeout=1.0)

    assert echo.requests[0].messages[0]["content"] == "What is [card-1]? Not [card-2]."
    assert answer.text == prompt


async def test_a_text_too_long_to_be_searched_is_refused() -> None:
    with pytest.raises(ProviderRejectedError) as refused:
        await Masking(Echo(), is_on=True).complete(asking("x" * (MOST_CHARACTERS + 1)), timeout=1.0)

    assert (refused.value.status, refused.value.error["code"]) == (413, "personal_data_unread")


@pytest.mark.no_cover  # many rounds of lines that other tests pass
def test_data_anywhere_in_a_long_text_of_numbers_is_found() -> None:
    filler = " ".join(str(number) for number in range(100, 6_000))
    for at in (0, 12_280, 16_380, len(filler)):
        place = filler.rfind(" ", 0, at) + 1
        hiding = disguise(asking(f"{filler[:place]}mail {MAIL} {filler[place:]}"))
        assert hiding is not None
        assert MAIL in hiding.originals.values()


def test_a_request_without_personal_data_is_sent_as_it_is() -> None:
    assert disguise(asking("What is [card-1]?")) is None


@given(
    st.lists(st.sampled_from([CARD, IBAN, MAIL, " ", "[", "]", "card-1", "[card-1", "é\n", 'a"b', "7"]), max_size=12)
)
def test_what_is_hidden_is_shown_again(pieces: list[str]) -> None:
    prompt = " ".join(pieces)
    request = asking(prompt)
    hiding = disguise(request)

    sent = prompt if hiding is None else str(hiding.hidden(request).messages[0]["content"])
    assert (sent if hiding is None else hiding.text(sent)) == prompt
    assert MAIL not in sent


async def test_a_request_in_anothers_words_is_hidden_too() -> None:
    echo = Echo()
    native = Native("anthropic", {"messages": [{"role": "user", "content": PROMPT}], "x": [MAIL]})
    await Masking(echo, is_on=True).complete(asking(PROMPT, native=native), timeout=1)

    hidden: Any = {"messages": [{"role": "user", "content": SENT}], "x": ["[e-mail-1]"]}
    assert echo.requests[0].native == Native("anthropic", hidden, is_passed_on=False)


class _Noted(dict[str, str]):
    """Data by placeholder, and how often one was looked up."""

    lookups = 0

    def get(self, key: str, default: Any = None) -> Any:
        self.lookups += 1
        return super().get(key, default)


def test_data_is_put_back_in_one_pass_however_many_placeholders() -> None:
    originals = _Noted({f"[e-mail-{at}]": f'"{at}"@example.com [e-mail-1]' for at in range(9_000)})
    hiding = Disguise(originals, {})

    assert hiding.text("to [e-mail-7], [no-mail] and [e-mail-9000] [1]") == (
        'to "7"@example.com [e-mail-1], [no-mail] and [e-mail-9000] [1]'
    )
    assert hiding.text("[e-mail-7]", is_json=True) == '\\"7\\"@example.com [e-mail-1]'
    assert originals.lookups == 5


@pytest.mark.parametrize(
    ("text", "begun"),
    [("a [e-mai", 2), ("a [", 2), ("a [e-mail-1]", 12), ("a [x", 4), ("a" * 99 + "[e-", 99), ("[ " * 30, 60)],
)
def test_the_beginning_of_a_placeholder_is_found_at_the_end(text: str, begun: int) -> None:
    assert Disguise({"[e-mail-1]": "a@example.com"}, {}).begun(text) == begun
