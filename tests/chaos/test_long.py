"""Long replies, long chats, and readers who cannot keep up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

import aiohttp
import orjson
import psutil  # type: ignore[import-untyped]
import pytest

from tests.chaos.person import Asked, Person
from tests.chaos.readers import EventStreamReader, WebsocketReader, until
from tests.chaos.record import Record
from tests.chaos.stack import Stack
from tests.tries import once_more

pytestmark = [pytest.mark.chaos, pytest.mark.asyncio(loop_scope="package")]

MIB = 1024 * 1024
TOKENS_OF_A_MIB = 190_000
DEAF_READERS = 20
GROWS_BY_AT_MOST = 128 * MIB
"""Of the web process. What one reader may have waiting is a matter of inference/stream and has its tests there."""
THREAD = 1000
OPENED_WITHIN_S = 2.0


async def test_a_reply_of_a_mebibyte_arrives_whole_however_slow_some_readers_are(stack: Stack, person: Person) -> None:
    prompt = uuid4().hex
    await stack.arm({"kind": "pace", "tokens_per_second": 20_000, "prompt_contains": prompt})
    web = psutil.Process(stack.web.pid)
    before = web.memory_info().rss
    asked = await person.asks(TOKENS_OF_A_MIB, prompt=prompt)
    expected = stack.expected(asked).encode()
    assert len(expected) > MIB
    chat = (person, asked.chat_id, asked.message_id)
    readers = [WebsocketReader(*chat), EventStreamReader(*chat)]
    highest = 0

    async def ended() -> bool:
        nonlocal highest
        highest = max(highest, web.memory_info().rss)
        return all(each.record.ended for each in readers)

    async with _not_reading(person, asked, DEAF_READERS) as deaf:
        await until(ended, "the reply has ended", within_s=120)
        records = [await reader.ended(1) for reader in readers]
        records.append(await _read_late(deaf[0], asked))
    for record in records:
        assert (record.text == expected, record.doubled, record.restarts, record.holes) == (True, 0, 0, 0), record.kind
    assert highest - before < GROWS_BY_AT_MOST, f"grew by {(highest - before) / MIB:.0f} MiB"


async def test_fifty_readers_of_one_reply_each_see_every_byte_once(stack: Stack, person: Person) -> None:
    asked = await person.asks(100)
    chat = (person, asked.chat_id, asked.message_id)
    readers = [kind(*chat) for kind in (WebsocketReader, EventStreamReader) for _ in range(25)]
    for record in await asyncio.gather(*(each.ended(20) for each in readers)):
        assert (record.text.decode(), record.doubled, record.restarts, record.holes) == (stack.expected(asked), 0, 0, 0)
        assert len(record.finals) == 1


async def test_a_thread_of_a_thousand_messages_is_answered_and_opened(stack: Stack, person: Person) -> None:
    chat_id = await person.chat()
    last = await _long_thread(stack, chat_id)
    body = {"parent_id": last, "content": (prompt := uuid4().hex)}
    asked = (await person.until_answered("POST", f"/api/chats/{chat_id}/prompter_message", body)).json
    reply = await person.asks_for_reply(chat_id, asked["id"], prompt, 20)
    row = await stack.state_is(reply.message_id, "complete")
    assert row["content"] == stack.expected(reply)
    assert row["omitted_messages"] == 0
    told = await stack.engine_requests(reply)
    assert "message 998." in told["latest"][0]["inputs"]
    took: list[float] = []
    while once_more(took, below=OPENED_WITHIN_S):
        chat = await person.call("GET", f"/api/chats/{chat_id}")
        assert len(chat.json["messages"]) == THREAD + 2
        took.append(chat.took_s)
    assert min(took) < OPENED_WITHIN_S, took


_LONG_THREAD = """
from chats.models import Chat, Message
chat = Chat.objects.get(pk="{chat_id}")
rows = []
for number in range({count}):
    asks = number % 2 == 0
    rows.append(Message(
        chat=chat,
        parent=rows[-1] if rows else None,
        role="prompter" if asks else "assistant",
        state="manual" if asks else "complete",
        content=f"This is message {{number}}.",
    ))
Message.objects.bulk_create(rows)
Chat.objects.filter(pk=chat.pk).update(message_count={count})
print(rows[-1].pk)
"""


async def _long_thread(stack: Stack, chat_id: str) -> str:
    """A thread of finished messages; the id of its last reply."""
    said = await stack.manage("shell", "-v", "0", "-c", _LONG_THREAD.format(chat_id=chat_id, count=THREAD))
    return said.split()[-1]


@asynccontextmanager
async def _not_reading(person: Person, asked: Asked, count: int) -> AsyncIterator[list[aiohttp.ClientResponse]]:
    """So many event streams of which nothing is read beyond the little that the client itself buffers."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as http, AsyncExitStack() as answers:
        path = f"/api/chats/{asked.chat_id}/messages/{asked.message_id}/events"
        yield [
            await answers.enter_async_context(http.get(person.url + path, headers=person.headers)) for _ in range(count)
        ]


async def _read_late(answer: aiohttp.ClientResponse, asked: Asked) -> Record:
    """Read what waits, and all that comes then."""
    record = Record("sse, late", asked.message_id)
    rest = b""
    async for data in answer.content.iter_any():
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            if line.startswith(b"data: "):
                record.take(orjson.loads(line[6:]))
        if record.ended:
            break
    return record
