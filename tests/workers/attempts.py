"""One attempt at a reply in a test: a real engine, a real stream in Valkey, and what Postgres would be asked."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import aiohttp

from chats.repository.work import Work
from inference.demo_tgi.lorem import lorem_text
from inference.demo_tgi.options import Options
from inference.demo_tgi.server import running
from inference.engines import Engine, TGIEngine
from inference.events import StreamEvent
from inference.model_config import ModelConfig
from inference.parameters import SamplingParameters, WorkParameters
from inference.prompts import ThreadMessage
from inference.stream import Letter, StreamBuffer
from workers.generation import Generation
from workers.in_flight import InFlight, RunningReply
from workers.outcomes import Outcome

CONFIG = ModelConfig(
    name="filler",
    model_id="tests/filler",
    prompt_format="oasst",
    max_input_length=1024,
    max_total_length=2048,
    max_parallel_requests=4,
)
SEED = 4711
TOKEN_TIMEOUT_S = 1.0


@dataclass
class FillerEngine:
    """A running demo TGI that gives filler text, and its knobs."""

    url: str
    http: aiohttp.ClientSession

    async def arm(self, *faults: dict[str, Any]) -> None:
        """The next requests suffer these faults, one each."""
        async with self.http.post(f"{self.url}/_faults", json=list(faults)) as answer:
            answer.raise_for_status()

    async def disarm(self) -> None:
        """No more faults."""
        async with self.http.delete(f"{self.url}/_faults"):
            pass

    async def requests(self) -> dict[str, Any]:
        """Counts and the latest generation requests."""
        async with self.http.get(f"{self.url}/_requests") as answer:
            return await answer.json()

    async def has_noticed(self, cancelled: int) -> None:
        """Wait until so many requests ended because their client went away."""
        deadline = time.monotonic() + 60
        while (told := await self.requests())["cancelled"] < cancelled:
            assert time.monotonic() < deadline, told
            await asyncio.sleep(0.005)


@asynccontextmanager
async def filler_engine(tokens_per_second: float = 0) -> AsyncIterator[FillerEngine]:
    """A demo TGI in this process."""
    options = Options(port=0, model="_lorem", model_id=CONFIG.model_id, tokens_per_second=tokens_per_second)
    async with running(options) as url, aiohttp.ClientSession() as http:
        yield FillerEngine(url, http)


@dataclass
class Attempt:
    """An attempt under test; `start` runs it, `outcome` waits for its end."""

    engine: Engine
    buffer: StreamBuffer
    message_id: UUID = field(default_factory=uuid4)
    attempt: int = 1
    config: ModelConfig = CONFIG
    max_new_tokens: int = 50
    prompt: str = "Say something."
    still_mine: bool = True
    events: list[StreamEvent] = field(default_factory=list)
    resumed_at: list[int] = field(default_factory=list)
    suspicions: int = 0
    in_flight: InFlight = field(default_factory=InFlight)

    def __post_init__(self) -> None:
        self.running = RunningReply(self.message_id, self.attempt)
        self._task: asyncio.Task[Outcome] | None = None

    @property
    def expected(self) -> str:
        """What the engine must say to this prompt in the whole budget."""
        return lorem_text(SEED, self.prompt, self.max_new_tokens)

    def start(self) -> "Attempt":
        self._task = asyncio.create_task(self._generation().run())
        return self

    async def outcome(self) -> Outcome:
        if self._task is None:
            self.start()
        assert self._task is not None
        async with asyncio.timeout(60):
            return await self._task

    async def shown(self) -> str:
        """The text in the stream now."""
        snapshot = await self.buffer.snapshot(str(self.message_id), 0, 2**20)
        return snapshot.data.decode() if snapshot else ""

    async def has_shown(self, characters: int) -> str:
        """Wait until so much is shown."""
        deadline = time.monotonic() + 60
        while len(text := await self.shown()) < characters:
            assert time.monotonic() < deadline, f"only {text!r} was shown"
            await asyncio.sleep(0.005)
        return text

    def told(self, before: str = "") -> str:
        """The text as a reader has it who had `before` and reads the events; each follows the one before it."""
        text = before.encode()
        for event in self.events:
            if event["event_type"] == "restart":
                text = b""
            elif event["event_type"] == "token" and event["end"] > len(text):  # else it was tried twice
                assert event["offset"] == len(text)
                text += event["text"].encode()
        return text.decode()

    def next(self, engine: Engine | None = None) -> "Attempt":
        """The next attempt at the same message."""
        return Attempt(
            engine=engine or self.engine,
            buffer=self.buffer,
            message_id=self.message_id,
            attempt=self.attempt + 1,
            config=self.config,
            max_new_tokens=self.max_new_tokens,
            prompt=self.prompt,
        )

    def _generation(self) -> Generation:
        def address(event: StreamEvent) -> Letter:
            self.events.append(event)
            return f"readers-of-{self.message_id}", b""

        async def still_mine() -> bool:
            return self.still_mine

        async def note_resumption(offset: int) -> None:
            self.resumed_at.append(offset)

        def suspect() -> None:
            self.suspicions += 1

        parameters = WorkParameters(
            config=self.config.work_config,
            sampling_parameters=SamplingParameters(max_new_tokens=self.max_new_tokens),
            seed=SEED,
            reasoning=self.config.reasoning,
        )
        work = Work(
            message_id=self.message_id,
            chat_id=uuid4(),
            attempt=self.attempt,
            model_config_name=self.config.name,
            compat_hash=self.config.compat_hash,
            parameters=parameters,
            thread=[ThreadMessage("prompter", self.prompt)],
        )
        return Generation(
            work,
            self.running,
            config=self.config,
            engine=self.engine,
            buffer=self.buffer,
            in_flight=self.in_flight,
            address=address,
            still_mine=still_mine,
            note_resumption=note_resumption,
            suspect_engine=suspect,
        )


class ChatOnlyEngine(TGIEngine):
    """As an engine behind a chat endpoint: the prompt does not reach the model as it is."""

    can_continue = False
