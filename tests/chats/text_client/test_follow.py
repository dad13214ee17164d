"""The client understands every event of the contract that the server and the browser share."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from aiohttp import web

from chats.text_client.api import Api
from chats.text_client.errors import ReplyFailed, Unreachable
from chats.text_client.follow import follow
from chats.text_client.login import TokenLogin
from chats.text_client.reply import Ended, ReplyEvent, Restarted, Text, Thinking, Waiting
from tests.chats.text_client.terminal import ROOT

SAMPLES = json.loads((ROOT / "tests" / "contract" / "events.json").read_text())
TOKENS = [sample for sample in SAMPLES["token"] if "thoughts" not in sample]


@asynccontextmanager
async def serving(body: str, content_type: str = "text/event-stream") -> AsyncIterator[Api]:
    """An Api of a server that answers every request with this body."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=body.encode(), content_type=content_type)

    app = web.Application()
    app.router.add_get("/{any:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        async with Api(f"http://127.0.0.1:{runner.addresses[0][1]}", TokenLogin("token"), patience_s=0.3) as api:
            yield api
    finally:
        await runner.cleanup()


async def events_of(body: str, content_type: str = "text/event-stream") -> list[ReplyEvent]:
    async with serving(body, content_type) as api, asyncio.timeout(60):
        return [event async for event in follow(api, "chat", "message")]


def stream(*events: Any) -> str:
    return "".join(f"data: {json.dumps(event, ensure_ascii=False)}\n\n" for event in events)


@pytest.mark.parametrize("name", SAMPLES)
async def test_every_sample_of_the_contract_is_understood(name):
    final = SAMPLES["message"][0]
    for sample in TOKENS[:1] if name == "token" else SAMPLES[name]:  # a token needs those before it
        if sample["event_type"] == "error" and sample["message"] is None:
            with pytest.raises(ReplyFailed, match=sample["error"].split()[0]):
                await events_of(stream(sample, final))
            continue
        events = await events_of(stream(sample, final))
        assert isinstance(events[-1], Ended)


async def test_a_whole_stream_becomes_its_events():
    events = await events_of(stream(*SAMPLES["pending"], *TOKENS, *SAMPLES["message"][:1]))
    assert events == [
        Waiting(position=0, size=3, workers=2, estimate_s=4.5),
        Waiting(position=7, size=8, workers=0, estimate_s=None),
        Text("Héllo "),
        Text("🙂"),
        Ended(SAMPLES["message"][0]["message"]),
    ]


async def test_a_restart_voids_what_was_shown():
    events = await events_of(stream(SAMPLES["token"][0], *SAMPLES["restart"], *TOKENS, SAMPLES["message"][0]))
    assert events[:4] == [Text("Héllo "), Restarted(), Text("Héllo "), Text("🙂")]


async def test_thoughts_are_no_part_of_the_reply():
    message = SAMPLES["message"][0]["message"] | {"content": "Yes.", "thoughts": "Hm, well"}
    thinking = {"event_type": "token", "cursor": "1.10", "offset": 0, "end": 10, "text": "", "thoughts": "Hm, "}
    thought = {"event_type": "token", "cursor": "1.26", "offset": 10, "end": 26, "text": "Yes", "thoughts": "well"}
    spoken = {"event_type": "token", "cursor": "1.27", "offset": 26, "end": 27, "text": "."}
    final = {"event_type": "message", "message": message, "cursor": "1.27"}
    events = await events_of(stream(thinking, thought, thought, spoken, final))
    assert events == [Thinking(), Text("Yes"), Text("."), Ended(message)]


async def test_events_of_tomorrow_are_passed_over():
    events = await events_of(stream({"event_type": "telepathy", "thought": 1}, SAMPLES["message"][0]))
    assert events == [Text("Héllo 🙂"), Ended(SAMPLES["message"][0]["message"])]


async def test_open_assistants_own_events_are_understood():
    old = [
        {"event_type": "pending", "queue_position": 1, "queue_size": 2},
        {"event_type": "token", "text": "Héllo "},
        {"event_type": "token", "text": "🙂"},
        {"event_type": "message", "message": SAMPLES["message"][0]["message"]},
    ]
    events = await events_of(stream(*old))
    assert events == [
        Waiting(position=1, size=2, workers=None, estimate_s=None),
        Text("Héllo "),
        Text("🙂"),
        Ended(SAMPLES["message"][0]["message"]),
    ]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("data: no json\n\n", "text/event-stream"),
        ("data: []\n\n", "text/event-stream"),
        ('data: {"event_type": "token"}\n\n', "text/event-stream"),
        ("<html></html>", "text/html"),
    ],
)
async def test_what_is_no_event_is_told_not_traced(body, content_type):
    with pytest.raises(ReplyFailed):
        await events_of(body, content_type)


async def test_text_that_stays_missing_is_given_up():
    with pytest.raises(Unreachable, match="A part of the reply was lost on the way"):
        await events_of(stream(SAMPLES["token"][1], SAMPLES["message"][0]))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
async def test_every_line_end_of_the_sse_standard_is_read(end):
    body = ": ping\n\n" + stream(*TOKENS, SAMPLES["message"][0])
    events = await events_of(body.replace("\n", end))
    assert "".join(event.text for event in events if isinstance(event, Text)) == "Héllo 🙂"


def test_the_proxy_of_the_environment_is_not_asked_for_this_machine(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.invalid:1")
    api = Api("http://localhost:8000", TokenLogin("token"))
    own = api._client._transport_for_url(httpx.URL("http://localhost:8000/api"))
    assert own is api._client._transport
