"""Asks a running engine for all that a catalogue entry needs; each engine tells it in its own way, or not at all."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

from inference.engines.auto import Kind, find_kind
from inference.engines.errors import EngineFailed, EngineUnreachable
from inference.prompts.recognise import TRIAL

TIMEOUT_S = 10.0
_MESSAGES = [
    {"role": "user" if message.role == "prompter" else "assistant", "content": message.content} for message in TRIAL
]


@dataclass(frozen=True, slots=True)
class EngineDescription:
    """What an engine says of itself; None where it says nothing. Lengths in tokens.

    rendered: what the model's own template makes of prompts.recognise.TRIAL. parallel: requests at a time.
    """

    kind: Kind
    model_id: str
    max_input_length: int | None = None
    max_total_length: int | None = None
    parallel: int | None = None
    rendered: str | None = None


async def describe_engine(url: str, *, api_key: str | None = None, model_id: str | None = None) -> EngineDescription:
    """Ask the engine at this address.

    model_id: which one, where it serves several. Raises ``EngineUnreachable`` when nothing known answers there, and
    ``EngineFailed`` when it does not say which model it serves.
    """
    kind = await find_kind(url, api_key=api_key, timeout_s=TIMEOUT_S)
    if kind is None:
        raise EngineUnreachable(f"{url}: neither TGI's /info nor /v1/models answers there; start the engine first")
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else None
    async with aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(TIMEOUT_S)) as session:
        asked = _Asked(url.rstrip("/").removesuffix("/v1"), session)
        return await (_tgi(asked) if kind == "tgi" else _openai(asked, model_id))


class _Asked:
    """One engine that is asked; whatever goes wrong is no answer."""

    def __init__(self, root: str, session: aiohttp.ClientSession) -> None:
        self.root = root
        self._session = session

    async def get(self, path: str) -> dict[str, Any]:
        """The JSON object at this path, an empty one for no answer."""
        return await self._ask("GET", path, None)

    async def post(self, path: str, body: object) -> dict[str, Any]:
        """The answer to this body, an empty one for none."""
        return await self._ask("POST", path, body)

    async def _ask(self, method: str, path: str, body: object) -> dict[str, Any]:
        try:
            async with self._session.request(method, self.root + path, json=body) as answer:
                told = await answer.json(content_type=None) if answer.status == 200 else None
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            return {}
        return told if isinstance(told, dict) else {}


async def _tgi(engine: _Asked) -> EngineDescription:
    info = await engine.get("/info")
    tried = await engine.post("/chat_tokenize", {"model": info.get("model_id"), "messages": _MESSAGES})
    return EngineDescription(
        kind="tgi",
        model_id=_named(engine, info.get("model_id")),
        max_input_length=_count(info.get("max_input_tokens", info.get("max_input_length"))),
        max_total_length=_count(info.get("max_total_tokens")),
        parallel=_count(info.get("max_concurrent_requests")),
        rendered=_text(tried.get("templated_text")),
    )


async def _openai(engine: _Asked, wanted: str | None) -> EngineDescription:
    listed = [each for each in (await engine.get("/v1/models")).get("data", []) if isinstance(each, dict)]
    model = next((each for each in listed if each.get("id") == wanted), listed[0] if len(listed) == 1 else {})
    if not model and wanted is None:
        ids = ", ".join(str(each.get("id")) for each in listed) or "none"
        raise EngineFailed(f"{engine.root} serves several models or tells of none ({ids}): name one with --model-id")
    model_id = _named(engine, wanted or model.get("id"))
    properties = await engine.get("/props")  # llama.cpp
    settings = properties.get("default_generation_settings")
    context = settings.get("n_ctx") if isinstance(settings, dict) else None
    rendered = None
    for dialect in _TEMPLATES:
        rendered = rendered or await dialect(engine, model_id)
    return EngineDescription(
        kind="openai",
        model_id=model_id,
        max_total_length=_count(model.get("max_model_len")) or _count(context),
        parallel=_count(properties.get("total_slots")),
        rendered=rendered,
    )


async def _llama_cpp(engine: _Asked, model_id: str) -> str | None:
    return _text((await engine.post("/apply-template", {"messages": _MESSAGES})).get("prompt"))


async def _vllm(engine: _Asked, model_id: str) -> str | None:
    asked = {"model": model_id, "messages": _MESSAGES, "add_generation_prompt": True}
    tokens = (await engine.post("/tokenize", asked)).get("tokens")
    if not isinstance(tokens, list) or not tokens:
        return None
    return _text((await engine.post("/detokenize", {"model": model_id, "tokens": tokens})).get("prompt"))


_TEMPLATES: tuple[Callable[[_Asked, str], Awaitable[str | None]], ...] = (_llama_cpp, _vllm)


def _named(engine: _Asked, model_id: object) -> str:
    if not isinstance(model_id, str) or not model_id:
        raise EngineFailed(f"{engine.root} does not say which model it serves; name it with --model-id")
    return model_id


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
