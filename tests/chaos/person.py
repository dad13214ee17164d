"""Somebody who chats over HTTP with the real web process, and tries again as clients do."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp

AWAY = (aiohttp.ClientError, TimeoutError, OSError)
"""How a server that is killed or restarted shows itself to a client."""

LONGEST_LINE = 8 * 1024 * 1024
"""Bytes of one line of an event stream: a final event carries the whole reply."""


@dataclass(frozen=True)
class Asked:
    """A reply that was asked for."""

    chat_id: str
    prompt_id: str
    message_id: str
    prompt: str
    seed: int
    max_new_tokens: int


@dataclass
class Answer:
    """An HTTP answer and how long it took (seconds)."""

    status: int
    json: Any
    headers: dict[str, str]
    took_s: float


@dataclass
class Person:
    """One account on one web address."""

    url: str
    model: str
    name: str = field(default_factory=lambda: f"person-{uuid4().hex[:12]}")
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    @asynccontextmanager
    async def arrives(cls, url: str, model: str) -> AsyncIterator["Person"]:
        """Log in; the connections close at the end."""
        person = cls(url, model)
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=10),
            read_bufsize=LONGEST_LINE,
        ) as person.http:
            tokens = (await person.until_answered("GET", f"/api/auth/callback/debug?code={person.name}")).json
            person.headers = {"Authorization": f"Bearer {tokens['access_token']['access_token']}"}
            yield person

    http: aiohttp.ClientSession = field(init=False, repr=False)

    async def call(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> Answer:
        """One request, one answer. Raises what AWAY holds."""
        began = time.monotonic()
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        async with self.http.request(method, self.url + path, json=body, headers=headers) as answer:
            json = await answer.json() if answer.content_type == "application/json" else None
            return Answer(answer.status, json, dict(answer.headers), time.monotonic() - began)

    async def until_answered(self, method: str, path: str, body: Any = None, *, within_s: float = 30.0) -> Answer:
        """The same request with the same Idempotency-Key until it succeeds. Raises TimeoutError, AssertionError."""
        key = uuid4().hex
        async with asyncio.timeout(within_s):
            while True:
                try:
                    answer = await self.call(method, path, body, key=key)
                except AWAY:
                    pass
                else:
                    if answer.status < 300:
                        return answer
                    # 502: a proxy whose server has just gone
                    assert answer.status in (502, 503), (path, answer.status, answer.json)
                await asyncio.sleep(0.1)

    async def chat(self) -> str:
        """The id of a new chat."""
        return str((await self.until_answered("POST", "/api/chats", {})).json["id"])

    async def asks(self, max_new_tokens: int, *, prompt: str = "", chat_id: str | None = None) -> Asked:
        """A prompt, by default one that nobody else sends, and its reply; in a new chat unless one is given."""
        chat_id = chat_id or await self.chat()
        prompt = prompt or uuid4().hex
        path = f"/api/chats/{chat_id}"
        asked = await self.until_answered("POST", f"{path}/prompter_message", {"parent_id": None, "content": prompt})
        return await self.asks_for_reply(chat_id, asked.json["id"], prompt, max_new_tokens)

    async def asks_for_reply(self, chat_id: str, prompt_id: str, prompt: str, max_new_tokens: int) -> Asked:
        """A reply under a prompt."""
        body = {
            "parent_id": prompt_id,
            "model_config_name": self.model,
            "sampling_parameters": {"max_new_tokens": max_new_tokens},
        }
        reply = (await self.until_answered("POST", f"/api/chats/{chat_id}/assistant_message", body)).json
        seed = reply["work_parameters"]["seed"]
        return Asked(chat_id, prompt_id, reply["id"], prompt, seed, max_new_tokens)

    async def message(self, chat_id: str, message_id: str) -> dict[str, Any]:
        """The message as REST tells it."""
        return (await self.until_answered("GET", f"/api/chats/{chat_id}/messages/{message_id}")).json

    async def cancels(self, asked: Asked) -> Answer:
        """Stop the reply."""
        return await self.until_answered("POST", f"/api/chats/{asked.chat_id}/messages/{asked.message_id}/cancel", {})

    @asynccontextmanager
    async def websocket(self, chat_id: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """The chat's websocket."""
        address = f"{self.url.replace('http', 'ws', 1)}/ws/chats/{chat_id}"
        timeout = aiohttp.ClientWSTimeout(ws_close=0.2)
        async with (
            asyncio.timeout(None),
            self.http.ws_connect(address, headers=self.headers, max_msg_size=LONGEST_LINE, timeout=timeout) as socket,
        ):
            yield socket
