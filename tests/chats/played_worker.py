"""A worker played by the test: the repository's verbs and the real writer, without Celery and without an engine."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

from chats.database import in_database
from chats.groups import finished_hint, letter_to, letters_to, message_group
from chats.redis import async_redis
from chats.repository import work
from chats.repository.work import Result, Work
from inference.model_config import ModelConfig
from inference.stream import StreamBuffer, Writer
from inference.thinking import divide

STORED_WITHIN_S = 60.0


def claim(model: ModelConfig, *, session_id: UUID | None = None, worker_name: str = "played@test") -> Work | None:
    """Claim what is due in the model's queue."""
    return work.claim(
        compat_hash=model.compat_hash,
        session_id=session_id or uuid4(),
        worker_name=worker_name,
        worker_config={"max_parallel_requests": 1},
    )


def result(content: str = "A llama is a camelid.", **further: Any) -> Result:
    """What an attempt knows at its end."""
    known: dict[str, Any] = {"content": content, "epoch": 1, "generated_tokens": 5, "finish_reason": "eos_token"}
    return Result(**known | further)


class Attempt:
    """One attempt at one reply."""

    def __init__(self, claimed: Work) -> None:
        self.work = claimed
        self.message_id = claimed.message_id
        self._buffer = StreamBuffer(async_redis())
        self._writer = Writer(
            self._buffer,
            str(claimed.message_id),
            claimed.attempt,
            address=letters_to(message_group(claimed.message_id)),
            still_mine=lambda: in_database(work.still_mine, claimed.message_id, claimed.attempt),
        )

    @classmethod
    async def begins(cls, model: ModelConfig, *, goes_on: bool = True) -> "Attempt":
        """Claims what is due and opens its stream. `goes_on`: the engine can continue a text."""
        claimed = await in_database(claim, model)
        assert claimed is not None, f"nothing waits for {model.name}"
        attempt = cls(claimed)
        await attempt._writer.open(goes_on)
        return attempt

    @property
    def text(self) -> str:
        return self._writer.text

    async def says(self, *texts: str) -> None:
        """Each text as a token; returns when all of them are stored and published."""
        for text in texts:
            self._writer.push(text, 1)
        async with asyncio.timeout(STORED_WITHIN_S):
            await self._writer.flush()

    async def completes(self, finish_reason: str = "eos_token") -> bool:
        """Ends the reply: stream, row, hint. False: it was no longer this attempt's."""
        await self._writer.finish(finish_reason)
        return await self._told(work.complete, self._result(finish_reason))

    async def aborts(self, reason: str) -> bool:
        """Gives the reply up for good."""
        return await self._told(work.abort, self._result(), error=reason)

    async def releases(self, *, failed: bool = False) -> bool:
        """Gives the reply back to its queue."""
        return bool(await in_database(work.release, self.message_id, self.work.attempt, failed=failed))

    def _result(self, finish_reason: str = "") -> Result:
        text = self._writer.text
        thoughts, content = divide(text) if self.work.parameters.reasoning else ("", text)
        return Result(
            content=content,
            thoughts=thoughts,
            epoch=self._writer.epoch,
            generated_tokens=self._writer.tokens,
            finish_reason=finish_reason,
        )

    async def _told(self, verb: Any, ended: Result, **further: Any) -> bool:
        if not await in_database(verb, self.message_id, self.work.attempt, ended, **further):
            return False
        told = letter_to(message_group(self.message_id), finished_hint(self.message_id))
        await self._buffer.expire(str(self.message_id), letter=told)
        return True
