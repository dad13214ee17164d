"""TGI's checks of a request, in TGI's order and words (``router/src/validation.rs`` of TGI 3)."""

from dataclasses import dataclass

from inference.demo_tgi import tokens
from inference.demo_tgi.errors import InvalidRequest
from inference.demo_tgi.limits import Limits
from inference.demo_tgi.request import GenerateRequest, Parameters


@dataclass(frozen=True, slots=True)
class ValidRequest:
    """A request that may be generated.

    inputs: the prompt, less what ``truncate`` cuts off its beginning.
    input_length: its tokens.
    max_new_tokens: tokens to generate at most; all that there is room for when the request says nothing.
    """

    inputs: str
    input_length: int
    max_new_tokens: int
    stop: tuple[str, ...]
    seed: int | None
    sampling: bool
    top_n_tokens: int


def validate(request: GenerateRequest, limits: Limits) -> ValidRequest:
    """The request as it will be generated. Raises ``InvalidRequest`` with TGI's message."""
    said = request.parameters
    best_of = 1 if said.best_of is None else said.best_of
    sampling = said.do_sample or any(
        value is not None for value in (said.temperature, said.top_k, said.top_p, said.typical_p)
    )
    if best_of == 0 or best_of > limits.max_best_of:
        raise InvalidRequest(f"`best_of` must be > 0 and <= {limits.max_best_of}. Given: {best_of}")
    if best_of > 1 and not sampling:
        raise InvalidRequest("you must use sampling when `best_of` is > 1")
    _check_sampling(said)
    if said.max_new_tokens == 0:
        raise InvalidRequest("`max_new_tokens` must be strictly positive")
    if len(said.stop) > limits.max_stop_sequences:
        raise InvalidRequest(
            f"`stop` supports up to {limits.max_stop_sequences} stop sequences. Given: {len(said.stop)}"
        )
    if best_of > 1 and said.seed is not None:
        raise InvalidRequest("`seed` must not be set when `best_of` > 1")
    top_n_tokens = said.top_n_tokens or 0
    if top_n_tokens > limits.max_top_n_tokens:
        raise InvalidRequest(f"`top_n_tokens` must be >= 0 and <= {limits.max_top_n_tokens}. Given: {top_n_tokens}")
    if not request.inputs:
        raise InvalidRequest("`inputs` cannot be empty")
    inputs, input_length, max_new_tokens = _check_lengths(request, limits)
    if said.grammar is not None:
        raise InvalidRequest("grammar is not supported")
    return ValidRequest(
        inputs=inputs,
        input_length=input_length,
        max_new_tokens=max_new_tokens,
        stop=tuple(text for text in said.stop if text),
        seed=said.seed,
        sampling=sampling,
        top_n_tokens=top_n_tokens,
    )


def validate_for_streaming(said: Parameters) -> None:
    """What cannot be streamed. Raises ``InvalidRequest``."""
    if said.best_of is not None and said.best_of != 1:
        raise InvalidRequest("`best_of` != 1 is not supported when streaming tokens")
    if said.decoder_input_details:
        raise InvalidRequest("`decoder_input_details` == true is not supported when streaming tokens")


def _check_sampling(said: Parameters) -> None:
    if said.temperature is not None and not said.temperature > 0:
        raise InvalidRequest("`temperature` must be strictly positive")
    if said.repetition_penalty is not None and not said.repetition_penalty > 0:
        raise InvalidRequest("`repetition_penalty` must be strictly positive")
    if said.frequency_penalty is not None and not -2 <= said.frequency_penalty <= 2:
        raise InvalidRequest("`frequency_penalty` must be >= -2.0 and <= 2.0")
    if said.top_p is not None and not 0 < said.top_p < 1:
        raise InvalidRequest("`top_p` must be > 0.0 and < 1.0")
    if said.typical_p is not None and not 0 < said.typical_p < 1:
        raise InvalidRequest("`typical_p` must be > 0.0 and < 1.0")
    if said.top_k is not None and said.top_k <= 0:
        raise InvalidRequest("`top_k` must be strictly positive")


def _check_lengths(request: GenerateRequest, limits: Limits) -> tuple[str, int, int]:
    truncate, max_new_tokens = request.parameters.truncate, request.parameters.max_new_tokens
    inputs = request.inputs
    if truncate is not None:
        if truncate == 0 or truncate > limits.max_input_tokens:
            raise InvalidRequest(
                f"`truncate` must be strictly positive and less than {limits.max_input_tokens}. Given: {truncate}"
            )
        inputs = tokens.last_tokens(inputs, truncate)
    input_length = tokens.count(inputs)
    if max_new_tokens is None:
        max_new_tokens = max(1, limits.max_total_tokens - input_length)
    if input_length + max_new_tokens > limits.max_total_tokens:
        raise InvalidRequest(
            f"`inputs` tokens + `max_new_tokens` must be <= {limits.max_total_tokens}. "
            f"Given: {input_length} `inputs` tokens and {max_new_tokens} `max_new_tokens`"
        )
    if input_length > limits.max_input_tokens:
        raise InvalidRequest(f"`inputs` must have less than {limits.max_input_tokens} tokens. Given: {input_length}")
    return inputs, input_length, max_new_tokens
