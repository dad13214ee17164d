"""A running reply is ended from outside: the engine is let go, the shown text stays, and every reader is told."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest

from inference.demo_tgi import lorem_text
from tests.chaos.person import Asked, Person
from tests.chaos.readers import EventStreamReader, WebsocketReader, until
from tests.chaos.stack import Stack
from tests.tries import once_more

pytestmark = [pytest.mark.chaos, pytest.mark.asyncio(loop_scope="package")]

LET_GO_WITHIN_S = 0.2
LONG = 5000
"""Tokens: more than can be generated while a test lasts."""


async def _cancel_by_rest(person: Person, asked: Asked) -> None:
    assert (await person.cancels(asked)).json["state"] == "cancelled"


async def _cancel_by_websocket(person: Person, asked: Asked) -> None:
    async with person.websocket(asked.chat_id) as socket:
        await socket.send_json({"type": "stop", "message_id": asked.message_id})
        await socket.send_json({"type": "resume", "message_id": asked.message_id})
        while orjson.loads((await socket.receive(timeout=5)).data)["event_type"] != "message":
            pass


async def _delete_the_chat(person: Person, asked: Asked) -> None:
    assert (await person.call("DELETE", f"/api/chats/{asked.chat_id}")).status < 300


async def _delete_the_account(person: Person, asked: Asked) -> None:
    assert (await person.call("DELETE", "/api/account/")).status < 300


END = {
    "cancelled by REST": _cancel_by_rest,
    "cancelled by websocket": _cancel_by_websocket,
    "chat deleted": _delete_the_chat,
    "account deleted": _delete_the_account,
}


@pytest.mark.parametrize("end", END.values(), ids=[name.replace(" ", "-") for name in END])
@pytest.mark.parametrize("hangs", [False, True], ids=["talking", "silent"])
async def test_the_engine_is_let_go_at_once(
    stack: Stack, end: Callable[[Person, Asked], Awaitable[None]], hangs: bool
) -> None:
    took: list[float] = []
    while once_more(took, below=LET_GO_WITHIN_S):
        took.append(await _until_let_go(stack, end, hangs))
    assert min(took) < LET_GO_WITHIN_S, took


async def _until_let_go(stack: Stack, end: Callable[[Person, Asked], Awaitable[None]], hangs: bool) -> float:
    async with stack.person() as person:
        asked = await _streams(stack, person, hangs=hangs)
        before = time.time()
        await end(person, asked)
        return await _let_go_at(stack, asked) - before


async def test_the_shown_text_stays_and_every_reader_ends_with_it(stack: Stack, person: Person) -> None:
    asked = await person.asks(LONG)
    chat = (person, asked.chat_id, asked.message_id)
    readers = [WebsocketReader(*chat), EventStreamReader(*chat)]
    await asyncio.gather(*(each.has(200) for each in readers))
    content = (await person.cancels(asked)).json["content"]
    assert len(content.encode()) >= 200
    assert stack.expected(asked).startswith(content)
    for reader in readers:
        record = await reader.ended(5)
        assert (record.text.decode(), record.restarts, record.doubled) == (content, 0, 0)
        assert record.finals[0]["message"]["state"] == "cancelled"


async def test_a_waiting_reply_is_cancelled_without_any_worker(stack: Stack, person: Person) -> None:
    await asyncio.gather(*(worker.kill() for worker in stack.workers.values()))
    try:
        asked = await person.asks(LONG)
        reader = EventStreamReader(person, asked.chat_id, asked.message_id)
        assert (await person.cancels(asked)).json["state"] == "cancelled"
        assert (await reader.ended(5)).finals[0]["message"]["content"] in (None, "")
    finally:
        await stack.mend()


async def test_a_cancel_while_valkey_is_dead_lets_the_engine_go_all_the_same(stack: Stack, person: Person) -> None:
    asked = await _streams(stack, person)
    await stack.valkey.kill()
    try:
        assert (await person.cancels(asked)).json["state"] == "cancelled"
        before = time.time()
        assert await _let_go_at(stack, asked) - before < 6
    finally:
        await stack.valkey.start()
        await stack.mend()


async def test_a_requeued_reply_goes_on_in_mid_sentence(stack: Stack, person: Person) -> None:
    asked = await person.asks(150)
    reader = EventStreamReader(person, asked.chat_id, asked.message_id)
    await reader.has(200)
    content = (await person.cancels(asked)).json["content"]
    await reader.ended(5)
    requeue = "from uuid import UUID; from chats.repository.ending import requeue; assert requeue(UUID('{}'))"
    await stack.manage("shell", "-v", "0", "-c", requeue.format(asked.message_id))
    row = await stack.state_is(asked.message_id, "complete")
    assert row["content"] == stack.expected(asked)
    assert row["resumptions"][0]["offset"] == len(content.encode())


async def test_an_engine_that_always_breaks_off_ends_the_reply_with_the_reason_and_keeps_its_text(
    stack: Stack, person: Person
) -> None:
    prompt = "breaks off again and again"
    await stack.arm(
        {"kind": "error", "after_tokens": 30, "prompt_contains": prompt},
        {"kind": "error", "after_tokens": 0, "prompt_contains": prompt, "count": None},
    )
    asked = await person.asks(LONG, prompt=prompt)
    reader = EventStreamReader(person, asked.chat_id, asked.message_id)
    record = await reader.ended(60)
    await stack.disarm()
    final = record.finals[0]
    assert final["event_type"] == "error"
    assert final["message"]["state"] == "aborted_by_worker"
    assert "engine" in final["error"]
    assert stack.expected(asked).startswith(record.text.decode())
    assert record.text.decode() == final["message"]["content"]
    assert len(record.text) > 100


async def test_an_engine_that_says_nothing_gives_an_empty_reply(stack: Stack, person: Person) -> None:
    await stack.arm({"kind": "empty", "prompt_contains": "say nothing"})
    asked = await person.asks(LONG, prompt="say nothing")
    final = (await EventStreamReader(person, asked.chat_id, asked.message_id).ended(10)).finals[0]
    assert (final["message"]["state"], final["message"]["content"]) == ("complete", "")


async def _streams(stack: Stack, person: Person, *, hangs: bool = False) -> Asked:
    """A long reply that runs, or has just fallen silent."""
    prompt = f"{person.name} asks"
    if hangs:
        await stack.arm({"kind": "hang", "after_tokens": 20, "prompt_contains": prompt})
    asked = await person.asks(LONG, prompt=prompt)
    reader = EventStreamReader(person, asked.chat_id, asked.message_id)
    await reader.has(len(lorem_text(asked.seed, prompt, 20).encode()) if hangs else 100)
    await reader.leave()
    return asked


async def _let_go_at(stack: Stack, asked: Asked) -> float:
    """When the engine's last connection for the reply was closed (seconds since 1970)."""
    told: dict[str, Any] = {}

    async def closed() -> bool:
        nonlocal told
        told = await stack.engine_requests(asked)
        return told["open"] == 0 and told["started"] > 0

    await until(closed, "the engine is let go")
    return float(max(each["ended_at"] for each in told["latest"]))
