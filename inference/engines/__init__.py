"""The engines: what generates text, behind one protocol."""

from typing import Any

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
    "make_engine",
]

KINDS = ("tgi",)


def make_engine(kind: str, url: str, **options: Any) -> Engine:
    """The engine of this kind at this address; raises ``ValueError`` for an unknown kind or a wrong address.

    options: see the kind's own class; all take ``token_timeout_s`` and ``api_key``.
    """
    if kind == "tgi":
        return TGIEngine(url, **options)
    raise ValueError(f"unknown kind of engine {kind!r}; there are {', '.join(KINDS)}")
