"""Finds out what kind of engine answers at an address, and is that engine from then on."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from typing import Any, Literal

import aiohttp

from inference.engines.base import Engine, EngineInfo, EngineRequest, Finished, TextChunk
from inference.engines.errors import EngineUnreachable
from inference.engines.tgi import TGIEngine

logger = logging.getLogger(__name__)

Kind = Literal["tgi", "openai"]


async def find_kind(url: str, *, api_key: str | None = None, timeout_s: float = 5.0) -> Kind | None:
    """The kind of the engine at ``url``, None while nothing answers that is known.

    An address that ends in ``/v1`` is asked for /v1/models only; else TGI's /info is asked first: TGI answers both,
    and its own protocol says more.
    """
    root = url.rstrip("/").removesuffix("/v1")
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else None
    async with aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(timeout_s)) as session:
        if url.rstrip("/") == root:
            info = await _json(session, f"{root}/info")
            if isinstance(info, dict) and "model_id" in info and "router" in info:
                return "tgi"
        models = await _json(session, f"{root}/v1/models")
        if isinstance(models, dict) and isinstance(models.get("data"), list):
            return "openai"
    return None


async def _json(session: aiohttp.ClientSession, url: str) -> Any:
    """The JSON that is there, None for whatever goes wrong."""
    try:
        async with session.get(url) as answer:
            return await answer.json(content_type=None) if answer.status == 200 else None
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
        return None


class AutoEngine:
    """An engine whose kind is found out when it first answers; until then it is not healthy. See ``Engine``."""

    def __init__(self, url: str, *, model_id: str, api_key: str | None = None, **options: Any) -> None:
        """model_id: the name under which an OpenAI-compatible server knows the model. options: of both kinds."""
        self._tgi = TGIEngine(url, api_key=api_key, **options)
        self._url = url
        self._model_id = model_id
        self._api_key = api_key
        self._options = options
        self._found: Engine | None = None
        self._looking = asyncio.Lock()

    @property
    def can_continue(self) -> bool:
        """Both kinds can."""
        return True

    async def generate(self, request: EngineRequest) -> AsyncGenerator[TextChunk | Finished, None]:
        """See ``Engine.generate``."""
        stream = (await self._engine()).generate(request)
        try:
            async for item in stream:
                yield item
        finally:
            await stream.aclose()

    async def count_tokens(self, text: str) -> int:
        """See ``Engine.count_tokens``."""
        return await (await self._engine()).count_tokens(text)

    async def health(self) -> bool:
        """See ``Engine.health``."""
        try:
            return await (await self._engine()).health()
        except EngineUnreachable:
            return False

    async def info(self) -> EngineInfo:
        """See ``Engine.info``."""
        return await (await self._engine()).info()

    async def aclose(self) -> None:
        """See ``Engine.aclose``."""
        if self._found is not None:
            await self._found.aclose()

    async def _engine(self) -> Engine:
        """Raises ``EngineUnreachable`` while nothing known answers."""
        if self._found is None:
            async with self._looking:
                if self._found is None:
                    kind = await find_kind(self._url, api_key=self._api_key)
                    if kind is None:
                        raise EngineUnreachable(f"{self._url}: neither TGI's /info nor /v1/models answers there")
                    logger.info("The engine at %s speaks the protocol %r", self._url, kind)
                    self._found = self._tgi if kind == "tgi" else self._openai()
        return self._found

    def _openai(self) -> Engine:
        from inference.engines.openai import OpenAIEngine

        return OpenAIEngine(self._url, model_id=self._model_id, api_key=self._api_key, **self._options)
