"""The engine for text-generation-inference: its client's answers and errors as this system's own."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import aiohttp
from text_generation import errors as tgi_errors

from inference.engines.base import EngineInfo, EngineRequest, Finished, TextChunk
from inference.engines.errors import (
    EngineError,
    EngineFailed,
    EngineOverloaded,
    EngineRejected,
    EngineStalled,
    EngineUnreachable,
    error_for_status,
)
from inference.engines.tgi_client import StreamToken, TGIClient
from inference.engines.whole_characters import WholeCharacters
from inference.rhythm import Rhythm
from inference.thinking import TAGS

MAX_STOP_SEQUENCES = 4
"""TGI's own default limit; further ones are left to ``StopFilter``."""


class TGIEngine:
    """One TGI server; see ``Engine``. Made anywhere, used on one event loop."""

    can_continue = True

    def __init__(
        self,
        url: str,
        *,
        token_timeout_s: float = 60.0,
        connect_timeout_s: float = 5.0,
        call_timeout_s: float = 10.0,
        health_timeout_s: float = 5.0,
        api_key: str | None = None,
        rhythm: Rhythm | None = None,
    ) -> None:
        """Raises ``ValueError`` for an address that is not http or https.

        token_timeout_s: the longest wait for a token, the first one too (queueing and reading the prompt).
        connect_timeout_s: for a connection, name resolution included.
        call_timeout_s: for counting tokens and for the engine's description of itself.
        rhythm: in which the replies are read, when there are many.
        """
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"engine address {url!r} is not http://HOST[:PORT] or https://HOST[:PORT]")
        self.url = url.rstrip("/")
        self._token_timeout_s = token_timeout_s
        self._call_timeout_s = call_timeout_s
        self._health_timeout_s = health_timeout_s
        self._client = TGIClient(
            self.url, api_key=api_key, connect_timeout_s=connect_timeout_s, rhythm=rhythm or Rhythm()
        )

    async def generate(self, request: EngineRequest) -> AsyncGenerator[TextChunk | Finished, None]:
        """See ``Engine.generate``."""
        text = WholeCharacters()
        begun = False
        try:
            stream = self._client.generate_stream(
                request.prompt, token_timeout_s=self._token_timeout_s, **_parameters(request)
            )
            async with aclosing(stream):
                async for tokens in stream:
                    begun = True
                    pieces = [_shown(token, text) for token in tokens]
                    end = tokens[-1].end
                    if end is None:
                        yield _chunk(pieces)
                        continue
                    assert end.details is not None, "that is what makes it the end"
                    pieces[-1] += text.finish(end.generated_text)
                    yield _chunk(pieces)
                    yield Finished(
                        reason=end.details.finish_reason.value,
                        generated_tokens=end.details.generated_tokens,
                        input_tokens=end.details.input_length,
                        final_text=end.generated_text,
                    )
                    return
        except EngineError:
            raise
        except Exception as error:
            raise self._named(error, begun=begun) from error
        raise EngineFailed(f"{self.url}: the stream ended without a last token: the reply is incomplete")

    async def count_tokens(self, text: str) -> int:
        """The tokens of ``text`` as TGI itself counts a prompt (its begin-of-text token included)."""
        if not text:
            return 0
        tokens = await self._call("POST", "/tokenize", {"inputs": text})
        if not isinstance(tokens, list):
            raise EngineFailed(f"{self.url}/tokenize: a list of tokens was expected, got {tokens!r:.200}")
        return len(tokens)

    async def health(self) -> bool:
        """Does /health answer with success within ``health_timeout_s``?"""
        return await self._client.answers("/health", timeout_s=self._health_timeout_s)

    async def info(self) -> EngineInfo:
        """What /info says; the name of the input limit differs between TGI's versions."""
        info = await self._call("GET", "/info")
        if not isinstance(info, dict) or not isinstance(info.get("model_id"), str):
            raise EngineFailed(f"{self.url}/info: a model_id was expected, got {info!r:.200}")
        return EngineInfo(
            model_id=info["model_id"],
            max_input_tokens=info.get("max_input_tokens", info.get("max_input_length")),
            max_total_tokens=info.get("max_total_tokens"),
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _call(self, method: str, path: str, body: object = None) -> Any:
        try:
            return await self._client.call(method, path, body, timeout_s=self._call_timeout_s)
        except Exception as error:
            raise self._named(error, begun=False, what=path) from error

    def _named(self, error: Exception, *, begun: bool, what: str = "") -> EngineError:
        """This system's name for whatever the client raised."""
        where = self.url + what
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return EngineUnreachable(f"{where}: no connection in time: {error}")
        if isinstance(error, TimeoutError):
            return EngineStalled(f"{where}: silent for too long")
        if isinstance(error, aiohttp.ClientError | OSError):
            kind = EngineFailed if begun else EngineUnreachable
            return kind(f"{where}: {error or type(error).__name__}")
        for kinds, named in _BY_KIND:
            if isinstance(error, kinds):
                return named(f"{where}: {error}")
        status = getattr(error, "status", None)
        if status is None:
            return EngineFailed(f"{where}: {type(error).__name__}: {error}")
        return error_for_status(status)(f"{where}: {error}")


_BY_KIND: tuple[tuple[tuple[type[Exception], ...], type[EngineError]], ...] = (
    ((tgi_errors.OverloadedError, tgi_errors.RateLimitExceededError), EngineOverloaded),
    ((tgi_errors.ValidationError, tgi_errors.BadRequestError, tgi_errors.NotFoundError), EngineRejected),
    ((tgi_errors.GenerationError, tgi_errors.IncompleteGenerationError), EngineFailed),
)


def _shown(token: StreamToken, text: WholeCharacters) -> str:
    """What the token adds to the reply. In some models' vocabularies the tags of thoughts are special, and wanted."""
    return "" if token.special and token.text not in TAGS else text.feed(token.text)


def _chunk(pieces: list[str]) -> TextChunk:
    if len(pieces) == 1:
        return TextChunk(pieces[0], 1)
    return TextChunk("".join(pieces), len(pieces), tuple(map(len, pieces)))


def _parameters(request: EngineRequest) -> dict[str, Any]:
    """The request in the client's words. It refuses values that mean "off": they are left out.

    Without sampling nothing that steers it is sent: TGI samples as soon as one such parameter is there.
    """
    sampling = request.sampling
    parameters: dict[str, Any] = {
        "max_new_tokens": request.max_new_tokens,
        "repetition_penalty": sampling.repetition_penalty,
        "stop": list(request.stop[:MAX_STOP_SEQUENCES]),
        "seed": request.seed,
        "do_sample": request.do_sample and sampling.temperature != 0,
    }
    if parameters["do_sample"]:
        parameters["temperature"] = sampling.temperature
        parameters["top_k"] = sampling.top_k
        parameters["top_p"] = _below_one(sampling.top_p)
        parameters["typical_p"] = _below_one(sampling.typical_p)
    return parameters


def _below_one(mass: float | None) -> float | None:
    return None if mass is None or mass >= 1.0 else mass
