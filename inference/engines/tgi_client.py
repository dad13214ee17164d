"""text-generation-inference over HTTP: the ``text_generation`` client with its transport replaced.

Request validation, response types and error parsing are the library's. What it streams through is ours,
because the library's own

- reads lines of at most 128 KiB (aiohttp's ``readline``), and TGI's last line repeats the whole reply: every
  long reply would fail at its very end;
- opens a session, so a resolver and a pool, per call;
- cannot time tokens: keepalive comments reset every timeout it knows.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from typing import Any, NamedTuple

import aiohttp
import orjson
from pydantic import ValidationError
from text_generation import AsyncClient
from text_generation.errors import parse_error
from text_generation.types import Parameters, Request, StreamDetails, StreamResponse

_LONGEST_LINE = 16 * 1024 * 1024
"""Bytes. The last event repeats the whole reply; more than this is no reply."""
_LONGEST_ERROR = 64 * 1024
"""Bytes of an error's body that are read."""


class Details(StreamDetails):
    """The library leaves out the length of the prompt, in tokens."""

    input_length: int | None = None


class Event(StreamResponse):
    """One token; the last one carries the whole text and the details."""

    details: Details | None = None


class StreamToken(NamedTuple):
    """One token of a stream. `end`: the whole event, when it is the last one."""

    text: str
    special: bool
    end: Event | None = None


class UnexpectedAnswer(Exception):
    """An answer that is no TGI answer: its status and the beginning of what it said."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(f"HTTP {status}: {said[:200]}" if said else f"HTTP {status} without a word")
        self.status = status


class TGIClient(AsyncClient):
    """One TGI server. Belongs to one event loop; every call has its own connection.

    A connection kept from an earlier call may have been closed by the server meanwhile, which would fail a
    reply; a new one costs a round trip.

    Raises the library's errors, aiohttp's, ``TimeoutError`` and ``UnexpectedAnswer``.
    """

    def __init__(self, url: str, *, api_key: str | None, connect_timeout_s: float) -> None:
        super().__init__(url, headers={"Authorization": f"Bearer {api_key}"} if api_key else None)
        self.timeout = aiohttp.ClientTimeout(total=None, connect=connect_timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def generate_stream(
        self, prompt: str, *, token_timeout_s: float, **parameters: Any
    ) -> AsyncGenerator[list[StreamToken], None]:
        """Stream a reply's tokens, those together that came in one go. Closing the generator closes the connection.

        token_timeout_s: the longest silence before a token, waiting for the reader not counted.
        parameters: those of the library's ``Parameters``.
        """
        request = Request(inputs=prompt, stream=True, parameters=Parameters(details=True, **parameters))
        response = await self._post("/generate_stream", request.model_dump(exclude_none=True), token_timeout_s)
        try:
            if response.status != 200 or response.content_type != "text/event-stream":
                async with asyncio.timeout(token_timeout_s):
                    raise await self._error(response)
            clock = asyncio.get_running_loop().time
            deadline = clock() + token_timeout_s
            pending = b""
            while True:
                async with asyncio.timeout_at(deadline):
                    received = await response.content.readany()
                *lines, pending = (pending + received).split(b"\n") if received else (pending, b"")
                if len(pending) > _LONGEST_LINE:
                    raise UnexpectedAnswer(response.status, f"a line of more than {_LONGEST_LINE} bytes")
                tokens: list[StreamToken] = []
                try:
                    tokens.extend(_tokens(response.status, lines))
                except Exception:
                    if tokens:  # what came before the error is good
                        yield tokens
                    raise
                if tokens:
                    yield tokens
                    deadline = clock() + token_timeout_s
                if not received:
                    return
        finally:
            response.close()

    async def call(self, method: str, path: str, body: object = None, *, timeout_s: float) -> Any:
        """One request and its JSON answer; None for an empty one. ``timeout_s`` bounds all of it."""
        async with asyncio.timeout(timeout_s):
            async with self.session.request(method, self.base_url + path, json=body) as response:
                if response.status != 200:
                    raise await self._error(response)
                answer = await response.read()
        if not answer:
            return None
        try:
            return orjson.loads(answer)
        except orjson.JSONDecodeError as error:
            raise UnexpectedAnswer(200, answer[:200].decode(errors="replace")) from error

    async def answers(self, path: str, *, timeout_s: float) -> bool:
        """Does GET succeed in time? Never raises for a server that does not answer."""
        try:
            async with asyncio.timeout(timeout_s), self.session.get(self.base_url + path) as response:
                return response.status == 200
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False

    @property
    def session(self) -> aiohttp.ClientSession:
        """The session of this client, made on the event loop that first needs it."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, force_close=True),
                headers=self.headers,
                timeout=self.timeout,
                json_serialize=lambda value: orjson.dumps(value).decode(),
            )
        return self._session

    async def aclose(self) -> None:
        """Close all connections; the next call opens anew."""
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    async def _post(self, path: str, body: object, timeout_s: float) -> aiohttp.ClientResponse:
        async with asyncio.timeout(timeout_s):
            return await self.session.post(self.base_url + path, json=body)

    async def _error(self, response: aiohttp.ClientResponse) -> Exception:
        """What an answer that is no success says."""
        body = b""
        while part := await response.content.read(_LONGEST_ERROR - len(body)):
            body += part
        try:
            return _parsed_error(response.status, orjson.loads(body))
        except orjson.JSONDecodeError:
            return UnexpectedAnswer(response.status, body.decode(errors="replace").strip())


def _tokens(status: int, lines: list[bytes]) -> Iterator[StreamToken]:
    for line in lines:
        if line.startswith(b"data:") and not _is_the_end_mark(line):
            token = _token(status, line[5:])
            yield token
            if token.end is not None:
                return


def _token(status: int, data: bytes) -> StreamToken:
    """The token in one event. What is not plainly a token in mid-stream is left to the library's types to judge."""
    try:
        payload = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise UnexpectedAnswer(status, data[:200].decode(errors="replace").strip()) from error
    try:
        text, special = payload["token"]["text"], payload["token"]["special"]
        plain = type(text) is str and type(special) is bool and payload["details"] is None
    except (KeyError, TypeError):
        plain = False
    if plain:
        return StreamToken(text, special)
    try:
        event = Event.model_validate(payload)
    except ValidationError as error:
        raise _parsed_error(status, payload) from error
    return StreamToken(event.token.text, event.token.special, event if event.details is not None else None)


def _parsed_error(status: int, payload: object) -> Exception:
    """The library's error for a payload; its parser needs a key ``error``, which other servers do not send."""
    if isinstance(payload, dict) and "error" in payload:
        message = payload["error"]
        text = message if isinstance(message, str) else orjson.dumps(message).decode()
        error: Exception = parse_error(status, {**payload, "error": text})
        error.status = status  # type: ignore[attr-defined]
        return error
    return UnexpectedAnswer(status, orjson.dumps(payload).decode())


def _is_the_end_mark(line: bytes) -> bool:
    """``data: [DONE]``, which OpenAI-like servers and proxies send where TGI sends nothing."""
    return line[5:].strip() == b"[DONE]"
