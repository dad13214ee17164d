"""Faults on purpose: what the next requests shall suffer, so that tests see how clients bear it.

Armed by ``POST /_faults`` with one of these as JSON or a list of them, told by ``GET``, disarmed by ``DELETE``.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Endpoint = Literal["generate", "tokenize", "info", "health"]


class Fault(BaseModel):
    """One fault. What each ``kind`` does:

    - ``status``: answers with HTTP ``status``, before anything else; ``body`` as TGI's JSON, as a proxy's HTML
      page, or none. The only kind that ``on`` may send to other endpoints than generation.
    - ``silence``: takes the request and never answers.
    - ``error``: after ``after_tokens`` tokens an error of ``error_type`` in the stream (as status otherwise).
    - ``hang``: after ``after_tokens`` tokens nothing more, only a comment each ``keepalive_s`` seconds.
    - ``hold``: after ``after_tokens`` tokens nothing more until the faults are disarmed, then it goes on.
    - ``cut``: after ``after_tokens`` tokens the answer ends without a last token: ``how`` is ``end`` (the answer
      ends well-formed), ``close`` (the connection closes in mid-answer) or ``reset`` (TCP reset).
    - ``garbage``: after ``after_tokens`` tokens the event ``data:`` + ``data``, then goes on.
    - ``split``: characters outside ASCII come in two tokens: ``how`` is ``replacement`` (U+FFFD in both) or ``held``
      (an empty token, then the whole).
    - ``empty``: the end of text is the first token.
    - ``wrong_text``: the last event's ``generated_text`` is not what was streamed.
    - ``pace``: this reply is typed at ``tokens_per_second`` (0: as fast as it can). Acts beside another fault.
    - ``delay``: the answer begins after ``seconds``. Acts beside another fault.
    - ``say``: the reply is ``text``, in tokens of ``token_length`` characters. Acts beside another fault.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal[
        "status",
        "silence",
        "error",
        "hang",
        "hold",
        "cut",
        "garbage",
        "split",
        "empty",
        "wrong_text",
        "pace",
        "delay",
        "say",
    ]
    count: int | None = Field(1, ge=1, description="How many requests; null is all until it is disarmed.")
    prompt_contains: str = Field("", description="Only requests with this text in their prompt.")
    on: Endpoint = "generate"
    status: int = Field(429, ge=400, le=599)
    body: Literal["json", "html", "none"] = "json"
    after_tokens: int = Field(0, ge=0)
    error_type: Literal["generation", "incomplete_generation", "overloaded", "validation"] = "generation"
    how: Literal["end", "close", "reset", "replacement", "held"] | None = None
    data: str = "[DONE]"
    tokens_per_second: float = Field(0, ge=0)
    seconds: float = Field(0, ge=0)
    text: str = ""
    token_length: int | None = Field(None, ge=1, description="Null: as the tokenizer cuts the text.")
    keepalive_s: float = Field(15, gt=0)


FAULTS = TypeAdapter[list[Fault]](list[Fault])
"""Reads a list of faults from JSON."""


@dataclass(slots=True)
class _Armed:
    id: int
    fault: Fault
    left: int | None


@dataclass(frozen=True, slots=True)
class Fate:
    """What one request suffers: at most one fault, beside a pace, a delay and words to say.

    disarmed: set when the faults that were armed as it came are disarmed.
    """

    fault: Fault | None = None
    tokens_per_second: float | None = None
    delay_s: float = 0.0
    say: Fault | None = None
    disarmed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def kind(self) -> str | None:
        """The fault's kind."""
        return self.fault.kind if self.fault else None


class Faults:
    """The armed faults, in the order in which they were armed."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []
        self._ids = count(1)
        self._disarmed = asyncio.Event()

    def arm(self, faults: Iterable[Fault]) -> None:
        """Further faults, to act after those that are armed already."""
        self._armed += [_Armed(next(self._ids), fault, fault.count) for fault in faults]

    def disarm(self) -> None:
        """Forget all faults; requests that suffer one already go on suffering it, but for those that are held."""
        self._armed.clear()
        self._disarmed.set()
        self._disarmed = asyncio.Event()

    def told(self) -> list[dict[str, object]]:
        """The armed faults with their ``id`` and how many requests are ``left``."""
        return [
            {"id": armed.id, "left": armed.left, **armed.fault.model_dump(exclude_defaults=True)}
            for armed in self._armed
        ]

    def fate(self, on: Endpoint, prompt: str = "") -> Fate:
        """What a request that has just come suffers. Each call uses up the faults it finds."""
        fault = self._take(on, prompt, lambda kind: kind not in ("pace", "delay", "say"))
        pace = self._take(on, prompt, lambda kind: kind == "pace")
        delay = self._take(on, prompt, lambda kind: kind == "delay")
        say = self._take(on, prompt, lambda kind: kind == "say")
        speed = pace.tokens_per_second if pace else None
        return Fate(fault, speed, delay.seconds if delay else 0.0, say, self._disarmed)

    def _take(self, on: Endpoint, prompt: str, wanted: Callable[[str], bool]) -> Fault | None:
        for armed in self._armed:
            fault = armed.fault
            if fault.on == on and wanted(fault.kind) and fault.prompt_contains in prompt:
                if armed.left is not None:
                    armed.left -= 1
                    if not armed.left:
                        self._armed.remove(armed)
                return fault
        return None
