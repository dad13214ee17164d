"""One reply through the stack as people start it (`manage.py up`): several readers at once, and a worker that dies."""

import asyncio
import os
import signal

import psutil  # type: ignore[import-untyped]

from tests.chaos.person import Person
from tests.chaos.readers import EventStreamReader, Reader, WebsocketReader
from tests.live.one_machine import MODEL, OneMachine

TOKENS = 300
"""Three seconds of the engine of `one_machine`."""


def worker_of(stack: OneMachine) -> psutil.Process:
    """The stack's worker: nobody else has its engine."""
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or []
        if "celery" in line and stack.engine_url in line:
            return process
    raise AssertionError(f"no worker with --engine-url {stack.engine_url} runs")


def same_to_all(readers: list[Reader], content: str) -> bool:
    """Each reader was shown exactly the content, once, and one end."""
    for reader in readers:
        record = reader.record
        assert record.text == content.encode(), record.kind
        assert (record.doubled, record.holes, record.restarts, record.problems) == (0, 0, 0, []), record.kind
        assert [final["message"]["content"] for final in record.finals] == [content], record.kind
    return True


async def test_server_sent_events_and_the_websocket_show_the_stored_bytes_at_once(one_machine_stack: OneMachine):
    async with Person.arrives(one_machine_stack.url, MODEL) as person:
        asked = await person.asks(TOKENS)
        readers: list[Reader] = [
            kind(person, asked.chat_id, asked.message_id) for kind in (EventStreamReader, WebsocketReader)
        ]
        await asyncio.gather(*(reader.has(100) for reader in readers))
        late = WebsocketReader(person, asked.chat_id, asked.message_id)
        await asyncio.gather(*(reader.ended(30) for reader in (*readers, late)))
        stored = await person.message(asked.chat_id, asked.message_id)
    assert stored["state"] == "complete"
    assert same_to_all([*readers, late], stored["content"])
    for reader in readers:
        assert len(reader.record.heard_at) > 10, "the text was seen growing"


async def test_a_reply_goes_on_by_itself_when_its_worker_is_killed(one_machine_stack: OneMachine):
    killed = worker_of(one_machine_stack)
    async with Person.arrives(one_machine_stack.url, MODEL) as person:
        asked = await person.asks(TOKENS)
        readers: list[Reader] = [
            kind(person, asked.chat_id, asked.message_id) for kind in (EventStreamReader, WebsocketReader)
        ]
        await asyncio.gather(*(reader.has(100) for reader in readers))
        os.kill(killed.pid, signal.SIGKILL)
        await asyncio.gather(*(reader.ended(60) for reader in readers))
        stored = await person.message(asked.chat_id, asked.message_id)
    assert stored["state"] == "complete"
    assert stored["attempt"] == 2
    assert same_to_all(readers, stored["content"])
    assert worker_of(one_machine_stack).pid != killed.pid
