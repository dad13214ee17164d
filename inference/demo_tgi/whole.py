"""``/generate``: a reply in one piece."""

from time import perf_counter

from aiohttp import web

from inference.demo_tgi import tokens
from inference.demo_tgi.cutting import cut
from inference.demo_tgi.errors import TGIError
from inference.demo_tgi.faults import Fate
from inference.demo_tgi.ledger import Entry
from inference.demo_tgi.pace import Pace
from inference.demo_tgi.pieces import Piece, piece_of
from inference.demo_tgi.reply import Reply, accept, top_tokens
from inference.demo_tgi.request import GenerateRequest
from inference.demo_tgi.state import State
from inference.demo_tgi.streaming import label, planned_error
from inference.demo_tgi.validation import ValidRequest
from inference.demo_tgi.waiting import forever


async def generate(
    state: State, request: web.Request, asked: GenerateRequest, fate: Fate, entry: Entry, *, in_list: bool
) -> web.StreamResponse:
    """Answers with the whole reply; ``in_list``: within a list, as ``POST /`` does."""
    started = perf_counter()
    try:
        with state.place():
            valid = accept(state, asked)
            fault = fate.fault
            if fault and fault.kind == "error":
                raise planned_error(fault)
            if fault and fault.kind == "hang":
                await forever()
            if fault and fault.kind == "cut":
                state.ledger.end(entry, "failed")
                cut(request, fault)
                return web.Response()
            replies = [_Whole(state, asked, valid, fate, number) for number in range(asked.parameters.best_of or 1)]
            for reply in replies:
                await reply.generate(entry)
    except TGIError as error:
        state.metrics.failure(label(error))
        state.ledger.end(entry, "refused" if not entry.tokens else "failed")
        return web.json_response(body=error.body(), status=error.status)
    best = max(replies, key=lambda reply: reply.logprob)
    answer = best.json([reply for reply in replies if reply is not best])
    entry.finish_reason = best.finish_reason
    state.ledger.end(entry, "finished")
    duration = perf_counter() - started
    state.metrics.success(generated_tokens=best.generated_tokens, duration_s=duration)
    return web.json_response(
        [answer] if in_list else answer,
        headers={
            "x-compute-type": "demo",
            "x-compute-time": f"{duration:.6f}",
            "x-compute-characters": str(len(asked.inputs)),
            "x-total-time": str(round(duration * 1000)),
            "x-prompt-tokens": str(valid.input_length),
            "x-generated-tokens": str(best.generated_tokens),
        },
    )


class _Whole:
    """One of the replies that ``best_of`` asks for."""

    def __init__(self, state: State, asked: GenerateRequest, valid: ValidRequest, fate: Fate, number: int) -> None:
        self._asked = asked
        self._valid = valid
        self._reply = Reply(state, valid, fate, number=number)
        speed = fate.tokens_per_second
        self._speed = state.options.tokens_per_second if speed is None else speed
        self._pieces: list[Piece] = []

    async def generate(self, entry: Entry) -> None:
        """Generates it to its end, at the model's speed."""
        generation = self._reply.generation
        pace = Pace(self._speed)
        while generation.finish_reason is None:
            due = await pace.next(generation.tokens, patience_s=60)
            if due:
                taken = generation.take(due)
                self._pieces += taken
                entry.tokens += len(taken)

    @property
    def logprob(self) -> float:
        """The mean over its tokens: the best of several is the likeliest."""
        return sum(piece.logprob for piece in self._pieces) / len(self._pieces)

    @property
    def finish_reason(self) -> str | None:
        """Why it ended."""
        return self._reply.generation.finish_reason

    @property
    def generated_tokens(self) -> int:
        """How many tokens it has."""
        return self._reply.generation.tokens

    def json(self, others: "list[_Whole]") -> dict[str, object]:
        """TGI's ``GenerateResponse``."""
        said = self._asked.parameters
        answer: dict[str, object] = {"generated_text": self._text()}
        if said.details or said.decoder_input_details:
            details = self._details()
            if others:
                details["best_of_sequences"] = [
                    {"generated_text": other._text(), **other._details()} for other in others
                ]
            answer["details"] = details
        return answer

    def _text(self) -> str:
        text = self._reply.generation.text
        return self._asked.inputs + text if self._asked.parameters.return_full_text else text

    def _details(self) -> dict[str, object]:
        top_n = self._valid.top_n_tokens
        details: dict[str, object] = {
            "finish_reason": self.finish_reason,
            "generated_tokens": self.generated_tokens,
            "seed": self._reply.seed,
            "prefill": self._prefill() if self._asked.parameters.decoder_input_details else [],
            "tokens": [piece.json() for piece in self._pieces],
        }
        if top_n:
            details["top_tokens"] = [top_tokens(piece, top_n) for piece in self._pieces]
        return details

    def _prefill(self) -> list[dict[str, object]]:
        pieces = [piece_of(text) for text in tokens.split(self._valid.inputs)]
        return [
            {"id": piece.id, "text": piece.text, "logprob": piece.logprob if place else None}
            for place, piece in enumerate(pieces)
        ]
