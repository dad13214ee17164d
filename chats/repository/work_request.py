"""The work request: what a caller asks of a model, checked against the catalogue and made into work parameters."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from django.conf import settings
from django.utils.translation import gettext as _

from chats.content import check_text
from chats.errors import Unprocessable
from chats.models import INSTRUCTIONS
from inference import catalogue
from inference.model_config import ModelConfig
from inference.parameters import MAX_SEED, SamplingParameters, WorkParameters
from inference.prompts.raw import RAW


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRequest:
    """What is asked. `seed` None: one is drawn, and stored, so that the reply can be replayed.

    The instructions: None are the chat's own, empty ones are none.
    stop_sequences: texts that end the reply, beyond the model's own. prompt_format: another than the model's.
    """

    model_config_name: str
    sampling_parameters: SamplingParameters
    do_sample: bool = True
    seed: int | None = None
    system_prompt: str | None = None
    user_profile: str | None = None
    user_response_instructions: str | None = None
    stop_sequences: tuple[str, ...] = ()
    prompt_format: str | None = None

    def within(self, instructions: Mapping[str, str]) -> Self:
        """The request in a chat of these instructions: they stand where it names none itself."""
        missing: dict[str, Any] = {name: text for name, text in instructions.items() if getattr(self, name) is None}
        return replace(self, **missing)

    def settle(self) -> tuple[ModelConfig, WorkParameters]:
        """The model and the parameters that a message keeps.

        Raises Unprocessable for an unknown model or a reply longer than the model holds, BadRequest and TooLarge for
        instructions that cannot be stored.
        """
        try:
            config = catalogue.current().get(self.model_config_name)
        except catalogue.UnknownModel as error:
            raise Unprocessable(str(error), field="model_config_name") from error
        longest = self.sampling_parameters.max_new_tokens
        if longest >= config.max_total_length:
            raise Unprocessable(
                _("%(field)s is %(value)s; %(model)s holds %(most)s tokens with the prompt: ask for fewer.")
                % {
                    "field": "sampling_parameters.max_new_tokens",
                    "value": longest,
                    "model": config.name,
                    "most": config.max_total_length,
                },
                field="sampling_parameters.max_new_tokens",
            )
        instructions = {name: getattr(self, name) or None for name in INSTRUCTIONS}
        for field, text in instructions.items():
            if text is not None:
                check_text(text, field=field, max_length=settings.MESSAGE_MAX_LENGTH)
        parameters = WorkParameters(
            config=config.work_config,
            sampling_parameters=self.sampling_parameters,
            do_sample=self.do_sample,
            seed=secrets.randbelow(MAX_SEED) + 1 if self.seed is None else self.seed,
            stop_sequences=self.stop_sequences,
            prompt_format=self.prompt_format,
            reasoning=config.reasoning and self.prompt_format != RAW,
            **instructions,
        )
        return config, parameters
