"""The stream buffer: the text so far of each running reply, in Redis; for asyncio and for sync code.

Every method raises redis.RedisError when Redis does not answer or refuses; none tries twice, except that a
connection found dead (Redis was restarted) is opened again once.
"""

from collections.abc import Sequence
from typing import Any, Final, Literal, Self, cast

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, ResponseError
from redis.retry import Retry

from inference.rhythm import Rhythm
from inference.stream.flights import Flights
from inference.stream.pipeline import Command, replies_to
from inference.stream.script import (
    FINAL_TTL_S,
    Letter,
    Opened,
    Script,
    Snapshot,
    Verdict,
    read_opened,
    read_snapshot,
)

SNAPSHOT_BYTES: Final = 256 * 1024
LOOK_BATCH: Final = 200  # messages in one look pipeline

_CONNECT_TIMEOUT_S: Final = 1.0
_REPLY_TIMEOUT_S: Final = 2.0

Look = dict[str, tuple[int | None, int]]
"""Message id -> epoch (None: no stream) and length in bytes."""


def _check(client: redis.Redis | redis.asyncio.Redis) -> None:
    if client.connection_pool.connection_kwargs.get("decode_responses"):
        raise ValueError("the stream buffer needs a Redis client with decode_responses=False: it counts bytes")


class StreamBuffer:
    """The buffer for asyncio. Use it in one event loop only, as the client it is given."""

    def __init__(
        self,
        client: redis.asyncio.Redis,
        *,
        prefix: str = "",
        script: Script | None = None,
        rhythm: Rhythm | None = None,
    ) -> None:
        """client: with decode_responses=False and a socket_timeout. prefix: put before every key.
        rhythm: in which the writers of this buffer write.
        """
        _check(client)
        self._client = client
        self._run_command: Any = client.execute_command
        self._script = script or Script(prefix)
        self._flights = Flights(client)
        self.rhythm = rhythm or Rhythm()

    @classmethod
    def from_url(cls, url: str, *, prefix: str = "", timeout_s: float = _REPLY_TIMEOUT_S) -> Self:
        """A buffer with a client of its own, closed by aclose(). timeout_s: the longest wait for a reply."""
        retry = AsyncRetry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
        client = redis.asyncio.Redis.from_url(
            url, socket_timeout=timeout_s, socket_connect_timeout=_CONNECT_TIMEOUT_S, retry=retry
        )
        return cls(client, prefix=prefix)

    async def aclose(self) -> None:
        await self._client.aclose()

    async def open(self, message_id: str, attempt: int, continue_: bool) -> Opened | Literal[Verdict.FENCED]:
        """Takes the stream for `attempt` and fences every earlier one.

        continue_: keep the text that is there (a finished one is kept anyway); else, or when there is none,
        the text begins from empty and a new epoch with it. The same attempt again changes nothing.
        """
        return read_opened(await self._run(self._script.open(message_id, attempt, continue_)))

    async def write(
        self,
        message_id: str,
        attempt: int,
        offset: int,
        data: bytes,
        tokens: int,
        finish_reason: str | None,
        letter: Letter | None = None,
    ) -> Verdict:
        """Appends `data` (UTF-8, whole code points) if the text is `offset` bytes and `attempt` has it.

        letter: published if, and as soon as, that was done. Flies with the writes of other streams.
        """
        args = self._script.write(message_id, attempt, offset, data, tokens, finish_reason, letter)
        try:
            return Verdict(await self._flights.send(("EVALSHA", self._script.sha, *args)))
        except NoScriptError:
            return Verdict(await self._run_command("EVAL", self._script.lua, *args))

    async def publish(self, letter: Letter) -> None:
        """Publishes what goes with no change of the stream."""
        await self._flights.send(("PUBLISH", *letter))

    async def seed(
        self, message_id: str, attempt: int, epoch: int, data: bytes, tokens: int, finish_reason: str | None
    ) -> Verdict:
        """Puts the whole stream there anew: OK or FENCED. Ask first whether the attempt is still yours."""
        args = self._script.seed(message_id, attempt, epoch, data, tokens, finish_reason)
        return Verdict(await self._run(args))

    async def snapshot(self, message_id: str, position: int, limit: int = SNAPSHOT_BYTES) -> Snapshot | None:
        """Epoch and text from byte `position` on, at most `limit` (>= 4) bytes; None: there is no stream."""
        pipe = self._client.pipeline(transaction=True)
        _ask_snapshot(pipe, self._script, message_id, position, limit)
        return read_snapshot(position, *await pipe.execute())

    async def look(self, message_ids: Sequence[str]) -> Look:
        """Epoch and length of many streams, for the idle look."""
        found: Look = {}
        for start in range(0, len(message_ids), LOOK_BATCH):
            batch = message_ids[start : start + LOOK_BATCH]
            commands = [command for each in batch for command in _look_commands(self._script, each)]
            found |= _read_look(batch, _granted(await replies_to(self._client, commands)))
        return found

    async def fences(self, message_ids: Sequence[str]) -> dict[str, int | None]:
        """The attempt that holds each stream (None: no stream). A worker with a lower one has lost it."""
        if not message_ids:
            return {}
        commands = [("HGET", self._script.meta_key(message_id), "a") for message_id in message_ids]
        return _read_fences(message_ids, _granted(await replies_to(self._client, commands)))

    async def expire(self, message_id: str, seconds: int = FINAL_TTL_S, *, letter: Letter | None = None) -> None:
        """The final row is stored: keep the stream only so long. letter: published with it."""
        pipe = self._client.pipeline(transaction=False)
        if letter is not None:
            pipe.publish(*letter)
        _ask_expire(pipe, self._script, message_id, seconds)
        await pipe.execute()

    async def _run(self, args: tuple[Any, ...]) -> Any:
        try:
            return await self._run_command("EVALSHA", self._script.sha, *args)
        except NoScriptError:  # first use, FLUSHALL with SCRIPT FLUSH, another server
            return await self._run_command("EVAL", self._script.lua, *args)


class SyncStreamBuffer:
    """The buffer for sync code: cancel, timeout, delete."""

    def __init__(self, client: redis.Redis, *, prefix: str = "", script: Script | None = None) -> None:
        """client: with decode_responses=False and a socket_timeout. prefix: put before every key."""
        _check(client)
        self._client = client
        self._run_command: Any = client.execute_command
        self._script = script or Script(prefix)

    @classmethod
    def from_url(cls, url: str, *, prefix: str = "", timeout_s: float = 0.5) -> Self:
        """A buffer with a client of its own, closed by close(). timeout_s: to connect, and for a reply."""
        retry = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
        client = redis.Redis.from_url(url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s, retry=retry)
        return cls(client, prefix=prefix)

    def close(self) -> None:
        self._client.close()

    def open(self, message_id: str, attempt: int, continue_: bool) -> Opened | Literal[Verdict.FENCED]:
        """As StreamBuffer.open: fences every earlier attempt and returns the text shown so far."""
        return read_opened(self._run(self._script.open(message_id, attempt, continue_)))

    def write(
        self, message_id: str, attempt: int, offset: int, data: bytes, tokens: int, finish_reason: str | None
    ) -> Verdict:
        """As StreamBuffer.write."""
        return Verdict(self._run(self._script.write(message_id, attempt, offset, data, tokens, finish_reason, None)))

    def seed(
        self, message_id: str, attempt: int, epoch: int, data: bytes, tokens: int, finish_reason: str | None
    ) -> Verdict:
        """As StreamBuffer.seed."""
        return Verdict(self._run(self._script.seed(message_id, attempt, epoch, data, tokens, finish_reason)))

    def snapshot(self, message_id: str, position: int, limit: int = SNAPSHOT_BYTES) -> Snapshot | None:
        """As StreamBuffer.snapshot."""
        pipe = self._client.pipeline(transaction=True)
        _ask_snapshot(pipe, self._script, message_id, position, limit)
        return read_snapshot(position, *pipe.execute())

    def look(self, message_ids: Sequence[str]) -> Look:
        """As StreamBuffer.look."""
        if not message_ids:
            return {}
        pipe: Any = self._client.pipeline(transaction=False)
        for message_id in message_ids:
            for command in _look_commands(self._script, message_id):
                pipe.execute_command(*command)
        return _read_look(message_ids, pipe.execute())

    def expire(self, message_id: str, seconds: int = FINAL_TTL_S) -> None:
        """As StreamBuffer.expire."""
        pipe = self._client.pipeline(transaction=False)
        _ask_expire(pipe, self._script, message_id, seconds)
        pipe.execute()

    def _run(self, args: tuple[Any, ...]) -> Any:
        try:
            return self._run_command("EVALSHA", self._script.sha, *args)
        except NoScriptError:
            return self._run_command("EVAL", self._script.lua, *args)


# Pipelines of both clients take the same calls; only execute() differs.


def _ask_snapshot(pipe: Any, script: Script, message_id: str, position: int, limit: int) -> None:
    key = script.text_key(message_id)
    pipe.hget(script.meta_key(message_id), "e")
    pipe.getrange(key, position, position + limit - 1)
    pipe.strlen(key)


def _look_commands(script: Script, message_id: str) -> tuple[Command, Command]:
    return ("HGET", script.meta_key(message_id), "e"), ("STRLEN", script.text_key(message_id))


def _granted(replies: list[Any]) -> list[Any]:
    """The replies; raises the first refusal among them."""
    for reply in replies:
        if isinstance(reply, ResponseError):
            raise reply
    return replies


def _read_look(message_ids: Sequence[str], replies: list[Any]) -> Look:
    pairs = zip(replies[::2], replies[1::2], strict=True)
    return {
        message_id: (None if epoch is None else int(epoch), cast(int, length))
        for message_id, (epoch, length) in zip(message_ids, pairs, strict=True)
    }


def _read_fences(message_ids: Sequence[str], replies: list[Any]) -> dict[str, int | None]:
    return {
        message_id: None if attempt is None else int(attempt)
        for message_id, attempt in zip(message_ids, replies, strict=True)
    }


def _ask_expire(pipe: Any, script: Script, message_id: str, seconds: int) -> None:
    pipe.expire(script.meta_key(message_id), seconds)
    pipe.expire(script.text_key(message_id), seconds)
