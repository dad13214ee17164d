"""What REST answers, by name.

A shape that one function makes stands beside that function, which returns it, so that mypy compares the two. Here are
the others: those made by views and serializers field by field, and those of JSON that was stored before.
"""

from typing import Any, Literal, NotRequired, TypedDict

from chats.api.search_views import ExcerptPiece, SearchPage, SearchResult
from chats.api.share_views import ShareRead
from chats.openai_api.errors import OpenAIError, OpenAIErrorBody
from chats.openai_api.shapes import OpenAIModel, OpenAIUsage
from chats.repository.availability import AvailabilityRead
from chats.repository.sharing import SharedMessage
from chats.repository.usage import BudgetRead
from chats.wire import ChatListRead, ChatRead, MessageRead
from inference.events import ErrorEvent, MessageEvent, PendingEvent, RestartEvent, TokenEvent
from oasst_site.accounts.tokens import TokenPair, TokenRead


class ErrorRead(TypedDict):
    """A refusal: a sentence, and the input at fault where there is one."""

    detail: str
    field: NotRequired[str]


class ChatPageRead(TypedDict):
    """A page of chats; `next` leads to older ones, `prev` to newer ones."""

    chats: list[ChatListRead]
    next: str | None
    prev: str | None


class SamplingParametersRead(TypedDict):
    """How the next token is chosen; null: this rule is off."""

    top_k: int | None
    top_p: float | None
    typical_p: float | None
    temperature: float | None
    repetition_penalty: float | None
    max_new_tokens: int


class PresetRead(TypedDict):
    """Sampling parameters by name."""

    name: str
    description: str
    sampling_parameters: SamplingParametersRead


class ModelConfigRead(TypedDict):
    """A model of the catalogue."""

    name: str
    description: str
    max_input_length: int
    max_total_length: int
    reasoning: bool
    licence: str
    link: str
    parameter_configs: list[PresetRead]


class PreferencesRead(TypedDict):
    """What a new chat begins with; an empty text: none."""

    allow_data_use: bool
    system_prompt: str
    user_profile: str
    user_response_instructions: str


class SavedPresetRead(TypedDict):
    """A preset of one's own. A null seed is a fresh one for each reply."""

    id: str
    name: str
    sampling_parameters: SamplingParametersRead
    seed: int | None


class DayRead(TypedDict):
    """What one model used on one day."""

    day: str
    model_config_name: str
    replies: int
    prompt_tokens: int
    generated_tokens: int


class UsageRead(TypedDict):
    """Tokens used; `resets_at`: when the day's budget begins anew."""

    today: BudgetRead
    resets_at: str
    days: list[DayRead]


class TicketRead(TypedDict):
    """A one-use ticket for a websocket; `expires_in`: seconds."""

    ticket: str
    expires_in: int


class UserRead(TypedDict):
    """A trusted client's user."""

    id: str
    provider: str
    provider_account_id: str
    display_name: str
    created_at: str
    deleted: bool


class ApiKeyRead(TypedDict):
    """An API key without its secret; `shown`: how it begins."""

    id: str
    name: str
    shown: str
    scopes: list[Literal["chats:read", "chats:write", "completions"]]
    created_at: str
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None


class NewApiKeyRead(ApiKeyRead):
    """A key that was just made: `key` is told this once."""

    key: str


class SnapshotRead(TypedDict):
    """A thread as it was when it was shared."""

    created_at: str
    title: str | None
    messages: list[SharedMessage]


class WorkerRead(TypedDict):
    """Who made a reply."""

    name: str | None
    session_id: str | None
    config: dict[str, Any] | None
    hardware: dict[str, Any] | None


class ProvenanceRead(TypedDict):
    """How a reply came about; times in seconds, null where not known."""

    message_id: str
    state: str
    model_config_name: str | None
    compat_hash: str | None
    worker: WorkerRead
    seed: int | None
    work_parameters: dict[str, Any] | None
    created_at: str
    queue_wait_s: float | None
    first_token_s: float | None
    generation_s: float | None
    total_s: float | None
    tokens_per_s: float | None
    prompt_tokens: int | None
    generated_tokens: int | None
    omitted_messages: int
    finish_reason: str | None
    error: str | None
    attempts: int
    resumptions: list[dict[str, Any]]


class WorkerInfoRead(TypedDict):
    """What a worker told of itself when it connected."""

    config: dict[str, Any]
    hardware_info: dict[str, Any]


class AdmittedWorkerRead(TypedDict):
    """A worker that is let in. `api_key` is told once, when it was made."""

    id: str
    name: str
    api_key: str | None
    trusted: bool


class WorkerSessionRead(TypedDict):
    """A connected worker process."""

    id: str
    worker_id: str
    worker_info: WorkerInfoRead
    requests_in_flight: int
    metrics: dict[str, Any]
    model_config_name: str
    open: bool
    closed_because: str | None
    started_at: str


class OpenAIModels(TypedDict):
    """All models in OpenAI's shape."""

    object: Literal["list"]
    data: list[OpenAIModel]


class OpenAICompletion(TypedDict):
    """A completion in OpenAI's shape. With `stream` it comes as server-sent events of chunks, then `[DONE]`."""

    id: str
    object: Literal["chat.completion", "text_completion"]
    created: int
    model: str
    system_fingerprint: None
    choices: list[dict[str, Any]]
    usage: OpenAIUsage


COMPONENTS: tuple[type, ...] = (
    *(ErrorRead, ChatListRead, ChatRead, MessageRead, ChatPageRead, SamplingParametersRead, PresetRead),
    *(AvailabilityRead, PreferencesRead, SavedPresetRead, BudgetRead, DayRead, UsageRead),
    *(ModelConfigRead, TicketRead, UserRead, ApiKeyRead, NewApiKeyRead, ExcerptPiece, SearchResult, SearchPage),
    *(
        ShareRead,
        SharedMessage,
        SnapshotRead,
        WorkerRead,
        ProvenanceRead,
        WorkerInfoRead,
        WorkerSessionRead,
        AdmittedWorkerRead,
    ),
    *(OpenAIErrorBody, OpenAIError, OpenAIModel, OpenAIModels, OpenAIUsage, OpenAICompletion),
    *(TokenRead, TokenPair, PendingEvent, TokenEvent, RestartEvent, MessageEvent, ErrorEvent),
)
"""Every shape that the schema names."""
