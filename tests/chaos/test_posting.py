"""A prompt is posted while something is away: an answer comes within 3 s, and what is answered with success is kept."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from uuid import uuid4

import orjson
import pytest

from tests.chaos.person import Answer, Person
from tests.chaos.program import Program
from tests.chaos.readers import until
from tests.chaos.stack import Stack

pytestmark = [pytest.mark.chaos, pytest.mark.asyncio(loop_scope="package")]

ANSWERS_WITHIN_S = 3.0
AT_ONCE = 30
"""More than the web process has threads for the database (DATABASE_THREADS)."""

Away = Callable[[Stack], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def _dead(program: Program) -> AsyncIterator[None]:
    await program.kill()
    try:
        yield
    finally:
        await program.start()


@asynccontextmanager
async def _hung(program: Program) -> AsyncIterator[None]:
    program.send(signal.SIGSTOP)
    try:
        yield
    finally:
        program.send(signal.SIGCONT)


AWAY: dict[str, Away] = {
    "Valkey is dead": lambda stack: _dead(stack.valkey),
    "Valkey hangs": lambda stack: _hung(stack.valkey),
    "PostgreSQL is dead": lambda stack: _dead(stack.postgres),
}


@pytest.fixture(params=AWAY, ids=lambda name: name.replace(" ", "-"))
def away(request: pytest.FixtureRequest) -> Away:
    return AWAY[request.param]


async def test_every_answer_comes_in_time_and_no_success_is_lost(stack: Stack, away: Away) -> None:
    async with stack.person() as person:
        chats = [await person.chat() for _ in range(AT_ONCE)]
        prompts = [await _prompt(person, chat) for chat in chats]
        keys = [uuid4().hex for _ in chats]
        ask = [_ask(person, *each) for each in zip(chats, prompts, keys, strict=True)]
        async with away(stack):
            answers = [await person.call("POST", "/api/chats", {}, key=uuid4().hex), *await asyncio.gather(*ask)]
        for answer in answers:
            assert answer.took_s < ANSWERS_WITHIN_S, f"{answer.status} after {answer.took_s:.1f} s"
            assert answer.status == 200 or (answer.status == 503 and "Retry-After" in answer.headers), answer
        await stack.workers_open()
        again = [await _until_success(person, *each) for each in zip(chats, prompts, keys, strict=True)]
        for first, second in zip(answers[1:], again, strict=True):
            assert second.status == 200, second
            if first.status == 200:
                assert second.json["id"] == first.json["id"], "the same key made another reply"
            await stack.state_is(second.json["id"], "complete", within_s=30)
        replies = await asyncio.to_thread(
            stack.rows, "SELECT id FROM chats_message WHERE chat_id = ANY(%s) AND role = 'assistant'", chats
        )
        assert len(replies) == AT_ONCE


async def test_a_websocket_is_answered_in_time_too(stack: Stack, away: Away) -> None:
    async with stack.person() as person:
        chat = await person.chat()
        async with person.websocket(chat) as socket:
            async with away(stack):
                command = {"type": "prompt", "ref": "once", "content": uuid4().hex, "model_config_name": person.model}
                await socket.send_json(command)
                async with asyncio.timeout(ANSWERS_WITHIN_S):
                    answer = orjson.loads((await socket.receive()).data)
            assert answer["ref"] == "once"
            assert answer["event_type"] == "message_created" or (answer["event_type"], answer["code"]) == ("error", 503)
            await stack.workers_open()
            event: dict[str, object] = {"code": 503}
            async with asyncio.timeout(30):
                while event.get("event_type") != "message":
                    if event.get("code") == 503:
                        await asyncio.sleep(0.2)  # whoever asks without a pause is told 429
                        await socket.send_json(command)  # the same ref: it is safe
                    event = orjson.loads((await socket.receive()).data)
        rows = await asyncio.to_thread(stack.rows, "SELECT state FROM chats_message WHERE chat_id = %s", chat)
        assert sorted(row["state"] for row in rows) == ["complete", "manual"]


async def _prompt(person: Person, chat: str) -> str:
    body = {"parent_id": None, "content": uuid4().hex}
    return str((await person.until_answered("POST", f"/api/chats/{chat}/prompter_message", body)).json["id"])


async def _ask(person: Person, chat: str, prompt: str, key: str) -> Answer:
    body = {"parent_id": prompt, "model_config_name": person.model, "sampling_parameters": {"max_new_tokens": 5}}
    return await person.call("POST", f"/api/chats/{chat}/assistant_message", body, key=key)


async def _until_success(person: Person, chat: str, prompt: str, key: str) -> Answer:
    answers: list[Answer] = []

    async def succeeds() -> bool:
        answers.append(await _ask(person, chat, prompt, key))
        return answers[-1].status != 503

    await until(succeeds, "the prompt is taken")
    return answers[-1]
