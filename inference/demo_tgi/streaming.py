"""``/generate_stream``: a reply token by token."""

import asyncio
from contextlib import suppress
from time import perf_counter

from aiohttp import web

from inference.demo_tgi.cutting import cut
from inference.demo_tgi.errors import (
    GenerationFailed,
    IncompleteGeneration,
    InvalidRequest,
    Overloaded,
    TGIError,
)
from inference.demo_tgi.events import KEEPALIVE, KEEPALIVE_S, error_event, last_event, token_events
from inference.demo_tgi.faults import Fate, Fault
from inference.demo_tgi.generation import Generation
from inference.demo_tgi.ledger import Entry
from inference.demo_tgi.pace import Pace
from inference.demo_tgi.reply import Reply, accept
from inference.demo_tgi.request import GenerateRequest
from inference.demo_tgi.state import State
from inference.demo_tgi.validation import ValidRequest, validate_for_streaming

_FAULTS_IN_MID_STREAM = frozenset({"error", "hang", "hold", "cut", "garbage"})


async def stream(
    state: State, request: web.Request, asked: GenerateRequest, fate: Fate, entry: Entry
) -> web.StreamResponse:
    """Answers with the events of a reply. What is wrong with the request is an event too, as with TGI."""
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/event-stream",
            "Cache-Control": "no-cache",
            "X-Accel-Buffering": "no",
            "x-compute-type": "demo",
            "x-compute-characters": str(len(asked.inputs)),
        }
    )
    await response.prepare(request)
    try:
        validate_for_streaming(asked.parameters)
        with state.place():
            valid = accept(state, asked)
            await _Stream(state, request, response, asked, valid, fate, entry).send()
    except TGIError as error:
        refused = isinstance(error, InvalidRequest | Overloaded) and not entry.tokens
        state.metrics.failure(label(error))
        state.ledger.end(entry, "refused" if refused else "failed")
        await response.write(error_event(error))
    return response


def label(error: TGIError) -> str:
    """How TGI's metrics call an error."""
    return "incomplete" if isinstance(error, IncompleteGeneration) else error.error_type


def planned_error(fault: Fault) -> TGIError:
    """The error that an ``error`` fault asks for."""
    match fault.error_type:
        case "overloaded":
            return Overloaded()
        case "validation":
            return InvalidRequest("told to fail")
        case "incomplete_generation":
            return IncompleteGeneration()
        case _:
            return GenerationFailed("told to fail")


class _Stream:
    def __init__(
        self,
        state: State,
        request: web.Request,
        response: web.StreamResponse,
        asked: GenerateRequest,
        valid: ValidRequest,
        fate: Fate,
        entry: Entry,
    ) -> None:
        self._state = state
        self._request = request
        self._response = response
        self._asked = asked
        self._valid = valid
        self._fate = fate
        self._entry = entry
        self._reply = Reply(state, valid, fate)
        fault = fate.fault
        self._fault = fault if fault and fault.kind in _FAULTS_IN_MID_STREAM else None

    async def send(self) -> None:
        """Writes the reply to its end, or to its fault."""
        started = perf_counter()
        generation, entry, speed = self._reply.generation, self._entry, self._fate.tokens_per_second
        pace = Pace(self._state.options.tokens_per_second if speed is None else speed)
        write = self._response.write
        while generation.finish_reason is None:
            if self._fault and entry.tokens >= self._fault.after_tokens and await self._suffer(self._fault):
                return
            due = await pace.next(entry.tokens, patience_s=KEEPALIVE_S)
            if not due:
                await write(KEEPALIVE)
                continue
            if self._fault and entry.tokens < self._fault.after_tokens:
                due = min(due, self._fault.after_tokens - entry.tokens)
            await write(self._events(generation, due))
        self._state.metrics.success(generated_tokens=generation.tokens, duration_s=perf_counter() - started)

    def _events(self, generation: Generation, at_most: int) -> bytes:
        index, top_n = generation.tokens + 1, self._valid.top_n_tokens
        pieces = generation.take(at_most)
        self._entry.tokens = generation.tokens
        if generation.finish_reason is None:
            return token_events(pieces, index, top_n)
        # Noted before it is sent, so that who has read the last event finds it noted.
        self._entry.finish_reason = generation.finish_reason
        self._state.ledger.end(self._entry, "finished")
        *before, last = pieces
        return token_events(before, index, top_n) + last_event(
            last, generation.tokens, top_n, self._final_text(), self._details()
        )

    def _final_text(self) -> str:
        text = self._reply.generation.text
        if self._fate.kind == "wrong_text":
            text = text[::-1] + " (not what was streamed)"
        return self._asked.inputs + text if self._asked.parameters.return_full_text else text

    def _details(self) -> dict[str, object] | None:
        if not self._asked.parameters.details:
            return None
        return {
            "finish_reason": self._reply.generation.finish_reason,
            "generated_tokens": self._reply.generation.tokens,
            "seed": self._reply.seed,
            "input_length": self._valid.input_length,
        }

    async def _suffer(self, fault: Fault) -> bool:
        """Lets the fault happen; whether it ends the answer."""
        match fault.kind:
            case "error":
                raise planned_error(fault)
            case "hang":
                while True:
                    await asyncio.sleep(fault.keepalive_s)
                    await self._response.write(KEEPALIVE)
            case "hold":
                self._fault = None
                while not self._fate.disarmed.is_set():
                    await self._response.write(KEEPALIVE)
                    with suppress(TimeoutError):
                        async with asyncio.timeout(fault.keepalive_s):
                            await self._fate.disarmed.wait()
                return False
            case "cut":
                self._state.ledger.end(self._entry, "failed")
                cut(self._request, fault)
                return True
            case _:
                self._fault = None
                await self._response.write(f"data:{fault.data}\n\n".encode())
                return False
