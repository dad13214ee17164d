"""A generation request read from JSON: types as TGI's router expects them, defaults as it fills them in.

The types are those of ``GenerateParameters`` in TGI's ``router/src/lib.rs``; whether the values make sense is
for ``validation`` to say.
"""

from dataclasses import dataclass, field
from typing import Any

import orjson

from inference.demo_tgi.errors import UnreadableRequest


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a request may say about its generation; None is "not said"."""

    best_of: int | None = None
    temperature: float | None = None
    repetition_penalty: float | None = None
    frequency_penalty: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    typical_p: float | None = None
    do_sample: bool = False
    max_new_tokens: int | None = None
    return_full_text: bool | None = None
    stop: tuple[str, ...] = ()
    truncate: int | None = None
    watermark: bool = False
    details: bool = False
    decoder_input_details: bool = False
    seed: int | None = None
    top_n_tokens: int | None = None
    grammar: dict[str, Any] | None = None
    adapter_id: str | None = None


@dataclass(frozen=True, slots=True)
class GenerateRequest:
    """The prompt and its parameters; ``stream`` counts at ``/`` only."""

    inputs: str
    parameters: Parameters = field(default_factory=Parameters)
    stream: bool = False


_INTEGERS = {
    "best_of": ("usize", 0, 2**64),
    "top_k": ("i32", -(2**31), 2**31),
    "max_new_tokens": ("u32", 0, 2**32),
    "truncate": ("usize", 0, 2**64),
    "seed": ("u64", 0, 2**64),
    "top_n_tokens": ("u32", 0, 2**32),
}
_NUMBERS = ("temperature", "repetition_penalty", "frequency_penalty", "top_p", "typical_p")
_FLAGS = ("do_sample", "watermark", "details", "decoder_input_details")


def read_request(body: bytes, content_type: str) -> GenerateRequest:
    """The request that a body holds. Raises ``UnreadableRequest`` with what is wrong."""
    if content_type != "application/json":
        raise UnreadableRequest(415, "Expected request with `Content-Type: application/json`")
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise UnreadableRequest(400, f"Failed to parse the request body as JSON: {error}") from None
    if not isinstance(data, dict):
        raise _wrong("", data, "struct GenerateRequest")
    if "inputs" not in data:
        raise _unfit("missing field `inputs`")
    inputs = data["inputs"]
    if not isinstance(inputs, str):
        raise _wrong("inputs", inputs, "a string")
    stream = data.get("stream", False)
    if not isinstance(stream, bool):
        raise _wrong("stream", stream, "a boolean")
    return GenerateRequest(inputs, _parameters(data.get("parameters", {})), stream)


def _parameters(data: object) -> Parameters:
    if not isinstance(data, dict):
        raise _wrong("parameters", data, "struct GenerateParameters")
    known: dict[str, Any] = {}
    for name, (kind, low, high) in _INTEGERS.items():
        value = data.get(name)
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool):
            raise _wrong(f"parameters.{name}", value, kind)
        if not low <= value < high:
            raise _unfit(f"parameters.{name}: invalid value: integer `{value}`, expected {kind}")
        known[name] = value
    for name in _NUMBERS:
        value = data.get(name)
        if value is None:
            continue
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise _wrong(f"parameters.{name}", value, "f32")
        known[name] = float(value)
    for name in _FLAGS:
        if name in data:
            if not isinstance(data[name], bool):
                raise _wrong(f"parameters.{name}", data[name], "a boolean")
            known[name] = data[name]
    return Parameters(**known, **_others(data))


def _others(data: dict[str, Any]) -> dict[str, Any]:
    known: dict[str, Any] = {}
    for name, kind, expected in (
        ("return_full_text", bool, "a boolean"),
        ("grammar", dict, "internally tagged enum GrammarType"),
        ("adapter_id", str, "a string"),
    ):
        value = data.get(name)
        if value is not None:
            if not isinstance(value, kind):
                raise _wrong(f"parameters.{name}", value, expected)
            known[name] = value
    if "stop" in data:
        stop = data["stop"]
        if not isinstance(stop, list):
            raise _wrong("parameters.stop", stop, "a sequence")
        for place, text in enumerate(stop):
            if not isinstance(text, str):
                raise _wrong(f"parameters.stop[{place}]", text, "a string")
        known["stop"] = tuple(stop)
    return known


def _wrong(path: str, value: object, expected: str) -> UnreadableRequest:
    where = f"{path}: " if path else ""
    return _unfit(f"{where}invalid type: {_rust_name(value)}, expected {expected}")


def _unfit(what: str) -> UnreadableRequest:
    return UnreadableRequest(422, f"Failed to deserialize the JSON body into the target type: {what}")


def _rust_name(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return f"boolean `{str(value).lower()}`"
        case int():
            return f"integer `{value}`"
        case float():
            return f"floating point `{value}`"
        case str():
            return f'string "{value}"'
        case list():
            return "sequence"
        case _:
            return "map"
