"""A small world in which one reply is generated while everything breaks: a schedule is drawn from a seed.

The buffer and its Lua script are the real ones on a real server, the writer's and the reader's rules are the real
WriterState and ReaderState. Only what lies around them is modelled: the row in Postgres, the workers' lives, the wires
that lose, double and delay. Every actor is a generator that yields where another may come in between.
"""

import random
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import redis

from inference.events import ReaderEvent
from inference.stream.buffer import SyncStreamBuffer
from inference.stream.cursor import Cursor
from inference.stream.reader_state import FinalMessage, ReaderState
from inference.stream.script import FENCED, LUA, OK, Script, Verdict
from inference.stream.writer_state import AskStillMine, Publish, Seed, Write, WriterState

Steps = Generator[None, None, None]
LETTERS = "ab é漢🙂"


class Lost(Exception):
    """No answer came. The command may have been carried out, may be later, or never."""


class Broken(AssertionError):
    """What must never happen did."""


@dataclass(frozen=True)
class Sabotage:
    """What is taken out of the protocol, to see that the model notices."""

    fence: bool = False
    length_check: bool = False
    idle_look: bool = False
    publish_after_ok: bool = False
    epochs: bool = False

    def lua(self) -> str:
        lua = LUA
        if self.fence:
            lua = _without(lua, "if held > mine then return -1 end")
            lua = _without(lua, "held ~= mine or ")
        if self.length_check:
            lua = _without(lua, " or redis.call('STRLEN', t) ~= tonumber(ARGV[3])")
        return lua


def _without(lua: str, part: str) -> str:
    assert lua.count(part) == 1, f"the script no longer has {part!r}: teach the sabotage its new form"
    return lua.replace(part, "")


@dataclass
class Row:
    """The message's row in Postgres. Each method is one conditional update."""

    state: str = "pending"
    attempt: int = 0
    content: str = ""
    epoch: int = 0

    @property
    def is_final(self) -> bool:
        return self.state in ("complete", "cancelled")

    def claim(self) -> int | None:
        if self.state != "pending":
            return None
        self.state, self.attempt = "in_progress", self.attempt + 1
        return self.attempt

    def is_mine(self, attempt: int) -> bool:
        return self.state == "in_progress" and self.attempt == attempt

    def release(self, attempt: int) -> None:
        if self.is_mine(attempt):
            self.state = "pending"

    def complete(self, attempt: int, content: str, epoch: int) -> bool:
        if not self.is_mine(attempt):
            return False
        self.state, self.content, self.epoch = "complete", content, epoch
        return True


@dataclass
class Worker:
    steps: Steps
    attempt: int
    frozen: bool = False
    dead: bool = False


@dataclass
class Reader:
    """A client, and the server's reader that serves it now. The client believes what it is told, and checks it."""

    state: ReaderState
    steps: Steps = field(default_factory=lambda: (_ for _ in ()))
    idle: bool = False
    inbox: list[dict[str, Any]] = field(default_factory=list)
    text: bytearray = field(default_factory=bytearray)
    cursor: str | None = None
    restarts: int = 0
    finals: list[ReaderEvent] = field(default_factory=list)

    def receive(self, event: ReaderEvent) -> None:
        if self.finals:
            raise Broken(f"an event after the final one: {event}")
        match event["event_type"]:
            case "token":
                data = event["text"].encode()
                if event["offset"] != len(self.text) or event["end"] - event["offset"] != len(data) or not data:
                    raise Broken(f"the client has {len(self.text)} bytes and got {event}")
                self.text += data
                self.cursor = event["cursor"]
            case "restart":
                if not self.state.can_rewind:
                    raise Broken("a restart for a client that cannot rewind")
                self.text.clear()
                self.restarts += 1
                self.cursor = event["cursor"]
            case "message" | "error":
                self.finals.append(event)
            case other:
                raise Broken(f"a client got {other}")


class World:
    """One schedule."""

    def __init__(self, client: redis.Redis, seed: int, sabotage: Sabotage = Sabotage()) -> None:
        self.rng = rng = random.Random(seed)
        self.client = client
        self.sabotage = sabotage
        self.id = f"m{seed}"
        self.buffer = SyncStreamBuffer(client, script=Script(lua=sabotage.lua()))
        self.row = Row()
        self.workers: list[Worker] = []
        self.readers: list[Reader] = []
        self.late: list[Callable[[], object]] = []
        self.calm = False  # no more faults
        self.minutes = 0  # after which a fence of a final row is forgotten
        self.flushed = False
        self.saved: tuple[bytes | None, bytes | None] | None = None
        self.happened: Counter[str] = Counter()
        # "replays": goes on deterministically; "goes on": continues a text, never twice alike; "begins again"
        self.engine = rng.choice(["replays", "goes on", "begins again"])
        self.may_flush = self.engine != "goes on" and rng.random() < 0.4
        self.may_cancel = rng.random() < 0.3
        self.bad_wire = rng.choice([0.0, 0.05, 0.3])
        self.bad_news = rng.choice([0.0, 0.1, 0.5])
        self.deaths = rng.choice([0, 1, 3])
        self.tokens = rng.choice([0, 1, 5, 20])
        self.flight_bytes = rng.choice([4, 10, 1000])
        self.bound = rng.choice([4, 12, 1000])
        self.answer = self.words(self.tokens)

    def words(self, tokens: int) -> str:
        return "".join(self.rng.choice(LETTERS) * self.rng.randint(1, 3) for _ in range(tokens))

    # the wires

    def ask(self, command: Callable[[], Any]) -> Any:
        """A command to Redis, over a wire that may break before, after, or long before it is carried out."""
        if not self.calm and self.rng.random() < self.bad_wire:
            fate = self.rng.choice(["unheard", "unanswered", "late"])
            self.happened[fate] += 1
            if fate == "unanswered":
                command()
            elif fate == "late":
                self.late.append(command)
            raise Lost
        return command()

    def publish(self, event: dict[str, Any]) -> None:
        for reader in self.readers:
            for _ in range(self.rng.choice([0, 2]) if self.rng.random() < self.bad_news else 1):
                reader.inbox.append(event)

    # the worker

    def work(self, attempt: int) -> Steps:
        claimed_in = self.minutes
        while True:
            yield
            try:
                opened = self.ask(lambda: self.buffer.open(self.id, attempt, self.engine != "begins again"))
                break
            except Lost:
                continue
        if opened is FENCED:
            self.happened["OPEN fenced"] += 1
            self.row.release(attempt)
            return
        self.happened["OPEN in mid-text"] += bool(opened.text)
        self.happened["OPEN of a finished text"] += opened.finish_reason is not None
        just_claimed = self.minutes == claimed_in
        self.happened["opened long after the claim"] += not just_claimed
        writer = WriterState(self.id, attempt, opened, just_claimed=just_claimed, flight_bytes=self.flight_bytes)
        if opened.finish_reason is None:
            yield from self.generate(writer)
        if writer.fenced:
            yield
            self.row.release(attempt)
            return
        yield
        if self.row.complete(attempt, writer.text, writer.epoch):
            yield
            self.publish({"event_type": "message"})

    def generate(self, writer: WriterState) -> Steps:
        rest = self.rest(writer.text)
        while not writer.fenced:
            yield
            if writer.finish_reason is None and self.rng.random() < 0.5:
                if rest:
                    size = self.rng.choice([1, 2, 3, 30])
                    writer.push(rest[:size], 1)
                    rest = rest[size:]
                else:
                    writer.finish("eos_token")
            step = writer.next_step()
            if step is None:
                if writer.finish_reason is not None:
                    return
                continue
            yield  # a zombie may be frozen with the step in its hand
            yield from self.carry_out(writer, step)

    def rest(self, text: str) -> str:
        """What the engine says when it goes on from `text`."""
        if self.engine == "replays":
            if not self.answer.startswith(text):
                raise Broken(f"the engine is asked to go on from {text!r}; it had said {self.answer!r}")
            return self.answer[len(text) :]
        return self.words(max(0, self.tokens - len(text)))

    def carry_out(self, writer: WriterState, step: object) -> Steps:
        match step:
            case Write():
                call = lambda: self.write(writer.attempt, step)  # noqa: E731
            case Seed(epoch, data, tokens, fin):
                call = lambda: self.buffer.seed(self.id, writer.attempt, epoch, data, tokens, fin)  # noqa: E731
            case AskStillMine():
                mine = self.row.is_mine(writer.attempt)
                self.happened["no longer mine"] += not mine
                yield
                writer.still_mine(mine)
                return
            case Publish(event):
                self.publish(dict(event))
                writer.published()
                return
            case _:
                raise Broken(f"unknown step {step}")
        with suppress(Lost):
            verdict = self.ask(call)
            self.happened[f"{type(step).__name__} {verdict.name}"] += 1
            writer.answered(verdict)

    def write(self, attempt: int, step: Write) -> Verdict:
        """As the script does it: what is stored is told, in one."""
        if self.sabotage.publish_after_ok and step.event is not None:
            self.publish(dict(step.event))
        verdict = self.buffer.write(self.id, attempt, step.offset, step.data, step.tokens, step.finish_reason)
        if verdict is OK and step.event is not None and not self.sabotage.publish_after_ok:
            self.publish(dict(step.event))
        return verdict

    # the reader

    def connect(self, reader: Reader | None = None) -> None:
        """A new client, or one that comes again with its cursor; both are subscribed first."""
        cursor = Cursor.parse(reader.cursor) if reader is not None and reader.cursor else None
        can_rewind = self.rng.random() < 0.8 if reader is None else reader.state.can_rewind
        state = ReaderState(self.id, cursor, can_rewind=can_rewind, bound=self.bound)
        if reader is None:
            reader = Reader(state)
            self.readers.append(reader)
        reader.state = state
        reader.inbox.clear()
        reader.steps = self.read(reader, state)

    def read(self, reader: Reader, state: ReaderState) -> Steps:
        while not state.ended:
            yield
            reader.idle = False
            event = state.take()
            if event is not None:
                reader.receive(event)
            elif state.wants_snapshot:
                wants_row, position = state.wants_row, state.begin_snapshot()
                yield
                try:
                    part = self.ask(lambda: self.buffer.snapshot(self.id, position, self.bound))  # noqa: B023
                except Lost:
                    state.snapshot_failed()
                    continue
                yield
                final = None
                if wants_row or part is None:
                    final = self.final()
                    yield
                self.happened["snapshot in parts"] += part is not None and part.cut
                state.snapshot_taken(part, final)
            else:
                reader.idle = True

    def final(self) -> FinalMessage | None:
        if not self.row.is_final:
            return None
        return FinalMessage(self.row.content, {"event_type": "message", "message": {}}, self.row.epoch)

    def deliver(self, reader: Reader) -> None:
        if reader.inbox:
            at = 0 if self.rng.random() > self.bad_news else self.rng.randrange(len(reader.inbox))
            event = reader.inbox.pop(at)
            if self.sabotage.epochs and event["event_type"] == "token":
                event = {**event, "cursor": f"{reader.state.epoch or 1}.{event['end']}"}
            reader.state.feed(event)

    def idle_look(self, reader: Reader) -> None:
        if not self.sabotage.idle_look:
            epoch, length = self.buffer.look([self.id])[self.id]
            reader.state.wake(epoch, length, self.row.is_final)

    # what befalls them

    def cancel(self) -> None:
        """One transaction: the row's new attempt, the fence, the text shown so far."""
        if self.row.is_final:
            return
        self.row.attempt += 1
        opened = self.buffer.open(self.id, self.row.attempt, True)
        if opened is FENCED:
            raise Broken("a cancel was fenced")
        self.row.content, self.row.epoch, self.row.state = opened.text, opened.epoch, "cancelled"
        self.happened["cancel"] += 1
        self.publish({"event_type": "message"})

    def lose_redis(self) -> None:
        """FLUSHALL, or a restart that finds an older state in its append-only file."""
        keys = (self.buffer._script.meta_key(self.id), self.buffer._script.text_key(self.id))
        if self.saved is None and self.rng.random() < 0.5:
            self.saved = (self.client.dump(keys[0]), self.client.dump(keys[1]))
            return
        self.flushed = True
        self.happened["rollback" if self.saved else "flush"] += 1
        self.client.flushall()
        if self.rng.random() < 0.2:
            self.client.script_flush()
        for key, value in zip(keys, self.saved or (None, None), strict=True):
            if value is not None:
                self.client.restore(key, 0, value)

    def forget(self) -> None:
        """The minute after the final row has passed: every reader has looked at the row by now."""
        self.minutes += 1
        if self.row.is_final:
            for reader in self.readers:
                self.idle_look(reader)
                self.let_read(reader)
            self.buffer.expire(self.id, 0)

    def reap(self) -> None:
        """The reconciler gives the row of a worker that does not move to the next."""
        for worker in self.workers:
            if worker.dead or worker.frozen:
                self.row.release(worker.attempt)

    def hire(self) -> None:
        attempt = self.row.claim()
        if attempt is not None:
            steps = self.work(attempt)
            next(steps)  # the claim's minute is noted
            self.workers.append(Worker(steps, attempt))

    def strike(self) -> None:
        """Kill, freeze or thaw a worker."""
        worker = self.rng.choice(self.workers) if self.workers else None
        if worker is None:
            return
        if worker.frozen:
            worker.frozen = False
            self.happened["thaw"] += 1
        elif self.deaths > 0:
            self.deaths -= 1
            worker.frozen = self.rng.random() < 0.6
            worker.dead = not worker.frozen

    # the schedule

    def run(self) -> None:
        try:
            self.rage()
            self.settle()
        finally:
            self.client.delete(self.buffer._script.meta_key(self.id), self.buffer._script.text_key(self.id))
        self.check()

    def rage(self) -> None:
        acts: list[tuple[Callable[[], None], float]] = [
            (self.work_on, 10),
            (self.read_on, 10),
            (self.deliver_one, 6),
            (self.hire, 1),
            (self.reap, 0.7),
            (self.strike, 0.7),
            (self.carry_out_late, 1),
            (self.look_one, 0.5),
            (self.reconnect_one, 0.4),
            (self.newcomer, 0.4),
            (self.forget, 0.3),
            (self.cancel, 0.15 if self.may_cancel else 0),
            (self.lose_redis, 0.3 if self.may_flush else 0),
        ]
        self.connect()
        names, weights = [act for act, _ in acts], [weight for _, weight in acts]
        for act in self.rng.choices(names, weights, k=self.rng.randint(20, 250)):
            act()
            if self.row.is_final and all(reader.finals for reader in self.readers):
                break

    def settle(self) -> None:
        """No more faults, and no more news either: the last event may be a lost one. All must come to an end."""
        self.calm = True
        self.newcomer()
        while self.workers or not self.row.is_final:
            for worker in self.workers:
                worker.frozen = False
                while not worker.dead and _go(worker.steps):
                    if self.rng.random() < 0.02:
                        self.carry_out_late()
            self.workers = []
            self.row.release(self.row.attempt)
            self.hire()
        while self.late:
            self.carry_out_late()
        for reader in self.readers:
            while reader.inbox and self.rng.random() > self.bad_news:
                self.deliver(reader)
            for _ in range(3):
                self.idle_look(reader)
                self.let_read(reader)

    def let_read(self, reader: Reader) -> None:
        reader.idle = False
        for _ in range(10_000):
            if reader.idle or not _go(reader.steps):
                return
        raise Broken("a reader never comes to rest")

    def check(self) -> None:
        """What must hold at the end."""
        for reader in self.readers:
            if len(reader.finals) != 1:
                raise Broken(f"a reader got {len(reader.finals)} final events; it shows {bytes(reader.text)!r}")
            gave_up = reader.finals[0]["event_type"] == "error"
            self.happened["reader gave up"] += gave_up
            self.happened["restart"] += reader.restarts
            if not gave_up and reader.text.decode() != self.row.content:
                raise Broken(f"a reader shows {reader.text.decode()!r}, the row says {self.row.content!r}")
            if gave_up and reader.state.can_rewind:
                raise Broken("a reader that can rewind gave up")
            if reader.restarts >= self.row.attempt and not self.flushed:
                raise Broken(f"{reader.restarts} restarts by {self.row.attempt} attempts")
            if (reader.restarts or gave_up) and self.engine != "begins again" and not self.flushed:
                raise Broken("a restart, though the engine goes on and Redis lost nothing")
        if self.engine == "replays":
            whole = self.row.content == self.answer
            if not (whole or (self.row.state == "cancelled" and self.answer.startswith(self.row.content))):
                raise Broken(f"the row says {self.row.content!r}, the engine said {self.answer!r}")

    # one step of somebody

    def work_on(self) -> None:
        awake = [worker for worker in self.workers if not (worker.dead or worker.frozen)]
        if awake:
            _go(self.rng.choice(awake).steps)

    def read_on(self) -> None:
        if self.readers:
            _go(self.rng.choice(self.readers).steps)

    def deliver_one(self) -> None:
        self.deliver(self.rng.choice(self.readers))

    def look_one(self) -> None:
        self.idle_look(self.rng.choice(self.readers))

    def carry_out_late(self) -> None:
        if self.late:
            self.late.pop(self.rng.randrange(len(self.late)))()

    def newcomer(self) -> None:
        if len(self.readers) < 4:
            self.connect()

    def reconnect_one(self) -> None:
        reader = self.rng.choice(self.readers)
        if not reader.finals:
            self.happened["reconnect in mid-text"] += bool(reader.text)
            self.connect(reader)


def _go(steps: Steps) -> bool:
    """One step. False: it has come to its end."""
    try:
        next(steps)
    except StopIteration:
        return False
    return True
