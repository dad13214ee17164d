"""One run: replies are asked for and read, a fault strikes in the middle, and all of it is judged at the end."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from uuid import uuid4

from tests.chaos.person import Asked, Person
from tests.chaos.readers import EventStreamReader, Reader, WebsocketReader
from tests.chaos.record import Record
from tests.chaos.stack import Stack
from tests.chaos.verdict import Verdict, judge

ENDS_WITHIN_S = 60.0


@dataclass
class Reply:
    """One reply of the run and its readers."""

    asked: Asked
    readers: list[Reader]


@dataclass
class Scene:
    """What a fault finds when it strikes."""

    stack: Stack
    person: Person
    prompts: list[str]
    replies: list[Reply] = field(default_factory=list)
    others: list[Callable[[], Awaitable[object]]] = field(default_factory=list)
    """To be undone at the end of the run."""
    struck_at: float = 0.0
    """When the pause is counted from (time.monotonic)."""
    affected: set[str] = field(default_factory=set)
    """The messages whose pause counts; empty: all of them."""

    async def holder(self) -> str:
        """The node that streams the first reply; the replies that it streams are the affected ones."""
        row = await self.stack.state_is(self.replies[0].asked.message_id, "in_progress")
        node = str(row["worker_name"])
        for reply in self.replies:
            row = await self.stack.state_is(reply.asked.message_id, "in_progress", "complete")
            if row["worker_name"] == node and row["state"] == "in_progress":
                self.affected.add(reply.asked.message_id)
        return node

    def strikes(self) -> None:
        """Now: what comes after this moment is the fault's doing."""
        self.struck_at = time.monotonic()


Act = Callable[[Scene], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Fault:
    """What is done to the stack, and what may come of it.

    prepare: before the replies are asked for. strike: while they stream. after: when all have ended.
    """

    name: str
    strike: Act
    prepare: Act | None = None
    after: Act | None = None
    flushed: bool = False
    """Readers may be told to begin again."""
    cancelled: bool = False
    """The replies may end as cancelled, with the text that was shown by then."""
    replies: int = 2
    tokens: int = 120
    strike_at: int | None = 150
    """Bytes of the first reply that are read before it strikes; None: it strikes at once."""
    moves_within_s: float | None = None
    """The longest pause in an affected reply's text."""


@dataclass(frozen=True)
class Outcome:
    """What came of one run."""

    fault: str
    verdicts: tuple[Verdict, ...]
    pause_s: float
    """The longest that any reader of an affected reply waited for more, from the strike on."""
    problems: tuple[str, ...]


async def play(stack: Stack, fault: Fault, *, anywhere: bool = False) -> Outcome:
    """One run of the fault on a stack that serves. Leaves the stack mended.

    anywhere: strike at a random place of the replies, not where the fault says.
    """
    problems: list[str] = []
    async with stack.person() as person:
        scene = Scene(stack, person, [uuid4().hex for _ in range(fault.replies)])
        try:
            await _run(scene, fault, anywhere=anywhere)
            # As a supervisor does: what has died is started again at once.
            mending = asyncio.create_task(stack.mend())
            records = [[await _ended(each) for each in reply.readers] for reply in scene.replies]
            await mending
            if fault.after is not None:
                await fault.after(scene)
        except Exception as error:  # whatever it is, the runs go on and the table tells of it
            problems.append(f"{type(error).__name__}: {error}")
            records = [[each.record for each in reply.readers] for reply in scene.replies]
        finally:
            for undo in scene.others:
                await undo()
            await asyncio.gather(*(each.leave() for reply in scene.replies for each in reply.readers))
            await stack.mend()
        verdicts = [
            await asyncio.to_thread(_judged, stack, reply, found, fault)
            for reply, found in zip(scene.replies, records, strict=True)
        ]
        pause_s = max((_pause_s(found, scene) for found in records), default=0.0)
    if fault.moves_within_s is not None and pause_s > fault.moves_within_s:
        problems.append(f"a pause of {pause_s:.1f} s; {fault.moves_within_s:g} s are allowed")
    for verdict in verdicts:
        problems += verdict.problems
    return Outcome(fault.name, tuple(verdicts), pause_s, tuple(problems))


async def _run(scene: Scene, fault: Fault, *, anywhere: bool) -> None:
    if fault.prepare is not None:
        await fault.prepare(scene)
    for prompt in scene.prompts:
        asked = await scene.person.asks(fault.tokens, prompt=prompt)
        chat = (scene.person, asked.chat_id, asked.message_id)
        scene.replies.append(Reply(asked, [WebsocketReader(*chat), EventStreamReader(*chat)]))
    first = scene.replies[0]
    at = fault.strike_at
    if anywhere and at is not None:
        at = random.randrange(len(scene.stack.expected(first.asked).encode()))
    if at:
        await asyncio.gather(*(each.has(at) for each in first.readers))
    scene.strikes()
    await fault.strike(scene)


async def _ended(reader: Reader) -> Record:
    return await reader.ended(ENDS_WITHIN_S)


def _judged(stack: Stack, reply: Reply, records: Sequence[Record], fault: Fault) -> Verdict:
    row = stack.row(reply.asked.message_id)
    content, state = (row["content"], row["state"]) if row else (None, "deleted")
    expected = stack.expected(reply.asked)
    if fault.cancelled and state == "cancelled":
        expected = expected[: len(content or "")]
    return judge(expected, content, state, records, cancelled=fault.cancelled, flushed=fault.flushed)


def _pause_s(records: Sequence[Record], scene: Scene) -> float:
    longest = 0.0
    for record in records:
        if scene.affected and record.message_id not in scene.affected:
            continue
        moments = [scene.struck_at, *(at for at in record.heard_at if at > scene.struck_at)]
        longest = max([longest, *(b - a for a, b in pairwise(moments))])
    return longest
