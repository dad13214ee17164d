"""Web processes and workers are replaced one after the other behind the proxy, while people ask and read."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from inference.demo_tgi import lorem_text
from oasst_site.stack.ports import LOOPBACK, free_port
from oasst_site.stack.readiness import http_answers
from tests.chaos.person import Person
from tests.chaos.program import Program, python
from tests.chaos.readers import EventStreamReader, Reader, WebsocketReader
from tests.chaos.stack import MODEL, Stack
from tests.chaos.verdict import judge
from tests.live.nginx import needs_nginx, nginx

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.asyncio(loop_scope="package"),
    needs_nginx,
]

REPLIES = 4
TOKENS = 500  # ten seconds of the engine
WEB_ENDS_WITHIN_S = 5.0
WORKER_ENDS_WITHIN_S = 10.0
EVERY_S = 0.5


async def test_every_reader_has_every_text_whole_and_once_and_every_question_is_answered(
    stack: Stack, tmp_path: Path
) -> None:
    port = free_port()
    new_web = Program(
        "new-web",
        python("-m", "oasst_site.web", "-b", LOOPBACK, "-p", str(port), environ=stack.environ),
        tmp_path / "new-web.log",
        lambda: http_answers(LOOPBACK, port, "/healthz"),
    )
    with nginx("http", tmp_path, [stack.url, f"http://{LOOPBACK}:{port}"]) as proxy:
        async with Person.arrives(proxy.http, MODEL) as person:
            replies = [await person.asks(TOKENS) for _ in range(REPLIES)]
            readers: list[list[Reader]] = [
                [kind(person, each.chat_id, each.message_id) for kind in (WebsocketReader, EventStreamReader)]
                for each in replies
            ]
            everyone = [reader for some in readers for reader in some]
            await asyncio.gather(*(reader.has(100) for reader in everyone))
            enough = asyncio.Event()
            asking = asyncio.create_task(_asks_until(enough, person))
            try:
                await new_web.start()
                stack.web.process.terminate()
                await stack.web.ended(WEB_ENDS_WITHIN_S)
                for worker in stack.workers.values():
                    worker.process.terminate()
                    assert await worker.ended(WORKER_ENDS_WITHIN_S) == 0
                    await worker.start()
                await asyncio.gather(*(reader.ended(60) for reader in everyone))
                await stack.web.start()
                await new_web.stop()  # the other way round, so that the stack is as it was
            finally:
                enough.set()
                asked_meanwhile = await asking
                await asyncio.gather(*(reader.leave() for reader in everyone))
                await new_web.stop()
                await stack.mend()
    assert len(asked_meanwhile) > 5
    attempts = set()
    for asked, some in zip(replies, readers, strict=True):
        row = await stack.state_is(asked.message_id, "complete")
        attempts.add(row["attempt"])
        records = [reader.record for reader in some]
        verdict = judge(stack.expected(asked), row["content"], row["state"], records, cancelled=False, flushed=False)
        assert not verdict.problems
        assert all(record.connections > 1 for record in records), "the old web process had them all"
    assert max(attempts) > 1, "no reply was moved to another worker"
    for message_id, expected in asked_meanwhile:
        assert (await stack.state_is(message_id, "complete"))["content"] == expected


async def _asks_until(enough: asyncio.Event, person: Person) -> list[tuple[str, str]]:
    """Ask short questions one after the other; each must be taken. The replies' ids and what they must say."""
    asked = []
    while not enough.is_set():
        each = await person.asks(5)
        asked.append((each.message_id, lorem_text(each.seed, each.prompt, each.max_new_tokens)))
        with suppress(TimeoutError):
            await asyncio.wait_for(enough.wait(), EVERY_S)
    return asked
