"""What OpenAI's clients are answered: whole completions, chunks of a stream, models."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

from inference.model_config import ModelConfig

Kind = Literal["chat", "text"]
_OBJECTS = {"chat": "chat.completion", "text": "text_completion"}
_PREFIXES = {"chat": "chatcmpl-", "text": "cmpl-"}


class OpenAIModel(TypedDict):
    """A model in OpenAI's shape."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class OpenAIUsage(TypedDict):
    """Tokens."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


@dataclass(frozen=True, slots=True)
class Shape:
    """The frame of one completion's answers. `created`: seconds since 1970."""

    kind: Kind
    message_id: str
    created: int
    model: str

    def whole(self, text: str, *, thoughts: str, finish_reason: str, usage: OpenAIUsage) -> dict[str, Any]:
        """The answer to a request that does not stream. thoughts: where other servers put them, reasoning_content."""
        choice: dict[str, Any] = {"index": 0, "finish_reason": finish_reason, "logprobs": None}
        if self.kind == "chat":
            choice["message"] = {"role": "assistant", "content": text, "refusal": None}
            if thoughts:
                choice["message"]["reasoning_content"] = thoughts
        else:
            choice["text"] = text
        return {**self._frame(_OBJECTS[self.kind]), "choices": [choice], "usage": usage}

    def first_chunk(self) -> dict[str, Any] | None:
        """What opens a chat's stream; a text's has no opening."""
        return self._chunk({"role": "assistant", "content": ""}, "", None) if self.kind == "chat" else None

    def text_chunk(self, text: str) -> dict[str, Any]:
        """More text."""
        return self._chunk({"content": text}, text, None)

    def thoughts_chunk(self, thoughts: str) -> dict[str, Any]:
        """More of what a reasoning model thinks before it replies; only chats have it."""
        return self._chunk({"reasoning_content": thoughts}, "", None)

    def last_chunk(self, finish_reason: str) -> dict[str, Any]:
        """The end."""
        return self._chunk({}, "", finish_reason)

    def usage_chunk(self, usage: OpenAIUsage) -> dict[str, Any]:
        """After the end, for stream_options.include_usage."""
        return {**self._frame(self._chunk_object), "choices": [], "usage": usage}

    @property
    def _chunk_object(self) -> str:
        return "chat.completion.chunk" if self.kind == "chat" else "text_completion"

    def _chunk(self, delta: dict[str, Any], text: str, finish_reason: str | None) -> dict[str, Any]:
        choice: dict[str, Any] = {"index": 0, "finish_reason": finish_reason, "logprobs": None}
        choice |= {"delta": delta} if self.kind == "chat" else {"text": text}
        return {**self._frame(self._chunk_object), "choices": [choice]}

    def _frame(self, name: str) -> dict[str, Any]:
        return {
            "id": f"{_PREFIXES[self.kind]}{self.message_id}",
            "object": name,
            "created": self.created,
            "model": self.model,
            "system_fingerprint": None,
        }


def finish_reason(message: Mapping[str, Any]) -> str:
    """OpenAI's word for how the reply ended."""
    return "length" if message["finish_reason"] == "length" else "stop"


def usage(message: Mapping[str, Any]) -> OpenAIUsage:
    """The token counts, 0 where the engine told none."""
    prompt, completion = message["prompt_tokens"] or 0, message["generated_tokens"] or 0
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def model_object(config: ModelConfig) -> OpenAIModel:
    """A model of the catalogue."""
    owner = config.model_id.partition("/")[0]
    return {"id": config.name, "object": "model", "created": 0, "owned_by": owner}
