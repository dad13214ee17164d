"""A client that costs little beside what it measures: plain sockets, one connection a request or stream.

It reads every byte that it is sent; a reply counts only when its stream ended with its final event.
"""

import asyncio
import base64
import json
import os
import struct
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

CHUNK = 1 << 18
FINAL = b'"event_type":"message"'
TOKEN = b'"event_type":"token"'
END = b'"end":'


class RequestFailed(Exception):
    """An answer that is no success."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply as its reader saw it. Times in seconds; `asked` on the clock of time.monotonic()."""

    asked: float
    first_token_s: float
    total_s: float
    ended_first: bool = False
    """It had ended before its events were asked for (204): then the first token is the whole reply."""


class Client:
    """One person at one server."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "localhost", parts.port or 80
        self.token = token

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        """POST JSON; the answer's JSON. Raises RequestFailed."""
        return await self._request("POST", path, json.dumps(body).encode())

    async def get(self, path: str) -> Any:
        """GET; the answer's JSON. Raises RequestFailed."""
        return await self._request("GET", path, b"")

    async def delete(self, path: str) -> None:
        """DELETE. Raises RequestFailed."""
        await self._request("DELETE", path, b"")

    async def _request(self, method: str, path: str, body: bytes) -> Any:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            writer.write(self._head(method, path, f"Content-Length: {len(body)}\r\nConnection: close\r\n") + body)
            raw = await reader.read()
        finally:
            writer.close()
        head, _, content = raw.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 2"):
            raise RequestFailed(raw[:300].decode(errors="replace"))
        if b"chunked" in head.lower():
            content = _dechunk(content)
        return json.loads(content) if content else None

    def _head(self, method: str, path: str, more: str = "") -> bytes:
        return (
            f"{method} {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\n{more}\r\n"
        ).encode()

    async def chat(self) -> str:
        """A new chat's id."""
        return str((await self.post("/api/chats", {}))["id"])

    async def prompt(self, chat_id: str, text: str = "Go on.") -> str:
        """A first prompt's id."""
        path = f"/api/chats/{chat_id}/prompter_message"
        return str((await self.post(path, {"parent_id": None, "content": text}))["id"])

    async def reply_by_sse(self, chat_id: str, prompt_id: str, model: str, tokens: int) -> Reply:
        """POST assistant_message, then read its events to the end."""
        asked = time.monotonic()
        path = f"/api/chats/{chat_id}"
        message_id = await self.ask(chat_id, prompt_id, model, tokens)
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            writer.write(self._head("GET", f"{path}/messages/{message_id}/events"))
            return await _read_to_the_end(reader, asked, finished_before=b" 204 ")
        finally:
            writer.close()

    async def ask(self, chat_id: str, prompt_id: str, model: str, tokens: int) -> str:
        """A pending reply's id."""
        parameters = {"max_new_tokens": tokens, "top_k": None, "top_p": None}
        body = {"parent_id": prompt_id, "model_config_name": model, "sampling_parameters": parameters}
        return str((await self.post(f"/api/chats/{chat_id}/assistant_message", body))["id"])

    async def arrivals(self, chat_id: str, message_id: str) -> tuple[list[tuple[float, int]], str]:
        """Read a reply's events to the end: when (time.monotonic()) the text up to which byte was there; the text."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        seen: list[tuple[float, int]] = []
        window = b""
        try:
            writer.write(self._head("GET", f"/api/chats/{chat_id}/messages/{message_id}/events"))
            while FINAL not in window:
                chunk = await reader.read(CHUNK)
                if not chunk:
                    raise RequestFailed(f"the stream ended without its final event: {window[-200:]!r}")
                now = time.monotonic()
                # An event that is cut by the end of the chunk counts when the rest of it is there.
                window = window[window.rfind(b"\n\n") + 2 :] + chunk
                at = window.rfind(END, 0, max(0, window.rfind(b"\n\n")))
                if at >= 0:
                    seen.append((now, int(window[at + len(END) : window.index(b",", at)])))
        finally:
            writer.close()
        text = (await self.get(f"/api/chats/{chat_id}/messages/{message_id}"))["content"]
        return seen, str(text)

    async def reply_in_four_requests(self, model: str, tokens: int) -> Reply:
        """Open-Assistant's four: POST chats, prompter_message, assistant_message, GET events."""
        chat_id = await self.chat()
        return await self.reply_by_sse(chat_id, await self.prompt(chat_id), model, tokens)

    async def socket(self, chat_id: str) -> "Socket":
        """A websocket in the chat."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        key = base64.b64encode(os.urandom(16)).decode()
        upgrade = (
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
        )
        writer.write(self._head("GET", f"/ws/chats/{chat_id}", upgrade))
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in head:
            raise RequestFailed(head.decode())
        return Socket(reader, writer)


class Socket:
    """A websocket (RFC 6455): short text frames out, anything in."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def send(self, command: dict[str, Any]) -> None:
        """One command, as one masked text frame of at most 64 KiB."""
        payload = json.dumps(command).encode()
        mask = os.urandom(4)
        length = len(payload)
        head = struct.pack("!BB", 0x81, 0x80 | length) if length < 126 else struct.pack("!BBH", 0x81, 0xFE, length)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
        self._writer.write(head + mask + masked)

    async def reply(self, model: str, tokens: int) -> Reply:
        """A first prompt and its reply, read to the end."""
        asked = time.monotonic()
        parameters = {"max_new_tokens": tokens, "top_k": None, "top_p": None}
        command = {"type": "prompt", "content": "Go on.", "model_config_name": model}
        self.send({**command, "sampling_parameters": parameters})
        return await _read_to_the_end(self._reader, asked)

    def close(self) -> None:
        """Leave."""
        self._writer.close()


async def _read_to_the_end(reader: asyncio.StreamReader, asked: float, finished_before: bytes = b"\0") -> Reply:
    """Read until the final event; the first token is where the first token event came in."""
    first: float | None = None
    tail = b""
    while True:
        chunk = await reader.read(CHUNK)
        if not chunk:
            raise RequestFailed(f"the stream ended without its final event: {tail[-200:]!r}")
        now = time.monotonic()
        if first is None and TOKEN in chunk:
            first = now
        window = tail + chunk
        if FINAL in window:
            return Reply(asked, (first or now) - asked, now - asked)
        if finished_before in window[:32]:
            # Finished before its events were asked for: 204, and the client reads the message itself.
            return Reply(asked, now - asked, now - asked, ended_first=True)
        tail = window[-len(FINAL) :]


def _dechunk(body: bytes) -> bytes:
    parts = []
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        if length == 0:
            break
        parts.append(body[:length])
        body = body[length + 2 :]
    return b"".join(parts)
