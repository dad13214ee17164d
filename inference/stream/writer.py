"""The writer of a stream: carries WriterState's steps out on Redis, and outlives Redis's absences."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar, assert_never

from redis.exceptions import RedisError, ResponseError

from inference.events import StreamEvent
from inference.stream.buffer import StreamBuffer
from inference.stream.script import FENCED, Letter, Opened, Verdict
from inference.stream.writer_state import AskStillMine, Publish, Seed, Step, Write, WriterState

log = logging.getLogger(__name__)
T = TypeVar("T")

GIVE_UP_S: Final = 60.0
PUBLISH_TIMEOUT_S: Final = 5.0
EARLY: Final = 0.25
"""So much of its pause a stream need not wait for: one that is read in turns itself comes in time by that."""
_FIRST_RETRY_S: Final = 0.05
_LAST_RETRY_S: Final = 1.0


class StreamError(Exception):
    """The writer cannot go on: close the engine."""


class Fenced(StreamError):
    """A later attempt, a cancel or a timeout has the stream."""

    def __init__(self, message_id: str, attempt: int) -> None:
        super().__init__(f"message {message_id}: attempt {attempt} no longer has the stream")


class StreamRefused(StreamError):
    """Redis answers, and refuses (maxmemory reached, read-only, ...), or nobody can say whose the row is."""


class Writer:
    """One attempt's writer.

    open(); then push() for each chunk; then finish(). `stopped` is set when it cannot go on (`failure` says
    why, push() and finish() raise it); `fenced` when that is because the stream has gone to somebody else.
    A lost connection is tried again until the caller cancels; the text waits in memory meanwhile.
    """

    def __init__(
        self,
        buffer: StreamBuffer,
        message_id: str,
        attempt: int,
        *,
        address: Callable[[StreamEvent], Letter] | None,
        still_mine: Callable[[], Awaitable[bool]],
        just_claimed: Callable[[], bool] = lambda: False,
        give_up_s: float = GIVE_UP_S,
    ) -> None:
        """address: a token or restart event as it is published to the message's readers. None: nobody reads along.
        still_mine: does the row say in_progress and this attempt?
        just_claimed: was the row claimed so lately that no fence can have expired since (FINAL_TTL_S)?
        give_up_s: how long refusals are tried again.
        """
        self._buffer = buffer
        self._message_id = message_id
        self._attempt = attempt
        self._address = address
        self._still_mine = still_mine
        self._just_claimed = just_claimed
        self._give_up_s = give_up_s
        self._state: WriterState | None = None
        self._rhythm = buffer.rhythm
        self._written_at: float | None = None
        self._turn: asyncio.TimerHandle | None = None
        self._hurried = False
        self._joined = False
        self._pump: asyncio.Task[None] | None = None
        self.fenced = asyncio.Event()
        self.stopped = asyncio.Event()
        self.failure: StreamError | None = None

    async def open(self, continue_: bool) -> Opened:
        """Takes the stream. continue_: the engine can go on from the text shown so far.

        Raises Fenced, StreamRefused.
        """
        opened = await self._persist("open", lambda: self._buffer.open(self._message_id, self._attempt, continue_))
        if opened is FENCED:
            self._fail(Fenced(self._message_id, self._attempt))
            raise self._failed()
        self._state = WriterState(self._message_id, self._attempt, opened, just_claimed=self._just_claimed())
        self._joined = True
        self._rhythm.join()
        self._start()
        return opened

    @property
    def text(self) -> str:
        """All of the reply's text, stored or not."""
        return self._opened().text

    @property
    def epoch(self) -> int:
        return self._opened().epoch

    @property
    def tokens(self) -> int:
        """Tokens spent on the text, earlier attempts' included."""
        return self._opened().tokens

    def push(self, text: str, tokens: int) -> None:
        """More text and the tokens that it took. Never waits: what comes before the stream's turn, and during a flight,
        goes out together. The first text does at once.

        Raises what stopped the writer (Fenced, StreamRefused).
        """
        if self.failure is not None:
            raise self.failure
        self._opened().push(text, tokens)
        if text and (self._pump is None or self._pump.done()):
            self._start_in_turn()

    async def flush(self) -> None:
        """Returns when all that was pushed is stored and published. Raises Fenced, StreamRefused."""
        self._opened()
        self._hurried = True
        try:
            self._start()
            if self._pump is not None:
                await self._pump
        finally:
            self._hurried = False
        if self.failure is not None:
            raise self.failure

    async def finish(self, finish_reason: str) -> None:
        """Nothing more comes. Returns when the reason is stored, and all text is stored and published.

        Raises Fenced, StreamRefused.
        """
        self._opened().finish(finish_reason)
        await self.flush()

    async def aclose(self) -> None:
        """Stops at once. What is not stored stays unsaid."""
        if self._joined:
            self._joined = False
            self._rhythm.leave()
        self._forget_turn()
        if self._pump is not None and not self._pump.done():
            self._pump.cancel()
            await asyncio.wait((self._pump,))

    def _opened(self) -> WriterState:
        if self._state is None:
            raise RuntimeError(f"message {self._message_id}: open() the writer first")
        return self._state

    def _failed(self) -> StreamError:
        return self.failure or Fenced(self._message_id, self._attempt)

    def _fail(self, failure: StreamError) -> None:
        self.failure = failure
        if isinstance(failure, Fenced):
            self.fenced.set()
        self.stopped.set()

    def _start_in_turn(self) -> None:
        """Write when it is this stream's turn; until then more may come."""
        if self._turn is not None:
            return
        wait_s = self._wait_s()
        if wait_s:
            self._turn = asyncio.get_running_loop().call_later(wait_s, self._start)
        else:
            self._start()

    def _wait_s(self) -> float:
        if self._written_at is None or self._hurried:
            return 0.0
        return self._rhythm.wait_s(self._written_at - EARLY * self._rhythm.pause_s)

    def _forget_turn(self) -> None:
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None

    def _start(self) -> None:
        self._forget_turn()
        if (self._pump is None or self._pump.done()) and self.failure is None:
            self._pump = asyncio.create_task(self._run(self._opened()), name=f"stream {self._message_id}")

    async def _run(self, state: WriterState) -> None:
        try:
            while (step := state.next_step()) is not None:
                await self._do(state, step)
                if state.more_waits and (wait_s := self._wait_s()):
                    self._turn = asyncio.get_running_loop().call_later(wait_s, self._start)
                    break
        except StreamError as error:
            self._fail(error)
        except Exception as error:
            log.exception("message %s: the stream writer failed", self._message_id)
            self._fail(StreamRefused(f"message {self._message_id}: the stream writer failed: {error!r}"))
        else:
            if state.fenced:
                self._fail(Fenced(self._message_id, self._attempt))

    async def _do(self, state: WriterState, step: Step) -> None:
        match step:
            case Write():
                state.answered(await self._persist("write", lambda: self._write(step)))
            case Seed():
                state.answered(await self._persist("seed", lambda: self._seed(step)))
            case AskStillMine():
                state.still_mine(await self._ask())
            case Publish():
                await self._publish(step.event)
                state.published()
            case _:
                assert_never(step)

    async def _write(self, step: Write) -> Verdict:
        self._written_at = asyncio.get_running_loop().time()
        return await self._buffer.write(
            self._message_id,
            self._attempt,
            step.offset,
            step.data,
            step.tokens,
            step.finish_reason,
            self._address(step.event) if self._address is not None and step.event is not None else None,
        )

    async def _seed(self, step: Seed) -> Verdict:
        log.info(
            "message %s: the stream was lost or half heard; put back %d bytes",
            self._message_id,
            len(step.data),
        )
        return await self._buffer.seed(
            self._message_id, self._attempt, step.epoch, step.data, step.tokens, step.finish_reason
        )

    async def _publish(self, event: StreamEvent) -> None:
        """Its failures are logged, no more: readers heal by the gap."""
        if self._address is None:
            return
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                await self._buffer.publish(self._address(event))
        except (RedisError, OSError) as error:
            log.warning("message %s: a token event was not published: %r", self._message_id, error)

    async def _ask(self) -> bool:
        """Every failure counts as a refusal: whose the row is must be known before the text is put back."""
        return await self._persist("still_mine", self._still_mine, refused=(Exception,))

    async def _persist(
        self,
        what: str,
        call: Callable[[], Awaitable[T]],
        refused: tuple[type[Exception], ...] = (ResponseError,),
    ) -> T:
        """The same call again, with backoff, until it is answered.

        Raises StreamRefused after give_up_s of refusals.
        """
        clock = asyncio.get_running_loop().time
        refused_since: float | None = None
        tries = 0
        while True:
            try:
                return await call()
            except refused as error:
                refused_since = clock() if refused_since is None else refused_since
                if clock() - refused_since >= self._give_up_s:
                    raise StreamRefused(
                        f"message {self._message_id}: the stream's {what} was refused for"
                        f" {self._give_up_s:g} s, last with: {error}"
                    ) from error
                self._complain(what, tries, error)
            except (RedisError, OSError) as error:
                refused_since = None
                self._complain(what, tries, error)
            delay = min(_FIRST_RETRY_S * 2 ** min(tries, 10), _LAST_RETRY_S)
            tries += 1
            await asyncio.sleep(delay * random.uniform(0.5, 1.0))

    def _complain(self, what: str, tries: int, error: Exception) -> None:
        if tries % 30 == 0:
            log.warning("message %s: stream %s: %r; trying again", self._message_id, what, error)
