"""The client against the whole stack: Daphne, Celery worker, PostgreSQL, Valkey and the demo TGI."""

import asyncio
import json
import os
import secrets
import signal
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.chats.text_client.terminal import Terminal
from tests.live.one_machine import OneMachine


class Talk:
    """One person's view of the stack beside the client: what is stored, by REST."""

    def __init__(self, stack: OneMachine) -> None:
        self.stack = stack
        self.name = f"person-{secrets.token_hex(6)}"
        self.prompt = f"tell me of {secrets.token_hex(4)}"
        self._rest = httpx.Client(
            base_url=f"{stack.url}/api", headers={"Authorization": f"Bearer {stack.token(self.name)}"}
        )

    def slow_down(self, tokens_per_second: float) -> None:
        """The engine types the reply to this talk's prompt at this speed."""
        self.stack.arm(kind="pace", tokens_per_second=tokens_per_second, prompt_contains=self.prompt)

    def reply(self) -> dict[str, Any]:
        """The one reply of the person's one chat."""
        (chat,) = self._rest.get("/chats").raise_for_status().json()["chats"]
        messages = self._rest.get(f"/chats/{chat['id']}").raise_for_status().json()["messages"]
        (reply,) = [message for message in messages if message["role"] == "assistant"]
        return dict(reply)

    async def engine_tells(self, condition: Callable[[dict[str, Any]], bool]) -> None:
        """Wait until what the engine tells of this talk's requests fulfils the condition."""
        deadline = asyncio.get_running_loop().time() + 60
        while not condition(told := self.stack.engine_requests(self.prompt)):
            assert asyncio.get_running_loop().time() < deadline, told
            await asyncio.sleep(0.05)

    def close(self) -> None:
        self._rest.close()


def replied(terminal: Terminal, talk: Talk) -> str:
    """What of the reply is on the screen; nothing while a status line is in its place."""
    below = terminal.text.partition(talk.prompt)[2].strip()
    return "" if below.startswith(("Waiting", "No worker")) else below


@pytest.fixture
def talk(one_machine_stack: OneMachine):
    """A person who has not said anything yet."""
    talk = Talk(one_machine_stack)
    yield talk
    talk.close()


async def test_what_is_printed_is_what_is_stored(talk, run_client):
    done = await run_client("--url", talk.stack.url, "--username", talk.name, "--prompt", talk.prompt)
    reply = talk.reply()
    assert (done.code, reply["state"]) == (0, "complete")
    assert done.out == reply["content"].removesuffix("\n") + "\n"
    assert len(done.out) > 100


async def test_ctrl_c_frees_the_engine_and_keeps_the_text(talk):
    talk.slow_down(10)
    terminal = await Terminal.open("--url", talk.stack.url, "--username", talk.name)
    try:
        await terminal.until(lambda: terminal.lines[-1] == ">")
        terminal.type(f"{talk.prompt}\r")
        await talk.engine_tells(lambda told: told["open"] == 1)
        await terminal.until(lambda: len(replied(terminal, talk)) > 20)
        terminal.type("\x03")
        await terminal.until("(Stopped.)")
        reply = talk.reply()
        assert reply["state"] == "cancelled"
        shown = terminal.text.partition(talk.prompt)[2].partition("(Stopped.)")[0]
        assert "".join(shown.split()) == "".join(reply["content"].split())
        assert 1 <= reply["generated_tokens"] < 100
        await talk.engine_tells(lambda told: told["cancelled"] == 1)
    finally:
        await terminal.close()


async def test_a_killed_web_process_is_a_pause(talk, run_client):
    talk.slow_down(30)
    client = asyncio.create_task(
        run_client("--url", talk.stack.url, "--username", talk.name, "--prompt", talk.prompt, "--stream")
    )
    processes = json.loads((talk.stack.log.parent / "local" / "processes.json").read_text())
    await talk.engine_tells(lambda told: told["open"] == 1)
    for process in processes:
        if process["name"] == "web":
            os.kill(process["pid"], signal.SIGKILL)
    done = await client
    reply = talk.reply()
    assert (done.code, reply["state"]) == (0, "complete")
    assert done.out == reply["content"].removesuffix("\n") + "\n"
