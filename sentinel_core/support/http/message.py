"""HTTP/1.1 requests as bytes, and the limits of their responses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence

import httpx

Headers = Sequence[tuple[bytes, bytes]]


class RefusedResponseError(httpx.RequestError):
    """The response is larger than allowed, or packed in an encoding that the request did not ask for."""


def head_of(request: httpx.Request) -> bytes:
    """Return request line and headers; raises httpx.LocalProtocolError for line ends within a header."""
    lines = [b"%s %s HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)]
    lines += [name + b": " + value for name, value in request.headers.raw]
    return _checked(b"\r\n".join(lines) + b"\r\n\r\n", len(lines))


def with_headers(request_line: bytes, headers: Mapping[str, str]) -> bytes:
    """Add headers to a request line and a host header; raises httpx.LocalProtocolError as `head_of` does."""
    lines = "".join([f"\r\n{name}: {value}" for name, value in headers.items()])
    return _checked(request_line + lines.encode("ascii", "replace") + b"\r\n\r\n", len(headers) + 2)


def framed(request: httpx.Request, body: bytes) -> bytes:
    """Frame the body as the headers promise: whole, or as one chunk where httpx did not know its length."""
    if "transfer-encoding" not in request.headers:
        return body
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"


def as_text(headers: Headers) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


def check_encoding(headers: Headers, accepted: str, unpacked: Collection[str] = ()) -> bool:
    """
    Return whether the body has to be unpacked: it is packed in one of the ways `unpacked`, which was not asked for.

    Raises RefusedResponseError if it is packed in another way that `accepted` (an Accept-Encoding) does not name.
    """
    packed = _listed(value.decode("latin-1") for name, value in headers if name.lower() == b"content-encoding")
    unasked = packed - {"identity"} - _listed([accepted])
    if len(unasked) > 1 or not unasked <= set(unpacked):
        raise RefusedResponseError("its response has an encoding that was not asked for")
    return bool(unasked)


def without_packing(headers: Headers) -> Headers:
    """Return the headers of the unpacked body."""
    gone = (b"content-encoding", b"content-length")
    return [(name, value) for name, value in headers if name.lower() not in gone]


def check_length(headers: Headers, most: int | None) -> None:
    """Raise RefusedResponseError if the response announces more than `most` bytes."""
    if most is None:
        return
    length = next((value for name, value in headers if name.lower() == b"content-length"), b"0")
    if int(length) > most:
        raise too_large(most)


async def read_limited(parts: AsyncIterator[bytes], most: int) -> bytes:
    """Return a whole body; raise RefusedResponseError as soon as it is larger than `most` bytes."""
    read = bytearray()
    async for part in parts:
        read += part
        if len(read) > most:
            raise too_large(most)
    return bytes(read)


def too_large(most: int) -> RefusedResponseError:
    return RefusedResponseError(f"its response is larger than {most} bytes")


def _listed(values: Iterable[str]) -> set[str]:
    return {name for value in values for part in value.split(",") if (name := part.partition(";")[0].strip().lower())}


def _checked(head: bytes, lines: int) -> bytes:
    if head.count(b"\n") != lines + 1 or head.count(b"\r") != lines + 1 or b"\0" in head:
        raise httpx.LocalProtocolError("a line end in a header")
    return head
