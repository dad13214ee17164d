"""What a reply is asked for with: sampling parameters and the work parameters that a message stores.

The ranges are those of text-generation-inference's ``GenerateParameters``; the defaults are Open-Assistant's.
"""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator

DEFAULT_MAX_NEW_TOKENS = 100
"""Tokens of a reply when the request names no number."""

MAX_SEED = 2**53 - 1
"""The largest seed: every JSON reader (JavaScript too) keeps such a number exactly."""

_INT32_MAX = 2**31 - 1

PositiveInt32 = Annotated[int, Field(ge=1, le=_INT32_MAX)]
Probability = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
PositiveFloat = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class SamplingParameters(BaseModel):
    """How the next token is chosen.

    A field left out gets its default; an explicit ``null`` turns that rule off.

    ``max_new_tokens`` cannot be turned off: ``null`` is its default. Raises ``pydantic.ValidationError`` for
    values outside TGI's ranges.
    """

    model_config = ConfigDict(frozen=True)

    top_k: PositiveInt32 | None = Field(50, description="keep only the k likeliest tokens; a whole number from 1")
    top_p: Probability | None = Field(0.9, description="nucleus sampling mass; above 0, at most 1")
    typical_p: Probability | None = Field(None, description="typical decoding mass; above 0, at most 1")
    temperature: PositiveFloat | None = Field(1.0, description="above 0; lower is more predictable")
    repetition_penalty: PositiveFloat | None = Field(None, description="above 0; 1 means no penalty")
    max_new_tokens: PositiveInt32 = Field(
        DEFAULT_MAX_NEW_TOKENS, description="length limit of the reply in tokens; a whole number from 1"
    )

    @field_validator("max_new_tokens", mode="before")
    @classmethod
    def _null_is_the_default(cls, value: Any) -> Any:
        return DEFAULT_MAX_NEW_TOKENS if value is None else value

    @field_validator("*", mode="before")
    @classmethod
    def _truth_is_no_number(cls, value: Any) -> Any:
        if isinstance(value, bool):
            raise ValueError("true and false are no numbers")
        return value


class WorkModelConfig(BaseModel):
    """The part of a model's catalogue entry that a message keeps: later changes do not alter old work."""

    model_config = ConfigDict(frozen=True)

    model_id: str
    max_input_length: int = Field(ge=1)
    max_total_length: int = Field(ge=2)
    quantized: bool = False

    @property
    def compat_hash(self) -> str:
        """Which workers can do the work: ``<model_id>-<max_total_length>-<max_input_length>-<q|f>``."""
        kind = "q" if self.quantized else "f"
        return f"{self.model_id}-{self.max_total_length}-{self.max_input_length}-{kind}"


class WorkParameters(BaseModel):
    """Everything beside the thread that decides a reply; stored with the message, so that it can be replayed.

    On the wire the model's part is called ``model_config``, a name that pydantic keeps for itself: in Python
    it is ``config``.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True, serialize_by_alias=True)

    config: WorkModelConfig = Field(alias="model_config")
    sampling_parameters: SamplingParameters = SamplingParameters()
    do_sample: bool = True
    seed: int = Field(ge=0, le=MAX_SEED)
    system_prompt: str | None = None
    user_profile: str | None = None
    user_response_instructions: str | None = None
    plugins: list[Any] = []
    plugin_max_depth: int = 4
    stop_sequences: tuple[str, ...] = ()
    """Texts that end the reply, beyond the model's own; none of it is shown."""
    prompt_format: str | None = None
    """Another prompt format than the model's: ``raw`` for a text that is a prompt as it stands."""
    reasoning: bool = False
    """The reply may begin with thoughts between tags, which are told and stored apart."""

    def to_json(self) -> dict[str, Any]:
        """The wire and database form: plain JSON values, Open-Assistant's names."""
        return self.model_dump(mode="json", by_alias=True)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read ``to_json``'s form; raises ``pydantic.ValidationError`` that names the field."""
        return cls.model_validate(data)
