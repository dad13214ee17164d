"""The engines: what generates text, behind one protocol.

The openai package takes most of a second to import, so only processes that use it do.
"""

from typing import Any

from inference.engines.auto import AutoEngine, find_kind
from inference.engines.base import Engine, EngineInfo, EngineRequest, Finished, FinishReason, TextChunk
from inference.engines.errors import (
    EngineError,
    EngineFailed,
    EngineOverloaded,
    EngineRejected,
    EngineStalled,
    EngineUnreachable,
)
from inference.engines.tgi import TGIEngine

__all__ = [
    "AUTO",
    "KINDS",
    "AutoEngine",
    "Engine",
    "EngineError",
    "EngineFailed",
    "EngineInfo",
    "EngineOverloaded",
    "EngineRejected",
    "EngineRequest",
    "EngineStalled",
    "EngineUnreachable",
    "FinishReason",
    "Finished",
    "TGIEngine",
    "TextChunk",
    "find_kind",
    "make_engine",
]

KINDS = ("tgi", "openai")
AUTO = "auto"


def make_engine(kind: str, url: str, *, model_id: str = "", chat: bool = False, **options: Any) -> Engine:
    """The engine of this kind at this address.

    kind: "tgi", "openai", or "auto": found out when the engine first answers.
    model_id: the name under which an OpenAI-compatible server knows the model.
    chat: let the server apply the model's own template, on the chat endpoint; TGI has one too.
    options: ``token_timeout_s``, ``connect_timeout_s``, ``call_timeout_s``, ``health_timeout_s``, ``api_key``.

    Raises ``ValueError`` for an unknown kind or an address that is not http or https.
    """
    if kind not in (*KINDS, AUTO):
        raise ValueError(f"unknown kind of engine {kind!r}; there are {', '.join((*KINDS, AUTO))}")
    if chat or kind == "openai":
        from inference.engines.openai import OpenAIEngine

        return OpenAIEngine(url, model_id=model_id, chat=chat, **options)
    if kind == "tgi":
        return TGIEngine(url, **options)
    return AutoEngine(url, model_id=model_id, **options)
