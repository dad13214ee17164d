"""One model of the catalogue and the presets that it offers."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from inference.parameters import SamplingParameters, WorkModelConfig
from inference.prompts import FORMATS
from inference.queues import queue_name

Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]
StopSequence = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class Preset(BaseModel):
    """A named set of sampling parameters that the page offers for a model."""

    model_config = ConfigDict(frozen=True)

    name: str
    description: str = ""
    sampling_parameters: SamplingParameters


class ModelConfig(BaseModel):
    """One model of the catalogue. Lengths are in tokens of the model's own tokenizer.

    Each field's description says what a right value is; the catalogue's errors quote it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name = Field(description="the name that people choose, 1 to 100 characters")
    model_id: Name = Field(description="the Hugging Face model id, or the engine's own name of the model")
    description: str = Field("", description="one sentence for people who choose a model")
    prompt_format: str = Field(description=f"how a thread is written for this model: {', '.join(FORMATS)}")
    engine: Literal["auto", "tgi", "openai"] = Field(
        "auto", description="the protocol of its engine: auto, tgi or openai"
    )
    max_input_length: int = Field(ge=1, description="the longest prompt in tokens, a whole number from 1")
    max_total_length: int = Field(ge=2, description="prompt and reply in tokens, above max_input_length")
    quantized: bool = Field(False, description="true or false: are the weights quantized")
    max_parallel_requests: int = Field(
        16, ge=1, le=1024, description="replies that one worker streams at a time, 1 to 1024"
    )
    stop_sequences: tuple[StopSequence, ...] = Field(
        (), description="a list of texts that end a reply, beside those of the prompt format"
    )
    reasoning: bool = Field(False, description="true or false: may a reply begin with <think> ... </think>")
    opens_thoughts: bool = Field(
        False,
        description="true or false: does the model's own template open the thoughts, so that replies begin inside",
    )
    licence: str = Field("", description="the SPDX name, or the name, of the weights' licence")
    link: str = Field("", pattern=r"^(https?://\S+)?$", description="an address, http:// or https://")
    presets: tuple[Preset, ...] = Field((), description="a list of names of presets")

    @field_validator("prompt_format")
    @classmethod
    def _a_known_format(cls, value: str) -> str:
        if value not in FORMATS:
            raise ValueError(f"unknown prompt format {value!r}; there are {', '.join(FORMATS)}")
        return value

    @model_validator(mode="after")
    def _a_reply_needs_room(self) -> Self:
        if self.max_total_length <= self.max_input_length:
            raise ValueError(
                f"max_total_length {self.max_total_length} leaves no room for a reply; "
                f"it must be above max_input_length {self.max_input_length}"
            )
        return self

    @model_validator(mode="after")
    def _only_thinkers_open_thoughts(self) -> Self:
        if self.opens_thoughts and not self.reasoning:
            raise ValueError("opens_thoughts is true and reasoning is not; set reasoning = true too")
        return self

    @property
    def work_config(self) -> WorkModelConfig:
        """What a message keeps of this entry."""
        return WorkModelConfig(
            model_id=self.model_id,
            max_input_length=self.max_input_length,
            max_total_length=self.max_total_length,
            quantized=self.quantized,
        )

    @property
    def longest_reply(self) -> int:
        """The most tokens that a preset asks of this model, so that the prompt has as much room."""
        return self.max_total_length // 2

    def offered(self, preset: Preset) -> SamplingParameters:
        """The preset's sampling parameters as this model can keep them."""
        asked = preset.sampling_parameters
        return asked.model_copy(update={"max_new_tokens": min(asked.max_new_tokens, self.longest_reply)})

    @property
    def compat_hash(self) -> str:
        """Which workers can do this model's work; see ``WorkModelConfig.compat_hash``."""
        return self.work_config.compat_hash

    @property
    def queue_name(self) -> str:
        """The Celery queue of this model's tickets."""
        return queue_name(self.compat_hash)
