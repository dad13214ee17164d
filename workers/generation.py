"""One attempt at one reply: the engine's tokens into the stream, over the engine's failures, until an outcome.

All of it runs on the process's event loop and touches no database but through the two questions it is given.

1. Open the stream. A reason to finish is there already: the last worker died between its last write and the row.
2. Fit the prompt, which ends in the text so far; what earlier attempts spent comes off the budget.
3. Engine -> stop filter -> writer. The engine breaks off: wait a little, then 2 again with what is shown.
4. Write the reason to finish with the last bytes. Whoever called stores the row.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any, Final

from chats.repository.work import Result, Work
from chats.telemetry import privacy, tracing
from inference.catalogue import ModelConfig
from inference.engines import (
    Engine,
    EngineError,
    EngineOverloaded,
    EngineRequest,
    Finished,
    TextChunk,
)
from inference.events import StreamEvent
from inference.prompts import get_format
from inference.stops import StopFilter
from inference.stream import Fenced, Letter, StreamBuffer, StreamError, StreamRefused, Writer
from inference.thinking import BEGINS, divide
from inference.truncation import FittedPrompt, PromptTooLong, fit
from workers.engine_words import engine_error_told
from workers.in_flight import InFlight, RunningReply, StopReason
from workers.outcomes import Aborted, Completed, Drained, Failed, Lost, Outcome
from workers.token_tally import TokenTally

logger = logging.getLogger(__name__)

ENGINE_TRIES: Final = 4
"""Failures of the engine in a row, without a token between them, before the reply is given back."""
FIRST_PAUSE_S: Final = 0.25
LONGEST_PAUSE_S: Final = 4.0
OVERLOAD_PATIENCE_S: Final = 30.0
"""How long an engine may answer 429 before the reply is given back: it works, for others."""
DRAIN_FLUSH_S: Final = 1.5


class EngineGivesUp(Exception):
    """The engine stays down, keeps failing, or cannot go on from the text that is shown."""


class CannotBeDone(Exception):
    """The same request would fail everywhere."""


class Generation:
    """One attempt. `run` is to be called once, in a task of its own that `running` is attached to."""

    def __init__(
        self,
        work: Work,
        running: RunningReply,
        *,
        config: ModelConfig,
        engine: Engine,
        buffer: StreamBuffer,
        in_flight: InFlight,
        address: Callable[[StreamEvent], Letter] | None,
        still_mine: Callable[[], Awaitable[bool]],
        note_resumption: Callable[[int], Awaitable[None]],
        suspect_engine: Callable[[], None],
    ) -> None:
        """address: to the message's readers; None: nobody reads along.
        still_mine, note_resumption(offset in bytes): Postgres.
        suspect_engine: tells the health gate that a reply found the engine down.
        """
        self._work = work
        self._running = running
        own_format = work.parameters.prompt_format
        self._config = config.model_copy(update={"prompt_format": own_format}) if own_format else config
        self._engine = engine
        self._buffer = buffer
        self._in_flight = in_flight
        self._note_resumption = note_resumption
        self._suspect_engine = suspect_engine
        self._stops = (
            *get_format(self._config.prompt_format).stop_sequences,
            *config.stop_sequences,
            *work.parameters.stop_sequences,
        )
        self._fitted: FittedPrompt | None = None
        self._prompt_tokens: int | None = None

        self._writer = Writer(
            buffer, str(work.message_id), work.attempt,
            address=address, still_mine=still_mine, just_claimed=lambda: running.just_claimed,
        )  # fmt: skip

    async def run(self) -> Outcome:
        """Generate until there is an outcome. Never raises for what engines, Redis or other processes do."""
        try:
            return await self._run()
        finally:
            self._running.detach()
            await self._writer.aclose()

    async def _run(self) -> Outcome:
        task = asyncio.current_task()
        assert task is not None, "a coroutine runs in a task"
        self._running.attach(task)
        privacy.hold(lambda: [*self._work.texts, self._writer.text])
        try:
            return await self._generate()
        except asyncio.CancelledError:
            self._running.detach()
            if self._running.stop_reason is None:
                raise
            task.uncancel()
            if self._running.stop_reason is StopReason.ENDED:
                return Lost()
            await self._flush_for_the_next()
            return Drained(self._running.first_token_at)
        except Fenced:
            return Lost()
        except StreamRefused as error:
            return Aborted(f"The stream's store refused the text: {error}", self._result())
        except CannotBeDone as error:
            return Aborted(str(error), self._result())

    async def _generate(self) -> Outcome:
        try:
            opened = await self._writer.open(self._engine.can_continue)
        except StreamRefused as error:
            # Nothing is known of the text that earlier attempts showed: it must not be overwritten.
            return Failed(f"The stream's store refused to be opened: {error}", None)
        if opened.finish_reason is not None:
            return Completed(self._result(opened.finish_reason))
        if opened.text:
            await self._note_resumption(len(opened.text.encode()))
        try:
            finish_reason = await self._fill()
        except EngineGivesUp as error:
            await self._sheltered(self._writer.flush())
            return Failed(str(error), self._result())
        await self._sheltered(self._writer.finish(finish_reason))
        return Completed(self._result(finish_reason))

    async def _sheltered(self, write: Coroutine[Any, Any, None]) -> None:
        """Wait for the write in a task of its own: a stop that comes now does not tear it in two."""
        task = asyncio.create_task(write)
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.shield(task)

    async def _fill(self) -> str:
        """Stream until the reply has a reason to be finished; raises EngineGivesUp or CannotBeDone."""
        failures = 0
        overloaded_since: float | None = None
        clock = asyncio.get_running_loop().time
        while (left := self._budget_left()) > 0:
            before = self._writer.tokens
            try:
                return await self._stream(left)
            except EngineError as error:
                if not error.retryable:
                    raise CannotBeDone(engine_error_told(error)) from error
                if self._writer.tokens > before:
                    failures, overloaded_since = 0, None
                if isinstance(error, EngineOverloaded):
                    overloaded_since = clock() if overloaded_since is None else overloaded_since
                    given_up = clock() - overloaded_since > OVERLOAD_PATIENCE_S
                else:
                    overloaded_since = None
                    self._suspect_engine()
                    given_up = failures + 1 >= ENGINE_TRIES
                failures += 1
                logger.warning(
                    "Message %s: the engine failed (%d in a row) after %d tokens: %s",
                    self._work.message_id, failures, self._writer.tokens, error,
                )  # fmt: skip
                if given_up:
                    raise EngineGivesUp(f"{engine_error_told(error)} ({failures} times in a row)") from error
                if self._writer.text and not self._engine.can_continue:
                    # Only a new attempt begins a new epoch.
                    raise EngineGivesUp(f"{engine_error_told(error)} (and cannot go on from a text)") from error
                await asyncio.sleep(_pause_s(failures))
        return "length"

    def _budget_left(self) -> int:
        return self._work.parameters.sampling_parameters.max_new_tokens - self._writer.tokens

    async def _stream(self, max_new_tokens: int) -> str:
        """One request to the engine, from the text so far; the finish reason."""
        fitted = await self._fit(max_new_tokens)
        parameters = self._work.parameters
        request = EngineRequest(
            prompt=fitted.text,
            sampling=parameters.sampling_parameters,
            do_sample=parameters.do_sample,
            seed=parameters.seed,
            max_new_tokens=fitted.max_new_tokens,
            stop=self._stops,
            messages=fitted.messages,
            thoughts=parameters.reasoning,
        )
        stops = StopFilter(self._stops)
        tally = TokenTally()
        text_before, tokens_before = self._writer.text, self._writer.tokens
        opening = self._opening()
        async with tracing.asking_the_engine(self._running), aclosing(self._engine.generate(request)) as items:
            async for item in items:
                match item:
                    case TextChunk():
                        self._count(item.tokens)
                        shown = stops.feed(item.text)
                        spent = tally.take(item, len(shown))
                        if shown and opening:
                            shown, opening = _opened(opening, shown), ""
                        self._writer.push(shown, spent)
                        if stops.stopped:
                            self._writer.push("", tally.rest())
                            return "stop_sequence"
                    case Finished():
                        self._writer.push(stops.flush(), 0)
                        rest = tally.rest()
                        if item.generated_tokens is not None:
                            rest += item.generated_tokens - tally.spent
                        self._writer.push("", rest)
                        self._compare(item, self._writer.text[len(text_before) :])
                        if self._prompt_tokens is None and item.input_tokens is not None:
                            self._prompt_tokens = max(0, item.input_tokens - tokens_before)
                        return item.reason
        raise EngineGivesUp("The engine's stream ended without an ending")  # engines raise before this

    @tracing.spanned("prompt")
    async def _fit(self, max_new_tokens: int) -> FittedPrompt:
        try:
            fitted = await fit(
                self._work.thread,
                config=self._config,
                parameters=self._work.parameters,
                count_tokens=self._engine.count_tokens,
                continuation=self._writer.text or self._opening(),
                max_new_tokens=max_new_tokens,
            )
        except PromptTooLong as error:
            if self._writer.text:
                raise CannotBeDone(
                    f"The reply was interrupted after {self._writer.tokens} tokens and cannot be continued: {error}"
                ) from error
            raise CannotBeDone(str(error)[:1].upper() + str(error)[1:]) from error
        if self._fitted is None and fitted.input_tokens is not None:
            self._prompt_tokens = max(0, fitted.input_tokens - self._writer.tokens)
        self._fitted = fitted
        return fitted

    def _opening(self) -> str:
        """What the model's own template puts before a reply's first word: there is no text yet, and it thinks first."""
        opens = self._config.opens_thoughts and self._work.parameters.reasoning and not self._writer.text
        return f"{BEGINS}\n" if opens else ""

    def _count(self, tokens: int) -> None:
        self._running.tokens += tokens
        self._in_flight.tokens += tokens
        if self._running.first_token_at is None:
            self._running.first_token_at = datetime.now(UTC)

    def _compare(self, finished: Finished, ours: str) -> None:
        """The engine's own final text only ends the stream; what was shown is the content."""
        if finished.final_text is not None and finished.final_text != ours:
            logger.info(
                "Message %s: the engine's final text (%d characters) is not what was shown (%d); shown counts",
                self._work.message_id, len(finished.final_text), len(ours),
            )  # fmt: skip

    async def _flush_for_the_next(self) -> None:
        """Drain: the last WRITE, bounded; what does not get through is generated again."""
        try:
            async with asyncio.timeout(DRAIN_FLUSH_S):
                await self._writer.flush()
        except (TimeoutError, StreamError, RuntimeError) as error:
            # RuntimeError: the stream was not even open.
            logger.info("Message %s: not flushed before the end: %r", self._work.message_id, error)

    def _result(self, finish_reason: str = "") -> Result:
        text = self._writer.text
        thoughts, content = divide(text) if self._work.parameters.reasoning else ("", text)
        return Result(
            content=content,
            thoughts=thoughts,
            epoch=self._writer.epoch,
            generated_tokens=self._writer.tokens,
            prompt_tokens=self._prompt_tokens,
            omitted_messages=self._fitted.omitted_messages if self._fitted else 0,
            first_token_at=self._running.first_token_at,
            finish_reason=finish_reason,
        )


def _opened(opening: str, text: str) -> str:
    """The reply's first text behind the opening, unless the engine told the opening itself."""
    return text if text.lstrip().startswith(BEGINS) else opening + text


def _pause_s(failures: int) -> float:
    pause: float = min(FIRST_PAUSE_S * 2 ** (failures - 1), LONGEST_PAUSE_S)
    return pause * random.uniform(0.7, 1.0)
