"""The engine for OpenAI-compatible servers: vLLM, SGLang, llama.cpp, Ollama, transformers serve, TGI's own /v1.

Two ways. The completions endpoint takes the prompt as it is, so a reply that was cut off can be gone on with. The
chat endpoint takes messages and applies the model's own template: nothing needs to be known of it, and nothing can be
continued.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from typing import Any

import httpx2
import openai

from inference.engines.base import EngineInfo, EngineRequest, Finished, FinishReason, TextChunk
from inference.engines.errors import (
    EngineError,
    EngineFailed,
    EngineRejected,
    EngineStalled,
    EngineUnreachable,
    error_for_status,
)
from inference.engines.estimate import estimate_tokens
from inference.engines.openai_chunks import Chunk, Thoughts, read_chunk
from inference.engines.whole_characters import WholeCharacters

logger = logging.getLogger(__name__)
# It would tell of every request, and an engine's health is asked for once a second.
logging.getLogger("httpx2").setLevel(logging.WARNING)

MAX_STOP_SEQUENCES = 4
"""OpenAI's own limit, which some servers keep; further ones are left to ``StopFilter``."""
_LONGEST_ERROR = 300
"""Characters of what a server says with a refusal."""
_LAST_WORDS_S = 2.0
"""How long the counts may take once the reply is whole."""


class OpenAIEngine:
    """One OpenAI-compatible server; see ``Engine``. Made anywhere, used on one event loop."""

    def __init__(
        self,
        url: str,
        *,
        model_id: str,
        chat: bool = False,
        token_timeout_s: float = 60.0,
        connect_timeout_s: float = 5.0,
        call_timeout_s: float = 10.0,
        health_timeout_s: float = 5.0,
        api_key: str | None = None,
    ) -> None:
        """Raises ``ValueError`` for an address that is not http or https.

        url: with or without the ``/v1`` at its end.
        model_id: the name under which the server knows the model.
        chat: use the chat endpoint, where the server applies the model's own template.
        The times are those of ``TGIEngine``.
        """
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"engine address {url!r} is not http://HOST[:PORT][/v1] or https://HOST[:PORT][/v1]")
        self._root = url.rstrip("/").removesuffix("/v1")
        self.url = f"{self._root}/v1"
        self.can_continue = not chat
        self._chat = chat
        self._model_id = model_id
        self._token_timeout_s = token_timeout_s
        self._call_timeout_s = call_timeout_s
        self._health_timeout_s = health_timeout_s
        self._timeout = httpx2.Timeout(None, connect=connect_timeout_s)
        self._api_key = api_key or "none"
        self._http: httpx2.AsyncClient | None = None
        self._takes_extras = True
        self._counts_tokens = True

    async def generate(self, request: EngineRequest) -> AsyncGenerator[TextChunk | Finished, None]:
        """See ``Engine.generate``. A chunk is taken for one token where the server counts only at the end."""
        stream = await self._open(request)
        characters = WholeCharacters()
        thoughts = Thoughts()
        ending: FinishReason | None = None
        tokens = 0
        prompt_tokens: int | None = None
        counted = False
        clock = asyncio.get_running_loop().time
        deadline = clock() + self._token_timeout_s
        try:
            while True:
                try:
                    async with asyncio.timeout_at(deadline):
                        chunk = await self._next(stream, begun=tokens > 0)
                except EngineError:
                    if ending is None:
                        raise
                    break  # The reply is whole; only its counts are missing.
                if chunk is None:
                    break
                if chunk.prompt_tokens is not None:
                    prompt_tokens = chunk.prompt_tokens
                text = thoughts.text_of(chunk) if request.thoughts else chunk.text
                spent = 1 if text or chunk.reasoning else 0
                if chunk.completion_tokens is not None:
                    counted = True
                    spent = max(0, chunk.completion_tokens - tokens)
                tokens += spent
                if text or spent:
                    yield TextChunk(characters.feed(text), spent)
                    deadline = clock() + self._token_timeout_s
                if chunk.finish_reason is not None:
                    ending = chunk.finish_reason
                    deadline = clock() + min(self._token_timeout_s, _LAST_WORDS_S)
                if ending is not None and counted:
                    break
        except TimeoutError as error:
            if ending is None:
                raise EngineStalled(f"{self.url}: silent for too long") from error
        finally:
            await stream.close()
        if ending is None:
            raise EngineFailed(f"{self.url}: the stream ended without a reason to finish: the reply is incomplete")
        if rest := characters.feed(thoughts.end()) + characters.finish(None):
            yield TextChunk(rest, 0)
        yield Finished(ending, generated_tokens=tokens if counted else None, input_tokens=prompt_tokens)

    async def count_tokens(self, text: str) -> int:
        """The tokens of ``text``: as the server counts them where it does, else an upper bound.

        vLLM, SGLang, llama.cpp and TGI all count at /tokenize; they differ in what they call the text, and each
        ignores the others' names for it.
        """
        if not text:
            return 0
        if self._counts_tokens:
            body = {"model": self._model_id, "prompt": text, "content": text, "inputs": text, "add_special": True}
            try:
                answer = await self._call("POST", f"{self._root}/tokenize", body)
                return _token_count(answer)
            except (EngineRejected, ValueError):
                self._counts_tokens = False
                logger.info("%s does not count tokens: prompts are measured by an estimate", self._root)
        return estimate_tokens(text)

    async def health(self) -> bool:
        """Does /health answer with success, or where there is none, /v1/models?"""
        try:
            async with asyncio.timeout(self._health_timeout_s):
                http = self._connection()
                answer = await http.get(f"{self._root}/health", headers=self._authorization)
                if answer.status_code in (404, 405):
                    answer = await http.get(f"{self.url}/models", headers=self._authorization)
                return answer.status_code == 200
        except (httpx2.HTTPError, TimeoutError):
            return False

    async def info(self) -> EngineInfo:
        """What /v1/models says: this model, when it is listed, else the first of the list.

        An empty list says nothing (transformers serve lists what the hub's cache holds): the model is taken on trust.
        """
        answer = await self._call("GET", f"{self.url}/models")
        models = answer.get("data") if isinstance(answer, dict) else None
        if models == []:
            return EngineInfo(self._model_id)
        named = [each for each in models or [] if isinstance(each, dict) and isinstance(each.get("id"), str)]
        if not named:
            raise EngineFailed(f"{self.url}/models: a list of models was expected, got {answer!r:.200}")
        model = next((each for each in named if each["id"] == self._model_id), named[0])
        length = model.get("max_model_len")
        return EngineInfo(model["id"], max_total_tokens=length if isinstance(length, int) else None)

    async def aclose(self) -> None:
        """Close all connections; the next call opens anew."""
        if self._http is not None:
            http, self._http = self._http, None
            await http.aclose()

    def _connection(self) -> httpx2.AsyncClient:
        if self._http is None:
            # Every call has its own connection: one kept from an earlier call may be closed just then.
            limits = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
            self._http = openai.DefaultAsyncHttpx2Client(timeout=self._timeout, limits=limits)
        return self._http

    def _client(self) -> openai.AsyncOpenAI:
        return openai.AsyncOpenAI(
            base_url=self.url,
            api_key=self._api_key,
            timeout=self._timeout,
            max_retries=0,
            http_client=self._connection(),
        )

    @property
    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._api_key}"}

    async def _open(self, request: EngineRequest) -> openai.AsyncStream[Any]:
        """Send the request; a server that refuses the parameters which OpenAI does not have gets it without."""
        extras = _extras(request) if self._takes_extras else {}
        try:
            return await self._send(request, extras)
        except EngineRejected as refusal:
            if not extras:
                raise
            try:
                stream = await self._send(request, {})
            except EngineError:
                raise refusal from None
            self._takes_extras = False
            logger.warning("%s refuses %s: they have no effect there", self.url, ", ".join(extras))
            return stream

    async def _send(self, request: EngineRequest, extras: dict[str, Any]) -> openai.AsyncStream[Any]:
        common: dict[str, Any] = {
            "model": self._model_id,
            "max_tokens": request.max_new_tokens,
            "seed": request.seed,
            **({"stop": list(request.stop[:MAX_STOP_SEQUENCES])} if request.stop else {}),
            "stream": True,
            "stream_options": {"include_usage": True},
            "extra_body": extras,
            **_steering(request),
        }
        try:
            async with asyncio.timeout(self._token_timeout_s):
                if self._chat:
                    messages: Any = [{"role": each.role, "content": each.content} for each in request.messages]
                    return await self._client().chat.completions.create(messages=messages, **common)
                return await self._client().completions.create(prompt=request.prompt, **common)
        except (openai.OpenAIError, TimeoutError) as error:
            raise self._named(error, self.url, begun=False) from error

    async def _next(self, stream: openai.AsyncStream[Any], *, begun: bool) -> Chunk | None:
        """The next chunk; None at the end of the stream."""
        try:
            return read_chunk(await anext(stream))
        except StopAsyncIteration:
            return None
        except (openai.OpenAIError, ValueError) as error:
            raise self._named(error, self.url, begun=begun) from error

    async def _call(self, method: str, url: str, body: object = None) -> Any:
        try:
            async with asyncio.timeout(self._call_timeout_s):
                answer = await self._connection().request(method, url, json=body, headers=self._authorization)
        except (httpx2.HTTPError, TimeoutError) as error:
            raise self._named(error, url, begun=False) from error
        if answer.status_code != 200:
            raise error_for_status(answer.status_code)(
                f"{url}: HTTP {answer.status_code}: {answer.text[:_LONGEST_ERROR]}"
            )
        try:
            return answer.json()
        except ValueError as error:
            raise EngineFailed(f"{url}: no JSON: {answer.text[:_LONGEST_ERROR]!r}") from error

    def _named(self, error: Exception, where: str, *, begun: bool) -> EngineError:
        """This system's name for whatever the client raised."""
        match error:
            case openai.APIStatusError():
                said = error.response.text[:_LONGEST_ERROR].strip() or error.message
                return error_for_status(error.status_code)(f"{where}: HTTP {error.status_code}: {said}")
            case openai.APIConnectionError() | httpx2.HTTPError():
                cause = error.__cause__ or error
                kind = EngineFailed if begun else EngineUnreachable
                return kind(f"{where}: {cause or type(cause).__name__}")
            case openai.APIError():  # an error in mid-stream; some say which status it would have been
                status = int(error.code) if error.code and error.code.isdecimal() else 500
                return error_for_status(status)(f"{where}: {error.message}")
            case TimeoutError():
                return EngineStalled(f"{where}: silent for too long")
            case _:
                return EngineFailed(f"{where}: {type(error).__name__}: {error}")


def _steering(request: EngineRequest) -> dict[str, float]:
    """What steers sampling; said outright where it is off, since servers have defaults of their own."""
    sampling = request.sampling
    if not request.do_sample:
        return {"temperature": 0.0}
    return {
        "temperature": 1.0 if sampling.temperature is None else sampling.temperature,
        "top_p": 1.0 if sampling.top_p is None else sampling.top_p,
    }


def _extras(request: EngineRequest) -> dict[str, Any]:
    """Parameters that OpenAI does not have and most open servers do."""
    sampling = request.sampling
    extras: dict[str, Any] = {"repetition_penalty": sampling.repetition_penalty}
    if request.do_sample:
        extras |= {"top_k": sampling.top_k, "typical_p": sampling.typical_p}
    return {name: value for name, value in extras.items() if value is not None}


def _token_count(answer: object) -> int:
    """A count, or a list of tokens; raises ``ValueError`` for anything else."""
    if isinstance(answer, dict):
        answer = answer.get("count", answer.get("tokens"))
    if isinstance(answer, int) and not isinstance(answer, bool):
        return answer
    if isinstance(answer, list):
        return len(answer)
    raise ValueError(f"neither a count nor tokens: {answer!r:.200}")
