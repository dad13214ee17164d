"""The server's REST API and event stream, as far as the text client uses them."""

import asyncio
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from types import TracebackType
from typing import Any, Self

import httpx

from chats.text_client.errors import ClientError, Refused, Unreachable
from chats.text_client.patience import Patience
from chats.text_client.sse import Received, read_events
from inference.long_waits import shown_if_long

REST_TIMEOUT = httpx.Timeout(15.0, connect=5.0)
EVENTS_TIMEOUT = httpx.Timeout(15.0, connect=5.0, read=50.0)  # the server sends a ping every 15 s


class Api:
    """One server, one user. An async context manager.

    Once the server has answered, a call whose connection breaks, or which the server is too busy for (429,
    5xx), is tried again for `patience_s` seconds; `on_wait(failure)` is told before each wait, `on_slow(text)` of an
    answer that takes long, with an empty text when it has come. POSTs carry an Idempotency-Key that stays the same
    over these tries.

    Every method raises Unreachable, Refused or LoginRefused; their text is for people.
    """

    def __init__(
        self,
        url: str,
        auth: httpx.Auth,
        *,
        patience_s: float = 120.0,
        on_wait: Callable[[Unreachable | Refused], None] = lambda failure: None,
        on_slow: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.url = url
        self.patience_s = patience_s
        self.on_wait = on_wait
        self.on_slow = on_slow
        self._reached = False
        # A proxy of the environment is for the world outside, never for this machine.
        direct = {f"all://{host}": None for host in ("localhost", "127.0.0.1", "[::1]")}
        self._client = httpx.AsyncClient(
            base_url=f"{url}/api",
            auth=auth,
            timeout=REST_TIMEOUT,
            mounts=direct,
            headers={"Accept": "application/json"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    # --- calls -----------------------------------------------------------------------------------------

    async def check(self) -> str:
        """Log in; the user's id."""
        return str(await self._call("GET", "/auth/check"))

    async def model_configs(self) -> list[dict[str, Any]]:
        """The models that the server knows, in its order, each with its presets (`parameter_configs`)."""
        return list(await self._call("GET", "/configs/model_configs"))

    async def chats(self, limit: int = 20) -> list[dict[str, Any]]:
        """The user's newest chats (ChatListRead), newest first."""
        return list(self._field(await self._call("GET", "/chats", params={"limit": limit}), "chats"))

    async def chat(self, chat_id: str) -> dict[str, Any]:
        """One chat with all its messages (ChatRead)."""
        return dict(await self._call("GET", f"/chats/{chat_id}"))

    async def create_chat(self) -> str:
        """The id of a new, empty chat."""
        return await self._make("/chats", {})

    async def add_prompt(self, chat_id: str, parent_id: str | None, content: str) -> str:
        """The id of the prompter message made under `parent_id` (None: the first of the chat)."""
        body = {"parent_id": parent_id, "content": content}
        return await self._make(f"/chats/{chat_id}/prompter_message", body)

    async def add_reply(
        self,
        chat_id: str,
        parent_id: str,
        model: str,
        sampling_parameters: dict[str, Any] | None,
        system_prompt: str | None,
    ) -> str:
        """The id of the assistant message asked for under the prompt `parent_id`."""
        body: dict[str, Any] = {"parent_id": parent_id, "model_config_name": model}
        if sampling_parameters is not None:
            body["sampling_parameters"] = sampling_parameters
        if system_prompt is not None:
            body["system_prompt"] = system_prompt
        return await self._make(f"/chats/{chat_id}/assistant_message", body)

    async def message(self, chat_id: str, message_id: str) -> dict[str, Any]:
        """One message as it is now (MessageRead)."""
        return dict(await self._call("GET", f"/chats/{chat_id}/messages/{message_id}"))

    async def cancel(self, chat_id: str, message_id: str) -> None:
        """Stop a reply; one that is finished already stays as it is."""
        await self._call("POST", f"/chats/{chat_id}/messages/{message_id}/cancel")

    @asynccontextmanager
    async def events(
        self, chat_id: str, message_id: str, cursor: str | None
    ) -> AsyncIterator[AsyncGenerator[Received, None] | None]:
        """The reply's event stream from the cursor on, over one connection; None when nothing is left to come.

        Never tried again here: the reader knows where it stands and comes back itself.
        """
        path = f"/chats/{chat_id}/messages/{message_id}/events"
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
        if cursor is not None:
            headers["Last-Event-ID"] = cursor
        try:
            async with self._client.stream(
                "GET", path, params={"restart": "true"}, headers=headers, timeout=EVENTS_TIMEOUT
            ) as response:
                if response.status_code == 204:
                    yield None
                    return
                if response.status_code != 200:
                    await response.aread()
                    raise _refusal(response)
                async with aclosing(read_events(response)) as events:
                    yield events
        except httpx.TransportError as error:
            raise self._unreachable(error) from error
        except httpx.HTTPStatusError as error:  # of a login on the way
            raise _refusal(error.response) from error

    # --- the wire --------------------------------------------------------------------------------------

    async def _call(self, method: str, path: str, *, json: Any = None, params: dict[str, Any] | None = None) -> Any:
        headers = {"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {}
        patience = Patience(self.patience_s)
        while True:
            try:
                with shown_if_long(f"Waiting for an answer of {self.url}", self.on_slow):
                    response = await self._client.request(method, path, json=json, params=params, headers=headers)
                if response.status_code < 400:
                    return self._read(response)
                failure: Unreachable | Refused = _refusal(response)
            except httpx.TransportError as error:
                failure = self._unreachable(error)
            except httpx.HTTPStatusError as error:  # of a login on the way
                failure = _refusal(error.response)
            if not self._reached or (isinstance(failure, Refused) and not failure.passing):
                raise failure
            wait_s = patience.next_wait_s(failure.retry_after_s if isinstance(failure, Refused) else 0.0)
            if wait_s is None:
                raise failure
            self.on_wait(failure)
            await asyncio.sleep(wait_s)

    async def _make(self, path: str, body: dict[str, Any]) -> str:
        """POST; the id of what was made."""
        return str(self._field(await self._call("POST", path, json=body), "id"))

    def _read(self, response: httpx.Response) -> Any:
        try:
            body = response.json() if response.content else None
        except ValueError:
            raise ClientError(
                f"{response.request.url} answered with something that is not JSON: is {self.url} the address "
                "of a chat server? Give the right one with --url."
            ) from None
        self._reached = True
        return body

    def _field(self, body: Any, name: str) -> Any:
        try:
            return body[name]
        except (KeyError, TypeError):
            raise ClientError(
                f"{self.url} sent an answer without {name!r}: it is no chat server of this kind."
            ) from None

    def _unreachable(self, error: httpx.TransportError) -> Unreachable:
        reason = str(error) or type(error).__name__
        if self._reached:
            return Unreachable(f"The connection to {self.url} is lost ({reason}).")
        return Unreachable(
            f"No server answers at {self.url} ({reason}). Start one with `make run`, or give its address with --url."
        )


def _refusal(response: httpx.Response) -> Refused:
    """The error status with the server's own sentence, where it sent one."""
    try:
        detail = response.json()["detail"]
    except (ValueError, KeyError, TypeError):
        detail = None
    if not isinstance(detail, str) or not detail:
        detail = f"{response.request.method} {response.request.url} answered {response.status_code}."
    try:
        retry_after_s = float(response.headers.get("Retry-After", "0"))
    except ValueError:
        retry_after_s = 0.0
    return Refused(response.status_code, detail, max(0.0, retry_after_s))
