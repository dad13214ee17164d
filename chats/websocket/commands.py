"""What a client may send: one JSON object a command, `type` names it. Parsed here, done in actions.py."""

from typing import Any

import orjson
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from chats.api.errors import wrong_shape
from chats.api.serializers import AssistantMessage, ObjectSerializer, TextField
from chats.errors import BadRequest
from chats.repository.drafts import MOST_DRAFTS


class Prompt(AssistantMessage):
    """A prompt and, with it, its reply, or several drafts of it."""

    parent_id = serializers.CharField(required=False, allow_null=True, default=None)
    content = TextField()
    drafts = serializers.IntegerField(min_value=1, max_value=MOST_DRAFTS, default=1)


class Regenerate(AssistantMessage):
    """Another reply under the prompt `parent_id`, or several drafts of one."""

    drafts = serializers.IntegerField(min_value=1, max_value=MOST_DRAFTS, default=1)


class Stop(ObjectSerializer):
    """Cancel a reply."""

    message_id = serializers.CharField()


class Resume(ObjectSerializer):
    """Stream a reply from the cursor on."""

    message_id = serializers.CharField()
    cursor = serializers.CharField(required=False, allow_null=True, default=None)


COMMANDS: dict[str, type[ObjectSerializer]] = {
    "prompt": Prompt,
    "regenerate": Regenerate,
    "stop": Stop,
    "resume": Resume,
}


def read_object(text: str | None) -> dict[str, Any]:
    """The JSON object in a frame. Raises BadRequest."""
    if text is None:
        raise BadRequest("Send text frames: this socket reads no binary ones.")
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"This is no valid JSON: {error}.") from error
    if not isinstance(data, dict):
        raise BadRequest(f"A command is a JSON object, not {type(data).__name__}.")
    return data


def parse(data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The command's type and its validated fields.

    Raises BadRequest for an unknown type, Unprocessable for a wrong or missing field.
    """
    kind = data.get("type")
    if not isinstance(kind, str) or kind not in COMMANDS:
        raise BadRequest(f"type is {kind!r}; it must be one of {', '.join(COMMANDS)}.", field="type")
    command = COMMANDS[kind]
    try:
        fields = command.read(data)
    except ValidationError as error:
        raise wrong_shape(error) from error
    if issubclass(command, AssistantMessage):
        fields["request"] = command.work_request(fields)
    return kind, fields
