"""Thirty styles of requests with passages, from JSON to transcripts, to find where right hits are lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from textwrap import fill, indent

Envelope = Callable[[Sequence[str], str], str]


def _lines(passages: Sequence[str], form: str) -> str:
    return "\n".join(form.format(n=number, text=text) for number, text in enumerate(passages, 1))


def _json_chunks(passages: Sequence[str], question: str) -> str:
    chunks = [{"id": number, "score": 0.8, "text": text} for number, text in enumerate(passages, 1)]
    return json.dumps({"chunks": chunks, "user_question": question}, indent=2)


def _json_question_first(passages: Sequence[str], question: str) -> str:
    return json.dumps({"q": question, "docs": {f"doc{number}": text for number, text in enumerate(passages)}})


def _json_messages(passages: Sequence[str], question: str) -> str:
    return json.dumps([{"role": "context", "content": " ".join(passages)}, {"role": "user", "content": question}])


def _json_lines(passages: Sequence[str], question: str) -> str:
    return "\n".join(json.dumps({"passage": text}) for text in passages) + "\n" + json.dumps({"question": question})


def _xml_attributes(passages: Sequence[str], question: str) -> str:
    found = "".join(f'<p id="{number}" text="{text}"/>' for number, text in enumerate(passages, 1))
    return f"<request><sources>{found}</sources><ask>{question}</ask></request>"


def _xml_nested(passages: Sequence[str], question: str) -> str:
    found = _lines(passages, "  <doc>\n    <source>file_{n}.txt</source>\n    <body>\n{text}\n    </body>\n  </doc>")
    return f"<docs>\n{found}\n</docs>\n\n<user_query>\n{question}\n</user_query>"


def _bare_tags(passages: Sequence[str], question: str) -> str:
    return f"<ctx>{' '.join(passages)}</ctx> {question}"


def _rules(passages: Sequence[str], question: str) -> str:
    found = "\n---\n".join(passages)
    return f"{found}\n---\n\n{question}"


def _bold(passages: Sequence[str], question: str) -> str:
    return f"**Background:** {' '.join(passages)}\n\n**My question:** {question}"


def _quoted_block(passages: Sequence[str], question: str) -> str:
    return f"{_lines(passages, '> {text}')}\n\n{question}"


def _markdown_question_first(passages: Sequence[str], question: str) -> str:
    return f"# {question}\n\n{_lines(passages, '* {text}')}"


def _nested_list(passages: Sequence[str], question: str) -> str:
    return f"- Knowledge\n{_lines(passages, '  - {text}')}\n- Query\n  - {question}"


def _transcript(passages: Sequence[str], question: str) -> str:
    turns = "\n".join(f"User: Go on.\nAssistant: {text}" for text in passages)
    return f"{turns}\nUser: {question}\nAssistant:"


def _human_assistant(passages: Sequence[str], question: str) -> str:
    return f"\n\nHuman: Here is what I know. {' '.join(passages)}\n\n{question}\n\nAssistant:"


def _im_start(passages: Sequence[str], question: str) -> str:
    return f"<|im_start|>system\n{' '.join(passages)}<|im_end|>\n<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n"  # noqa: E501


def _times(passages: Sequence[str], question: str) -> str:
    return f"{_lines(passages, '[10:0{n}] agent: {text}')}\n[10:09] customer: {question}"


def _numbered(passages: Sequence[str], question: str) -> str:
    return f"{_lines(passages, '{n}. {text}')}\n\nUsing the numbered passages, answer: {question}"


def _citations(passages: Sequence[str], question: str) -> str:
    return f"{_lines(passages, '{text} [{n}]')}\n\n{question} Cite the numbers of the passages you used."


def _citations_first(passages: Sequence[str], question: str) -> str:
    return f"Cite as (Doc n). {question}\n{_lines(passages, '(Doc {n}) {text}')}"


def _in_between(passages: Sequence[str], question: str) -> str:
    half = len(passages) // 2 or 1
    return f"{_lines(passages[:half], 'Source {n}: {text}')}\n\n>>> {question}\n\n{_lines(passages[half:], 'More: {text}')}"  # noqa: E501


def _sentence_after(passages: Sequence[str], question: str) -> str:
    return f"{' '.join(passages)} Now please tell me this: {question} Thank you."


def _sentence_before(passages: Sequence[str], question: str) -> str:
    return f"{question} You may use only what follows. {' '.join(passages)}"


def _no_marks(passages: Sequence[str], question: str) -> str:
    return f"{' '.join(passages)}\n{question}"


def _wrapped(passages: Sequence[str], question: str) -> str:
    return f"CONTEXT\n{fill(' '.join(passages), 72)}\n\nQUESTION\n{fill(question, 72)}\n\nANSWER\n"


def _indented(passages: Sequence[str], question: str) -> str:
    return f"Notes:\n{indent(chr(10).join(passages), '    ')}\n\nAsk:\n    {question}"


def _wide(passages: Sequence[str], question: str) -> str:
    return f"Context :\n\n\n{'  '.join(passages)}\n\n\n\nQuestion :   {question}\n\n"


def _french(passages: Sequence[str], question: str) -> str:
    return f"Réponds uniquement à partir du contexte.\n\nContexte : {' '.join(passages)}\n\nQuestion : {question}\n\nRéponse :"  # noqa: E501


def _spanish(passages: Sequence[str], question: str) -> str:
    return f"Usa los siguientes fragmentos para responder.\n{_lines(passages, '({n}) {text}')}\nPregunta: {question}"


def _japanese(passages: Sequence[str], question: str) -> str:
    return f"以下の資料だけを使って質問に答えてください。\n資料: {' '.join(passages)}\n質問: {question}\n回答:"


def _csv(passages: Sequence[str], question: str) -> str:
    return "id,text\n" + _lines(passages, '{n},"{text}"') + f"\n\nquestion,{question}"


def _equals(passages: Sequence[str], question: str) -> str:
    return f"== DOCUMENTS ==\n{_lines(passages, '[[{n}]] {text}')}\n== QUESTION ==\n{question}\n== END =="


STYLES: dict[str, Envelope] = {
    "json_chunks": _json_chunks, "json_question_first": _json_question_first, "json_messages": _json_messages,
    "json_lines": _json_lines, "xml_attributes": _xml_attributes, "xml_nested": _xml_nested, "bare_tags": _bare_tags,
    "rules": _rules, "bold": _bold, "quoted_block": _quoted_block,
    "markdown_question_first": _markdown_question_first, "nested_list": _nested_list, "transcript": _transcript,
    "human_assistant": _human_assistant, "im_start": _im_start, "times": _times, "numbered_after": _numbered,
    "citations": _citations, "citations_first": _citations_first, "in_between": _in_between,
    "sentence_after": _sentence_after, "sentence_before": _sentence_before, "no_marks": _no_marks,
    "wrapped": _wrapped, "indented": _indented, "wide": _wide, "french": _french, "spanish": _spanish,
    "japanese": _japanese, "csv": _csv, "equals": _equals,
}  # fmt: skip
