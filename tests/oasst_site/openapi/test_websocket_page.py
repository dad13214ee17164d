"""The page of the websocket's protocol has every command, event, field and close code that the code has."""

import re
from html import unescape
from typing import get_args, get_type_hints

from django.test import Client

from chats.websocket import codes
from chats.websocket.commands import COMMANDS
from inference import events


def sections(prefix):
    """The fields by command or event, as the page tells them."""
    html = Client().get("/api/docs/websocket").content.decode()
    found = {}
    for name, section in re.findall(rf'<section id="{prefix}-(\w+)">(.*?)</section>', html, re.DOTALL):
        found[name] = {
            key: unescape(kind) for key, kind in re.findall(r"<td><code>(\w+)</code></td><td>(.*?)</td>", section)
        }
    return found


def test_every_event_with_every_field_is_there():
    told = sections("event_type")
    assert set(told) == set(events.EVENT_TYPES)
    for event in get_args(events.ServerEvent):
        hints = get_type_hints(event)
        [name] = get_args(hints["event_type"])
        assert set(told[name]) == set(hints)
    assert told["pending"]["estimate_s"] == "number or null"
    assert told["error"]["ref"] == "text or null, optional"


def test_every_command_with_every_field_is_there():
    told = sections("type")
    assert set(told) == set(COMMANDS)
    for name, command in COMMANDS.items():
        assert set(told[name]) == {"type", "ref", *command().fields}
    assert told["prompt"]["parent_id"] == "text or null, optional"


def test_every_close_code_is_there():
    html = Client().get("/api/docs/websocket").content.decode()
    for code in (codes.NOT_LOGGED_IN, codes.NOT_FOUND, codes.TRY_AGAIN_LATER):
        assert f"<dt>{code}</dt>" in html
