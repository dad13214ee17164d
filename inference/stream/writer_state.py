"""What a writer does next, decided without I/O: the rules of writing a stream, as a step machine.

One flight at a time: a step is asked for (`next_step`), carried out, and answered (`answered`, `published`).
A step that got no answer is simply carried out again: every one may be repeated.
"""

from dataclasses import dataclass
from typing import Final

from inference import events
from inference.events import StreamEvent
from inference.stream.cursor import Cursor
from inference.stream.script import OK, STALE, Opened, Verdict, whole

FLIGHT_BYTES: Final = 64 * 1024
"""The most text that one WRITE or one token event carries."""


@dataclass(frozen=True, slots=True)
class Write:
    """Append, and if that was done tell the readers `event` (None: there is no new text), both in one."""

    offset: int
    data: bytes
    tokens: int
    finish_reason: str | None
    event: StreamEvent | None


@dataclass(frozen=True, slots=True)
class AskStillMine:
    """Does the row still say in_progress and my attempt?

    Asked when the stream is not as I left it. And when there was none, unless I opened it just after I claimed the row:
    the fence may be one that expired after the final row, and I a worker that slept so long between the two.
    """


@dataclass(frozen=True, slots=True)
class Seed:
    epoch: int
    data: bytes
    tokens: int
    finish_reason: str | None


@dataclass(frozen=True, slots=True)
class Publish:
    event: StreamEvent


Step = Write | AskStillMine | Seed | Publish


class WriterState:
    """One attempt's side of a stream, from the moment it has opened it."""

    def __init__(
        self,
        message_id: str,
        attempt: int,
        opened: Opened,
        *,
        just_claimed: bool = False,
        flight_bytes: int = FLIGHT_BYTES,
    ) -> None:
        """just_claimed: between the row's claim and the stream's opening no fence can have expired."""
        self.message_id = message_id
        self.attempt = attempt
        self.epoch = opened.epoch
        self.tokens = opened.tokens
        self.finish_reason = opened.finish_reason
        self.fenced = False
        self._flight_bytes = flight_bytes
        self._text = bytearray(opened.text.encode())
        self._stored = len(self._text)
        self._published = len(self._text)
        self._fin_stored = opened.finish_reason is not None
        self._begins = opened.epoch == attempt
        self._step: Step | None = None
        if self._begins:
            self._step = AskStillMine()
            if just_claimed:
                self.still_mine(True)

    @property
    def text(self) -> str:
        """All of the reply's text, stored or not."""
        return self._text.decode()

    @property
    def length(self) -> int:
        """Bytes of all of the text."""
        return len(self._text)

    @property
    def more_waits(self) -> bool:
        """There is text for a next step, which has not begun: it takes along what is pushed until then."""
        return self._step is None and self._stored < len(self._text)

    def push(self, text: str, tokens: int) -> None:
        """More text (may be "") and the tokens that it took."""
        self._text += storable(text)
        self.tokens += tokens

    def finish(self, finish_reason: str) -> None:
        """Nothing more comes. The reason goes out with the last bytes."""
        self.finish_reason = finish_reason

    def next_step(self) -> Step | None:
        """The step to carry out now; the same one until it is answered. None: all is stored and published."""
        if self.fenced:
            return None
        if self._step is None:
            self._step = self._publish() or self._write()
        return self._step

    def answered(self, verdict: Verdict) -> None:
        """Redis's answer to a Write or a Seed."""
        step = self._step
        if not isinstance(step, Write | Seed):
            raise RuntimeError(f"no change of the stream is in flight, but {step!r}")
        if verdict is OK:
            if isinstance(step, Write):
                self._stored = self._published = step.offset + len(step.data)
            else:
                self._stored = len(step.data)
            self._fin_stored = step.finish_reason is not None
            self._step = None
        elif verdict is STALE:
            self._step = AskStillMine()
        else:
            self.fenced = True

    def still_mine(self, mine: bool) -> None:
        """Postgres's answer to AskStillMine."""
        if mine and self._begins:
            self._begins = False
            # Readers of an earlier epoch learn it now and not with the first token.
            restart = events.restart(self.message_id, cursor=str(Cursor(self.epoch, 0)))
            self._step = Publish(restart) if self.attempt > 1 else None
        elif mine:
            self._step = Seed(self.epoch, bytes(self._text), self.tokens, self.finish_reason)
        else:
            self.fenced = True

    def published(self) -> None:
        """The Publish is done, or could not be done: readers notice the gap and heal it."""
        step = self._step
        if isinstance(step, Publish) and step.event["event_type"] == "token":
            self._published = step.event["end"]
        self._step = None

    def _publish(self) -> Publish | None:
        start = self._published
        if start >= self._stored:
            return None
        end = self._cut(start, self._stored)
        return Publish(self._token(start, end, self._text[start:end]))

    def _token(self, start: int, end: int, data: bytes | bytearray) -> StreamEvent:
        cursor = str(Cursor(self.epoch, end))
        return events.token(self.message_id, cursor=cursor, offset=start, end=end, text=data.decode())

    def _write(self) -> Write | None:
        start = self._stored
        end = self._cut(start, len(self._text))
        fin = self.finish_reason if end == len(self._text) else None
        if start == end and (fin is None or self._fin_stored):
            return None
        data = bytes(self._text[start:end])
        return Write(start, data, self.tokens, fin, self._token(start, end, data) if data else None)

    def _cut(self, start: int, end: int) -> int:
        if end - start <= self._flight_bytes:
            return end
        return whole(self._text, start + self._flight_bytes)


def storable(text: str) -> bytes:
    """UTF-8 of what Postgres can hold: NUL and lone halves of surrogate pairs become U+FFFD."""
    if "\0" in text:
        text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()
