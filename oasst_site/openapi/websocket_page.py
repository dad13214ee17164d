"""The websocket's protocol as a page, made from what the code itself speaks: commands, events, close codes."""

import re
from dataclasses import dataclass
from inspect import getdoc, getsource
from typing import Any, get_args, get_type_hints

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from chats.websocket import codes
from chats.websocket.commands import COMMANDS
from inference import events


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name, its type in words, and what the code says of it."""

    name: str
    kind: str
    told: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A command or an event."""

    name: str
    told: str
    fields: list[Field]


@require_safe
def websocket_page(request: HttpRequest) -> HttpResponse:
    """The page."""
    context = {"commands": commands(), "events": server_events(), "codes": close_codes()}
    return TemplateResponse(request, "openapi/websocket.html", context)


def commands() -> list[Entry]:
    """What a client may send."""
    found = []
    for name, command in COMMANDS.items():
        fields = [Field("type", f'"{name}"', ""), Field("ref", "text, optional", "comes back with the answers")]
        for key, field in command().fields.items():
            kind = type(field).__name__.removesuffix("Field").replace("Char", "Text").lower()
            optional = "" if field.required else ", optional"
            null = " or null" if field.allow_null else ""
            fields.append(Field(key, f"{kind}{null}{optional}", str(field.help_text or "")))
        found.append(Entry(name, getdoc(command) or "", fields))
    return found


def server_events() -> list[Entry]:
    """What the server may send."""
    found = []
    for event in get_args(events.ServerEvent):
        hints = get_type_hints(event, include_extras=True)
        [name] = get_args(hints["event_type"])
        comments = dict(re.findall(r"^    (\w+): [^#\n]+#\s*(.+)$", getsource(event), re.MULTILINE))
        fields = [Field(key, _words(hint), comments.get(key, "")) for key, hint in hints.items()]
        found.append(Entry(name, getdoc(event) or "", fields))
    return found


def close_codes() -> list[tuple[str, int]]:
    """Why the server closes a socket."""
    return [
        (name.replace("_", " ").lower(), code)
        for name, code in vars(codes).items()
        if name.isupper() and isinstance(code, int)
    ]


def _words(hint: Any) -> str:
    text = hint.__name__ if isinstance(hint, type) else str(hint)
    text = re.sub(r"(typing|collections\.abc)\.", "", text)
    text = re.sub(r"NotRequired\[(.+)\]$", r"\1, optional", text)
    text = re.sub(r"Literal\['(.+)'\]$", r'"\1"', text)
    text = text.replace("Mapping[str, Any]", "object").replace("None", "null").replace(" | ", " or ")
    return text.replace("str", "text").replace("int", "whole number").replace("float", "number")
