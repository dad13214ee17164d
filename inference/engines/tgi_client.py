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
from contextlib import aclosing
from typing import Any, NamedTuple

import aiohttp
import orjson
from pydantic import ValidationError
from text_generation import AsyncClient
from text_generation.errors import parse_error
from text_generation.types import Parameters, Request, StreamDetails, StreamResponse

from inference.rhythm import Rhythm

_LONGEST_LINE = 16 * 1024 * 1024
"""Bytes. The last event repeats the whole reply; more than this is no reply."""
_LONGEST_ERROR = 64 * 1024
"""Bytes of an error's body that are read."""
_KEPT_S = 4.0
"""A connection that is not used for so long is closed: servers close theirs after 5 seconds (uvicorn) or later."""
_TRIES = 3
"""Connections tried for one request, as long as it met kept ones that had been closed meanwhile."""
_LET_GO_S = 1.0
"""The longest wait for the end of an answer whose last token is there, so that its connection can be kept."""


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
    """One TGI server. Belongs to one event loop.

    A connection is kept for a while after its answer has ended: a new one costs a round trip, with TLS three. The
    server may have closed a kept one meanwhile: whoever meets such a one before any answer has begun asks again.

    Raises the library's errors, aiohttp's, ``TimeoutError`` and ``UnexpectedAnswer``.
    """

    def __init__(self, url: str, *, api_key: str | None, connect_timeout_s: float, rhythm: Rhythm) -> None:
        """rhythm: in which the streams are read."""
        super().__init__(url, headers={"Authorization": f"Bearer {api_key}"} if api_key else None)
        self.timeout = aiohttp.ClientTimeout(total=None, connect=connect_timeout_s)
        self._session: aiohttp.ClientSession | None = None
        self._letting_go: set[asyncio.Task[None]] = set()
        self._rhythm = rhythm

    async def generate_stream(
        self, prompt: str, *, token_timeout_s: float, **parameters: Any
    ) -> AsyncGenerator[list[StreamToken], None]:
        """Stream a reply's tokens, those together that came in one go. Closing the generator closes the connection,
        unless the last token has come.

        With many streams each is read in its turn only. A list is emptied when the next one is asked for.

        token_timeout_s: the longest silence before a token, waiting for the reader not counted.
        parameters: those of the library's ``Parameters``.
        """
        request = Request(inputs=prompt, stream=True, parameters=Parameters(details=True, **parameters))
        async with asyncio.timeout(token_timeout_s):
            response = await self._request("POST", "/generate_stream", request.model_dump(exclude_none=True))
        ended = False
        clock = asyncio.get_running_loop().time
        self._rhythm.join()
        try:
            if response.status != 200 or response.content_type != "text/event-stream":
                async with asyncio.timeout(token_timeout_s):
                    raise await self._error(response)
            turn = clock()
            async with aclosing(_read(response, token_timeout_s)) as reads:
                async for tokens in reads:
                    waited_s = clock() - turn
                    ended = tokens[-1].end is not None
                    # One after a long wait: its tokens come more seldom than its turns. Several: the process is late.
                    is_seldom = len(tokens) == 1 and waited_s >= self._rhythm.pause_s
                    yield tokens
                    tokens.clear()  # as much as came in one go; nobody needs it while this waits
                    if not ended and not is_seldom:
                        await _hold(response, self._rhythm.wait_s(clock()))
                    turn = clock()
        finally:
            self._rhythm.leave()
            if ended:
                self._let_go(response)
            else:
                response.close()

    async def call(self, method: str, path: str, body: object = None, *, timeout_s: float) -> Any:
        """One request and its JSON answer; None for an empty one. ``timeout_s`` bounds all of it."""
        async with asyncio.timeout(timeout_s):
            async with await self._request(method, path, body) as response:
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
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEPT_S),
                trace_configs=[_noting_kept_connections()],
                headers=self.headers,
                timeout=self.timeout,
                json_serialize=lambda value: orjson.dumps(value).decode(),
            )
        return self._session

    async def aclose(self) -> None:
        """Close all connections; the next call opens anew."""
        for task in self._letting_go:
            task.cancel()
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    async def _request(self, method: str, path: str, body: object) -> aiohttp.ClientResponse:
        """The answer as it begins. Asks again where a kept connection had been closed before that."""
        for tries_left in reversed(range(_TRIES)):
            kept: list[bool] = []
            try:
                return await self.session.request(method, self.base_url + path, json=body, trace_request_ctx=kept)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                if not kept or not tries_left:
                    raise
        raise AssertionError("the last try returns or raises")

    def _let_go(self, response: aiohttp.ClientResponse) -> None:
        """Keep the connection for the next call, once the answer has ended; mostly that is in what comes next."""
        task = asyncio.create_task(_read_to_the_end(response), name="letting an engine's connection go")
        self._letting_go.add(task)
        task.add_done_callback(self._letting_go.discard)

    async def _error(self, response: aiohttp.ClientResponse) -> Exception:
        """What an answer that is no success says."""
        body = b""
        while part := await response.content.read(_LONGEST_ERROR - len(body)):
            body += part
        try:
            return _parsed_error(response.status, orjson.loads(body))
        except orjson.JSONDecodeError:
            return UnexpectedAnswer(response.status, body.decode(errors="replace").strip())


async def _read_to_the_end(response: aiohttp.ClientResponse) -> None:
    try:
        async with asyncio.timeout(_LET_GO_S):
            while await response.content.readany():
                pass
    except (aiohttp.ClientError, OSError, TimeoutError):
        pass
    finally:
        response.close()  # only what has not ended


def _noting_kept_connections() -> aiohttp.TraceConfig:
    """Tells a request whether it goes out on a connection that was used before, by an entry in its context."""
    config = aiohttp.TraceConfig()

    async def note(_: object, context: Any, __: object) -> None:
        if context.trace_request_ctx is not None:
            context.trace_request_ctx.append(True)

    config.on_connection_reuseconn.append(note)
    return config


async def _read(response: aiohttp.ClientResponse, token_timeout_s: float) -> AsyncGenerator[list[StreamToken], None]:
    """The tokens of each read that brought some."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + token_timeout_s
    pending = b""
    while True:
        async with asyncio.timeout_at(deadline):
            received = await response.content.readany()
        *lines, pending = (pending + received).split(b"\n") if received else (pending, b"")
        if len(pending) > _LONGEST_LINE:
            raise UnexpectedAnswer(response.status, f"a line of more than {_LONGEST_LINE} bytes")
        over = not received
        received = b""  # and no more of it is kept than is needed: many streams may have much of it
        tokens: list[StreamToken] = []
        try:
            tokens.extend(_tokens(response.status, lines))
        except Exception:
            if tokens:  # what came before the error is good
                yield tokens
            raise
        lines.clear()
        if tokens:
            yield tokens
            deadline = clock() + token_timeout_s
        if over:
            return


async def _hold(response: aiohttp.ClientResponse, seconds: float) -> None:
    """Leave what comes meanwhile in the kernel. An answer that is here whole is not held up."""
    transport = response.connection.transport if seconds and response.connection is not None else None
    if transport is None or transport.is_closing():
        return
    transport.pause_reading()
    await asyncio.sleep(seconds)
    if not transport.is_closing():
        transport.resume_reading()


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
