"""The shapes of REST's answers: Open-Assistant's fields by name and type, then ours; nothing else may be there.

From its OpenAPI file and its source: these models are written from the contract, not from our own types.
"""

from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter


class Shape(BaseModel):
    """Strict: a missing, further or wrongly typed field is an error."""

    model_config = ConfigDict(extra="forbid", strict=True, protected_namespaces=())


class ErrorRead(Shape):
    """Every refusal; `field` where one is at fault."""

    detail: str
    field: str | None = None


# --- chats ---


class ChatListRead(Shape):
    id: UUID
    created_at: AwareDatetime
    modified_at: AwareDatetime
    title: str | None
    hidden: bool
    allow_data_use: bool
    active_thread_tail_message_id: UUID | None


class SamplingRead(Shape):
    top_k: int | None
    top_p: float | None
    typical_p: float | None
    temperature: float | None
    repetition_penalty: float | None
    max_new_tokens: int


class WorkModelConfigRead(Shape):
    model_id: str
    max_input_length: int
    max_total_length: int
    quantized: bool


class WorkParametersRead(Shape):
    config: WorkModelConfigRead = Field(alias="model_config")
    sampling_parameters: SamplingRead
    do_sample: bool
    seed: int = Field(ge=0, lt=2**53)
    system_prompt: str | None
    user_profile: str | None
    user_response_instructions: str | None
    plugins: list[Any] = Field(max_length=0)
    plugin_max_depth: int
    # ours
    stop_sequences: list[str]
    prompt_format: str | None
    reasoning: bool


class ResumptionRead(Shape):
    at: AwareDatetime
    attempt: int
    offset: int


class ReportRead(Shape):
    id: UUID
    report_type: Literal["spam", "offensive", "feedback"]
    reason: str


class MessageRead(Shape):
    id: UUID
    parent_id: UUID | None
    content: str | None
    chat_id: UUID
    created_at: AwareDatetime
    role: Literal["prompter", "assistant"]
    state: Literal["manual", "pending", "in_progress", "complete", "aborted_by_worker", "cancelled", "timeout"]
    score: int
    reports: list[ReportRead]
    work_parameters: WorkParametersRead | None
    safe_content: None
    safety_level: None
    safety_label: None
    safety_rots: None
    used_plugin: None
    # ours
    model_config_name: str | None
    finish_reason: str | None
    error: str | None
    worker_name: str | None
    prompt_tokens: int | None
    generated_tokens: int | None
    thoughts: str | None
    omitted_messages: int
    attempt: int
    resumptions: list[ResumptionRead]
    draft_group: UUID | None
    queue_at: AwareDatetime | None
    work_begin_at: AwareDatetime | None
    first_token_at: AwareDatetime | None
    work_end_at: AwareDatetime | None


class ChatRead(ChatListRead):
    # ours
    system_prompt: str
    user_profile: str
    user_response_instructions: str
    messages: list[MessageRead]


class ChatPageRead(Shape):
    chats: list[ChatListRead]
    next: str | None
    prev: str | None


# --- configs ---


class PresetRead(Shape):
    name: str
    description: str
    sampling_parameters: SamplingRead


class ModelConfigRead(Shape):
    name: str
    description: str
    parameter_configs: list[PresetRead]
    # ours
    max_input_length: int
    max_total_length: int
    reasoning: bool
    licence: str
    link: str


class AvailabilityRead(Shape):
    name: str
    workers: int
    seats: int
    free_seats: int
    waiting: int
    paused: bool
    estimate_s: float | None


AVAILABILITY = TypeAdapter(list[AvailabilityRead])
MODEL_CONFIGS = TypeAdapter(list[ModelConfigRead])


# --- what a user prefers ---


class PreferencesRead(Shape):
    allow_data_use: bool
    system_prompt: str
    user_profile: str
    user_response_instructions: str


class SavedPresetRead(Shape):
    id: UUID
    name: str
    sampling_parameters: SamplingRead
    seed: int | None


class BudgetRead(Shape):
    limit: int | None
    used: int
    left: int | None


class DayRead(Shape):
    day: str
    model_config_name: str
    replies: int
    prompt_tokens: int
    generated_tokens: int


class UsageRead(Shape):
    today: BudgetRead
    resets_at: AwareDatetime
    days: list[DayRead]


# --- auth ---


class AccessTokenRead(Shape):
    access_token: str
    token_type: Literal["bearer"]


class RefreshTokenRead(Shape):
    access_token: str
    token_type: Literal["refresh"]


class TokenPairRead(Shape):
    access_token: AccessTokenRead
    refresh_token: RefreshTokenRead


class FreshTokenRead(AccessTokenRead):
    """GET /auth/refresh: the bare access token."""


class TicketRead(Shape):
    ticket: str
    expires_in: int
