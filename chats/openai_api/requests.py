"""What OpenAI's clients send, as far as this service can do it; everything else is refused by name."""

from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from chats.errors import BadRequest
from inference.model_config import ModelConfig
from inference.parameters import MAX_SEED, SamplingParameters
from inference.prompts import ThreadMessage

HARMLESS = frozenset(
    {
        "metadata",
        "parallel_tool_calls",
        "prompt_cache_key",
        "safety_identifier",
        "service_tier",
        "user",
    }
)
"""Parameters that change nothing here and are let pass."""

NEUTRAL: dict[str, tuple[Any, ...]] = {
    "audio": (None,),
    "best_of": (None, 1),
    "echo": (None, False),
    "frequency_penalty": (None, 0),
    "function_call": (None, "none"),
    "functions": (None, []),
    "logit_bias": (None, {}),
    "logprobs": (None, False),
    "modalities": (None, ["text"]),
    "n": (None, 1),
    "presence_penalty": (None, 0),
    "response_format": (None, {"type": "text"}),
    "suffix": (None, ""),
    "tool_choice": (None, "none"),
    "tools": (None, []),
    "top_logprobs": (None, 0),
}
"""Parameters that are not supported, and the values at which they ask for nothing."""

StopText = Annotated[str, Field(min_length=1, max_length=200)]
StopTexts = Annotated[
    list[StopText], Field(max_length=4), BeforeValidator(lambda given: [given] if isinstance(given, str) else given)
]
"""One text or a list of up to four."""


T = TypeVar("T", bound="Completion")


class StreamOptions(BaseModel):
    """How to stream."""

    include_usage: bool = False


class Completion(BaseModel):
    """What both kinds of completion share."""

    model_config = ConfigDict(extra="allow")

    model: str
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    stop: StopTexts | None = None
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    store: bool | None = False
    # Ours, as OpenAI's SDK sends them in extra_body
    top_k: Annotated[int, Field(ge=1)] | None = None
    typical_p: Annotated[float, Field(gt=0, le=1)] | None = None
    repetition_penalty: Annotated[float, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _only_what_is_supported(self) -> Self:
        for name, value in (self.model_extra or {}).items():
            if name in HARMLESS:
                continue
            if name not in NEUTRAL:
                raise ValueError(f"{name} is unknown to this service: leave it out")
            if value not in NEUTRAL[name]:
                raise ValueError(f"{name} is {value!r}, which this service does not support: leave it out")
        return self

    @property
    def is_greedy(self) -> bool:
        """The likeliest token each time: what temperature 0 asks for."""
        return self.temperature == 0

    @property
    def stop_sequences(self) -> tuple[str, ...]:
        """The texts that end the reply."""
        return tuple(self.stop or ())

    @property
    def token_limit(self) -> tuple[str, int | None]:
        """The parameter that bounds the reply's tokens, and the bound; None where the request leaves it open."""
        return "max_tokens", self.max_tokens

    def sampling(self, config: ModelConfig) -> SamplingParameters:
        """Our sampling parameters; OpenAI's defaults where the request is silent (all tokens, temperature 1).

        Raises BadRequest for more tokens than the model holds.
        """
        name, limit = self.token_limit
        if limit is not None and limit >= config.max_total_length:
            raise BadRequest(
                f"{name} is {limit}; {config.name} holds {config.max_total_length} tokens "
                "with the prompt: ask for fewer.",
                field=name,
            )
        return SamplingParameters(
            top_k=self.top_k,
            top_p=None if self.top_p in (None, 1) else self.top_p,
            typical_p=self.typical_p,
            temperature=self.temperature or 1.0,
            repetition_penalty=self.repetition_penalty,
            max_new_tokens=limit or config.longest_reply,
        )


class TextPart(BaseModel):
    """A part of a message's content. Only text is read."""

    type: Literal["text"]
    text: str


class InputMessage(BaseModel):
    """One message of the conversation."""

    model_config = ConfigDict(extra="ignore")

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[TextPart] | None = None

    @property
    def text(self) -> str:
        """Its text, parts joined."""
        if self.content is None or isinstance(self.content, str):
            return self.content or ""
        return "".join(part.text for part in self.content)


class ChatCompletion(Completion):
    """POST /v1/chat/completions."""

    messages: Annotated[list[InputMessage], Field(min_length=1)]
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None

    @property
    def token_limit(self) -> tuple[str, int | None]:
        if self.max_completion_tokens is not None:
            return "max_completion_tokens", self.max_completion_tokens
        return "max_tokens", self.max_tokens

    @property
    def system_prompt(self) -> str | None:
        """All system and developer messages, in order."""
        texts = [each.text for each in self.messages if each.role in ("system", "developer") and each.text.strip()]
        return "\n\n".join(texts) or None

    def thread(self) -> list[ThreadMessage]:
        """The conversation, neighbours of one role joined; it ends in the prompt that is to be answered.

        Raises BadRequest when it does not, or has an empty message.
        """
        thread: list[ThreadMessage] = []
        for at, message in enumerate(self.messages):
            if message.role in ("system", "developer"):
                continue
            role: Literal["prompter", "assistant"] = "prompter" if message.role == "user" else "assistant"
            if not message.text.strip():
                raise BadRequest(f"messages[{at}].content is empty.", field="messages")
            if thread and thread[-1].role == role:
                thread[-1] = ThreadMessage(role=role, content=f"{thread[-1].content}\n\n{message.text}")
            else:
                thread.append(ThreadMessage(role=role, content=message.text))
        if not thread or thread[-1].role != "prompter":
            raise BadRequest("messages must end with a user message: that is what is answered.", field="messages")
        if thread[0].role == "assistant":
            raise BadRequest("messages must begin with a user message, after the system's.", field="messages")
        return thread


class TextCompletion(Completion):
    """POST /v1/completions: the prompt goes to the model as it is."""

    prompt: str | Annotated[list[str], Field(min_length=1, max_length=1)]

    def thread(self) -> list[ThreadMessage]:
        """The prompt as the one message."""
        text = self.prompt if isinstance(self.prompt, str) else self.prompt[0]
        return [ThreadMessage(role="prompter", content=text)]


def parse(kind: type[T], data: Any) -> T:
    """Read a request's body. Raises BadRequest that names the parameter and its value."""
    if not isinstance(data, dict):
        raise BadRequest(f"The body must be a JSON object, not {type(data).__name__}.")
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        param = ".".join(str(part) for part in first["loc"]) or None
        if first["type"] == "value_error":
            message = str(first["ctx"]["error"])
            raise BadRequest(f"{message}.", field=param or message.split(" ", 1)[0]) from error
        raise BadRequest(f"{param} is {first['input']!r:.200}: {first['msg'].lower()}.", field=param) from error
