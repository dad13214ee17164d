"""From a valid request to its reply: the tokens that the model would say."""

from collections.abc import Iterator
from time import perf_counter

from inference.demo_tgi import lorem, tokens
from inference.demo_tgi.faults import Fate, Fault
from inference.demo_tgi.generation import Generation
from inference.demo_tgi.pieces import Piece, end_of_text, piece_of
from inference.demo_tgi.prompt import Prompt, parse_prompt
from inference.demo_tgi.request import GenerateRequest
from inference.demo_tgi.state import State
from inference.demo_tgi.validation import ValidRequest, validate
from inference.demo_tgi.vocabulary import WORDS


def accept(state: State, request: GenerateRequest) -> ValidRequest:
    """The request after TGI's checks. Raises ``InvalidRequest``."""
    started = perf_counter()
    valid = validate(request, state.options.limits)
    state.metrics.accepted(
        input_length=valid.input_length,
        max_new_tokens=valid.max_new_tokens,
        validation_s=perf_counter() - started,
    )
    return valid


class Reply:
    """One reply to one request; ``number`` tells those of ``best_of`` apart.

    seed: what the reply reports as its seed; None when nothing was sampled.
    """

    def __init__(self, state: State, valid: ValidRequest, fate: Fate, *, number: int = 0) -> None:
        prompt = parse_prompt(valid.inputs)
        effective = lorem.effective_seed(valid.seed, prompt.user) + number
        self.seed = effective if valid.sampling else None
        self.generation = Generation(
            _pieces(state, prompt, effective, fate),
            end_of_text(prompt.end),
            max_new_tokens=valid.max_new_tokens,
            stop=valid.stop,
        )


def top_tokens(piece: Piece, n: int) -> list[dict[str, object]]:
    """The ``n`` tokens that were likeliest where ``piece`` was chosen, itself first."""
    others = [piece_of(f" {WORDS[(piece.id + place) % 256]}") for place in range(1, n)]
    return [
        {**other.json(), "logprob": round(piece.logprob - 0.7 * place, 4)}
        for place, other in enumerate((piece, *others))
    ]


def _pieces(state: State, prompt: Prompt, seed: int, fate: Fate) -> Iterator[Piece]:
    fault = fate.fault
    if fault and fault.kind == "empty":
        return iter(())
    pieces = _told(fate.say, prompt) if fate.say else state.model.pieces(prompt, seed)
    if fault and fault.kind == "split":
        return _split(pieces, held=fault.how == "held")
    return pieces


def _told(say: Fault, prompt: Prompt) -> Iterator[Piece]:
    """What the model was told to say, from where the prompt's continuation ends."""
    text = say.text[len(prompt.continuation) :]
    if say.token_length is None:
        return (piece_of(token) for token in tokens.split(text))
    starts = range(0, len(text), say.token_length)
    return (piece_of(text[start : start + say.token_length]) for start in starts)


def _split(pieces: Iterator[Piece], *, held: bool) -> Iterator[Piece]:
    """Tokens with characters outside ASCII as two tokens each, cut within their first such character."""
    for piece in pieces:
        if piece.text.isascii():
            yield piece
        elif held:
            yield piece_of("")
            yield piece
        else:
            data = piece.text.encode()
            cut = next(place for place, byte in enumerate(data) if byte > 127) + 1
            yield Piece(data[:cut].decode(errors="replace"), real="")
            yield Piece(data[cut:].decode(errors="replace"), real=piece.real)
