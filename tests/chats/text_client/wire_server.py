"""A small real HTTP server that speaks the chat API's wire format, with faults on demand."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

TIME = "2026-01-02T03:04:05+00:00"
PRESETS = [
    {"name": "k50", "description": "", "sampling_parameters": {"top_k": 50, "max_new_tokens": 1024}},
    {"name": "calm", "description": "Unsurprising", "sampling_parameters": {"temperature": 0.1, "max_new_tokens": 64}},
]


@dataclass
class Script:
    """How the server plays one reply. Positions are bytes of the content."""

    content: str = "It is so."
    chunk: int = 4  # bytes of a token event; widened to whole characters
    cut_at: list[int] = field(default_factory=list)  # drop the connection there, once each
    skip_at: int | None = None  # leave one token event out there, once: a lost event
    doubled: bool = False  # send every token event twice, the second time together with what came before it
    hold_at: int | None = None  # stand still there until `release`, or a cancel
    restart_at: int | None = None  # forget the text there, once, and begin again in a new epoch
    pending: list[dict[str, Any]] = field(default_factory=list)  # `pending` events before the text
    fail: str | None = None  # end as aborted_by_worker with this error when the content is spent
    refuse_events: list[int] = field(default_factory=list)  # statuses that the next event requests get
    stored: str | None = None  # what the final message says, if not the content
    finish_reason: str = "eos_token"


@dataclass
class Message:
    """A row."""

    id: str
    chat_id: str
    parent_id: str | None
    role: str
    state: str
    content: str | None
    script: Script | None = None
    parameters: dict[str, Any] | None = None
    epoch: int = 1
    position: int = 0
    error: str | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def read(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "chat_id": self.chat_id,
            "parent_id": self.parent_id,
            "role": self.role,
            "state": self.state,
            "content": self.content,
            "created_at": TIME + self.id,
            "error": self.error,
            "work_parameters": self.parameters,
            "finish_reason": self.script.finish_reason if self.script and self.state == "complete" else None,
        }


class WireServer:
    """Chats in memory behind a real port. `scripts` are taken one per reply; then the default one."""

    def __init__(self) -> None:
        self.scripts: list[Script] = []
        self.messages: dict[str, Message] = {}
        self.chats: dict[str, dict[str, Any]] = {}
        self.idempotent: dict[str, Message] = {}
        self.requests: list[str] = []  # "METHOD path" of everything asked
        self.event_requests: list[str | None] = []  # Last-Event-ID of each
        self.valid_tokens: set[str] = set()
        self.good_refresh = True
        self.debug_auth = True
        self.logins: list[str] = []
        self.lose_answers: list[str] = []  # paths whose next POST is carried out, its answer dropped
        self.busy: list[int] = []  # statuses that the next API requests get
        self.models = ["_lorem", "demo", "other"]
        self.port = 0
        self._runner: web.AppRunner | None = None
        self._changed = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen; on the same port again after a stop."""
        app = web.Application(middlewares=[self._gate])
        app.add_routes(
            [
                web.get("/api/auth/callback/debug", self._login),
                web.get("/api/auth/refresh", self._refresh),
                web.get("/api/auth/check", self._check),
                web.get("/api/configs/model_configs", self._models),
                web.get("/api/chats", self._chats),
                web.post("/api/chats", self._new_chat),
                web.get("/api/chats/{chat}", self._chat),
                web.post("/api/chats/{chat}/prompter_message", self._prompt),
                web.post("/api/chats/{chat}/assistant_message", self._reply),
                web.get("/api/chats/{chat}/messages/{message}", self._message),
                web.post("/api/chats/{chat}/messages/{message}/cancel", self._cancel),
                web.get("/api/chats/{chat}/messages/{message}/events", self._events),
            ]
        )
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Drop every connection and the port, as a killed server does."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def until(self, condition: Callable[[], bool], timeout_s: float = 60.0) -> None:
        """Wait until the condition holds; looked at after every request and every token."""
        async with asyncio.timeout(timeout_s):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    def _tell(self) -> None:
        self._changed.set()

    def has_sent(self, message_id: str, position: int) -> bool:
        """Whether the reply has been sent up to this byte."""
        return message_id in self.messages and self.messages[message_id].position >= position

    def only_reply(self) -> Message:
        (reply,) = [m for m in self.messages.values() if m.role == "assistant"]
        return reply

    # --- login ----------------------------------------------------------------------------------------------------

    @web.middleware
    async def _gate(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.requests.append(f"{request.method} {request.path.removeprefix('/api')}")
        self._tell()
        if self.busy and "/events" not in request.path:
            status = self.busy.pop(0)
            return web.json_response({"detail": "The server is busy."}, status=status, headers={"Retry-After": "0"})
        if request.match_info.http_exception is not None:
            return await handler(request)
        if request.path.startswith(("/api/auth/callback", "/api/auth/refresh", "/api/configs")):
            return await handler(request)
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer":
            return web.json_response({"detail": "No token."}, status=403)
        if token not in self.valid_tokens:
            return web.json_response({"detail": "The token has expired."}, status=401)
        return await handler(request)

    async def _login(self, request: web.Request) -> web.Response:
        if not self.debug_auth:
            return web.json_response({"detail": "Debug login is off."}, status=403)
        self.logins.append(request.query["code"])
        token = f"access-{len(self.logins)}"
        self.valid_tokens.add(token)
        pair = {
            "access_token": {"access_token": token, "token_type": "bearer"},
            "refresh_token": {"access_token": f"refresh-{len(self.logins)}", "token_type": "refresh"},
        }
        return web.json_response(pair)

    async def _refresh(self, request: web.Request) -> web.Response:
        if not self.good_refresh or not request.headers.get("Refresh"):
            return web.json_response({"detail": "The refresh token has expired."}, status=401)
        token = f"refreshed-{len(self.requests)}"
        self.valid_tokens.add(token)
        return web.json_response({"access_token": token, "token_type": "bearer"})

    async def _check(self, request: web.Request) -> web.Response:
        return web.json_response("user-1")

    # --- chats ----------------------------------------------------------------------------------------------------

    async def _models(self, request: web.Request) -> web.Response:
        return web.json_response(
            [{"name": n, "description": f"About {n}", "parameter_configs": PRESETS} for n in self.models]
        )

    async def _new_chat(self, request: web.Request) -> web.Response:
        chat_id = f"chat-{len(self.chats) + 1}"
        self.chats[chat_id] = {"id": chat_id, "title": None, "created_at": TIME, "modified_at": TIME}
        return web.json_response(self._chat_read(chat_id))

    async def _chats(self, request: web.Request) -> web.Response:
        return web.json_response({"chats": [self._chat_read(c) for c in reversed(self.chats)], "next": None})

    async def _chat(self, request: web.Request) -> web.Response:
        chat_id = request.match_info["chat"]
        if chat_id not in self.chats:
            return web.json_response({"detail": f"There is no chat {chat_id}."}, status=404)
        messages = [m.read() for m in self.messages.values() if m.chat_id == chat_id]
        return web.json_response(self._chat_read(chat_id) | {"messages": messages})

    def _chat_read(self, chat_id: str) -> dict[str, Any]:
        return self.chats[chat_id] | {"active_thread_tail_message_id": None}

    async def _prompt(self, request: web.Request) -> web.Response:
        body = await request.json()
        chat_id = request.match_info["chat"]
        self.chats[chat_id]["title"] = self.chats[chat_id]["title"] or body["content"]
        return self._once(
            request, lambda: Message("", chat_id, body["parent_id"], "prompter", "manual", body["content"])
        )

    async def _reply(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body["model_config_name"] not in self.models:
            return web.json_response({"detail": f"unknown model {body['model_config_name']!r}"}, status=422)
        if self.messages[body["parent_id"]].role != "prompter":
            return web.json_response({"detail": "a reply belongs under a prompt"}, status=400)

        def make() -> Message:
            script = self.scripts.pop(0) if self.scripts else Script()
            reply = Message("", request.match_info["chat"], body["parent_id"], "assistant", "pending", None, script)
            reply.parameters = {k: v for k, v in body.items() if k != "parent_id"}
            return reply

        return self._once(request, make)

    def _once(self, request: web.Request, make: Any) -> web.Response:
        message = self.idempotent.get(request.headers["Idempotency-Key"])
        if message is None:
            message = make()
            message.id = f"m{len(self.messages) + 1}"
            self.messages[message.id] = self.idempotent[request.headers["Idempotency-Key"]] = message
        if any(request.path.endswith(path) for path in self.lose_answers):
            self.lose_answers.clear()
            assert request.transport is not None
            request.transport.abort()
        return web.json_response(message.read())

    async def _message(self, request: web.Request) -> web.Response:
        return web.json_response(self.messages[request.match_info["message"]].read())

    async def _cancel(self, request: web.Request) -> web.Response:
        message = self.messages[request.match_info["message"]]
        if message.state in ("pending", "in_progress"):
            assert message.script is not None
            message.state = "cancelled"
            message.content = message.script.content.encode()[: message.position].decode()
            message.changed.set()
        return web.json_response(message.read())

    def release(self, message: Message) -> None:
        """Let a held reply go on."""
        assert message.script is not None
        message.script.hold_at = None
        message.changed.set()

    # --- the stream -----------------------------------------------------------------------------------------------

    async def _events(self, request: web.Request) -> web.StreamResponse:
        message = self.messages[request.match_info["message"]]
        script = message.script
        assert script is not None
        cursor = request.headers.get("Last-Event-ID")
        self.event_requests.append(cursor)
        if script.refuse_events:
            return web.json_response({"detail": "Not now."}, status=script.refuse_events.pop(0))
        if message.state not in ("pending", "in_progress") and cursor is None:
            return web.Response(status=204)
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        await stream.write(b": ping\n\n")
        with suppress(ConnectionError, asyncio.CancelledError):
            await self._play(request, stream, message, script, cursor)
        return stream

    async def _play(
        self, request: web.Request, stream: web.StreamResponse, message: Message, script: Script, cursor: str | None
    ) -> None:
        async def send(event: dict[str, Any], event_id: str | None = None) -> None:
            data = json.dumps(event | {"message_id": message.id}, ensure_ascii=False)
            head = f"id: {event_id}\n" if event_id else ""
            await stream.write(f"{head}data: {data}\n\n".encode())

        async def token(start: int, end: int) -> None:
            text = content[start:end].decode()
            where = f"{message.epoch}.{end}"
            await send({"event_type": "token", "cursor": where, "offset": start, "end": end, "text": text}, where)

        content = script.content.encode()
        epoch, position = map(int, cursor.split(".")) if cursor else (message.epoch, 0)
        if epoch != message.epoch:
            position = 0
            await send({"event_type": "restart", "cursor": f"{message.epoch}.0"}, f"{message.epoch}.0")
        while script.pending:
            await send({"event_type": "pending"} | script.pending.pop(0))
        while position < len(content) and message.state in ("pending", "in_progress"):
            message.state = "in_progress"
            if script.cut_at and position >= script.cut_at[0]:
                script.cut_at.pop(0)
                await asyncio.sleep(0)
                assert request.transport is not None
                request.transport.close()  # what was written still arrives
                return
            if script.restart_at is not None and position >= script.restart_at:
                script.restart_at, message.epoch, position = None, message.epoch + 1, 0
                await send({"event_type": "restart", "cursor": f"{message.epoch}.0"}, f"{message.epoch}.0")
            while script.hold_at is not None and position >= script.hold_at and message.state == "in_progress":
                message.changed.clear()
                await message.changed.wait()
            if message.state != "in_progress":
                break
            end = position + script.chunk
            while end < len(content) and content[end] & 0xC0 == 0x80:
                end += 1
            end = min(end, len(content))
            if script.skip_at is not None and position >= script.skip_at:
                script.skip_at = None
            else:
                await token(position, end)
                if script.doubled:
                    await token(position, end)
                    await token(0, end)
            position = end
            message.position = max(message.position, position)
            self._tell()
        if message.state == "in_progress" or (message.state == "pending" and not content):
            message.state = "aborted_by_worker" if script.fail else "complete"
            message.error = script.fail
            message.content = script.content if script.stored is None else script.stored
        final = {"message": message.read(), "cursor": f"{message.epoch}.{len(content)}"}
        if message.error:
            await send({"event_type": "error", "error": message.error} | final, f"{message.epoch}.{len(content)}")
        else:
            await send({"event_type": "message"} | final, f"{message.epoch}.{len(content)}")


@asynccontextmanager
async def running_server() -> AsyncIterator[WireServer]:
    """A server for one test."""
    server = WireServer()
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
