"""What REST and the websocket accept: shapes and types. What depends on rows is checked by the repository."""

import reprlib
from functools import cache
from typing import Any

from pydantic import ValidationError as PydanticError
from rest_framework import serializers

from chats.errors import Unprocessable
from chats.repository.asking import TITLE_LENGTH
from chats.repository.work_request import WorkRequest
from inference.parameters import MAX_SEED, SamplingParameters


class ObjectSerializer(serializers.Serializer):
    """A JSON object; anything else is told as what it is."""

    default_error_messages = {"invalid": "The body must be a JSON object, not {datatype}."}

    @classmethod
    def read(cls, data: Any) -> dict[str, Any]:
        """The validated data, as `validated_data` after `is_valid`. Raises ValidationError.

        One instance reads for all: to make one, with a copy of each field, takes longer than to read. What is wrong is
        told by an instance of its own, since a field says some sentences for ever in the language that was asked first.
        """
        try:
            return dict(_reader(cls).run_validation(data))
        except serializers.ValidationError:
            own = cls(data=data)
            own.is_valid(raise_exception=True)
            return dict(own.validated_data)


@cache
def _reader(shape: type[ObjectSerializer]) -> ObjectSerializer:
    return shape()


class TextField(serializers.CharField):
    """Text as it was typed: no stripping, no silent turning of numbers into text; the repository checks the rest."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, allow_blank=True, **kwargs)
        self.validators = []  # the repository's check_text names field and place

    def run_validation(self, data: Any = serializers.empty) -> Any:
        is_empty, data = self.validate_empty_values(data)
        if is_empty:
            return data
        if not isinstance(data, str):
            raise serializers.ValidationError(f"must be text, not {type(data).__name__}.")
        return data


class SamplingParametersField(serializers.Field):
    """Sampling parameters within TGI's ranges (inference.parameters)."""

    def to_internal_value(self, data: Any) -> SamplingParameters:
        if not isinstance(data, dict):
            raise serializers.ValidationError(f"must be an object of sampling parameters, not {type(data).__name__}.")
        return sampling_parameters(data)

    def to_representation(self, value: SamplingParameters) -> dict[str, Any]:
        return value.model_dump()


def sampling_parameters(data: dict[str, Any]) -> SamplingParameters:
    """Parse sampling parameters; raises Unprocessable (422) that names the field, the value and its range."""
    try:
        return SamplingParameters.model_validate(data)
    except PydanticError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        field = SamplingParameters.model_fields.get(name)
        wanted = f" ({field.description})" if field is not None and field.description else ""
        raise Unprocessable(
            f"sampling_parameters.{name} is {reprlib.repr(first['input'])}: {first['msg'].lower()}{wanted}.",
            field=f"sampling_parameters.{name}",
        ) from error


class PluginsField(serializers.Field):
    """Plugin entries: Open-Assistant's clients send them; an enabled one is refused, since there are no tools yet."""

    def to_internal_value(self, data: Any) -> list[Any]:
        entries = data if isinstance(data, list) else [data]
        for entry in entries:
            if not isinstance(entry, dict) or entry.get("enabled", True):
                raise Unprocessable(
                    "plugins holds an enabled plugin; this server runs none: send an empty list.",
                    field="plugins",
                )
        return []

    def to_representation(self, value: list[Any]) -> list[Any]:
        return value


class NewChat(ObjectSerializer):
    """POST /chats. What is missing or null is as the user's preferences have it."""

    allow_data_use = serializers.BooleanField(required=False, allow_null=True)
    system_prompt = TextField(required=False, allow_null=True)
    user_profile = TextField(required=False, allow_null=True)
    user_response_instructions = TextField(required=False, allow_null=True)


class ChatUpdate(NewChat):
    """PUT /chats/{id}. null leaves a field as it is, as a missing one does; an empty text takes an instruction away."""

    title = TextField(required=False, allow_null=True)
    hidden = serializers.BooleanField(required=False, allow_null=True)
    active_thread_tail_message_id = serializers.CharField(required=False, allow_null=True)

    def validate_title(self, title: str | None) -> str | None:
        """The column's length is part of the shape, as Open-Assistant has it."""
        if title is not None and len(title) > TITLE_LENGTH:
            raise serializers.ValidationError(f"has {len(title)} characters; at most {TITLE_LENGTH} are allowed.")
        return title


class PrompterMessage(ObjectSerializer):
    """POST prompter_message."""

    parent_id = serializers.CharField(required=False, allow_null=True, default=None)
    content = TextField()


class AssistantMessage(ObjectSerializer):
    """POST assistant_message."""

    parent_id = serializers.CharField()
    model_config_name = serializers.CharField(max_length=100)
    sampling_parameters = SamplingParametersField(required=False, allow_null=True)
    system_prompt = TextField(required=False, allow_null=True)
    user_profile = TextField(required=False, allow_null=True)
    user_response_instructions = TextField(required=False, allow_null=True)
    seed = serializers.IntegerField(min_value=0, max_value=MAX_SEED, required=False, allow_null=True)
    plugins = PluginsField(required=False, allow_null=True)

    @staticmethod
    def work_request(data: dict[str, Any]) -> WorkRequest:
        """What the validated data asks of the model."""
        return WorkRequest(
            model_config_name=data["model_config_name"],
            sampling_parameters=data.get("sampling_parameters") or SamplingParameters(),
            system_prompt=data.get("system_prompt"),
            user_profile=data.get("user_profile"),
            user_response_instructions=data.get("user_response_instructions"),
            seed=data.get("seed"),
        )


class ChatListQuery(ObjectSerializer):
    """The query of GET /chats."""

    limit = serializers.IntegerField(min_value=1, max_value=100, default=10)
    after = serializers.CharField(required=False)
    before = serializers.CharField(required=False)
    include_hidden = serializers.BooleanField(default=False)
    only_hidden = serializers.BooleanField(default=False)
