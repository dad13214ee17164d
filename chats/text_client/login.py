"""Who the client is to the server: a token that was given, or debug login by name."""

import json
from collections.abc import AsyncGenerator
from typing import Any

import httpx

from chats.text_client.errors import LoginRefused


class TokenLogin(httpx.Auth):
    """Every request carries the access token that the user gave.

    Raises LoginRefused when the server does not take it: there is nothing to renew it with.
    """

    def __init__(self, token: str) -> None:
        self._token = token

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        request.headers["Authorization"] = f"Bearer {self._token}"
        response = yield request
        if response.status_code == 401:
            raise LoginRefused(
                "The server does not take this token: it is wrong or has expired. Give a fresh one with --token "
                "or in OASST_TOKEN."
            )


class DebugLogin(httpx.Auth):
    """Debug login: a name is enough, where the server allows it.

    The access token is fetched with the first request and again whenever the server calls it expired: by the
    refresh token, else by a new login. Raises LoginRefused when the server allows no debug login.
    """

    def __init__(self, api_url: str, username: str) -> None:
        self._api_url = api_url
        self.username = username
        self._access: str | None = None
        self._refresh: str | None = None

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        if self._access is None:
            self._keep_pair(await _body((yield self._login_request(request))))
        request.headers["Authorization"] = f"Bearer {self._access}"
        response = yield request
        if response.status_code != 401:
            return
        renewed = yield self._refresh_request(request)
        if renewed.status_code == 200:
            self._access = str((await _body(renewed))["access_token"])
        else:
            self._keep_pair(await _body((yield self._login_request(request))))
        request.headers["Authorization"] = f"Bearer {self._access}"
        yield request

    def _login_request(self, cause: httpx.Request) -> httpx.Request:
        return self._get("/auth/callback/debug", cause, params={"code": self.username})

    def _refresh_request(self, cause: httpx.Request) -> httpx.Request:
        return self._get("/auth/refresh", cause, headers={"Refresh": self._refresh or ""})

    def _get(self, path: str, cause: httpx.Request, **more: Any) -> httpx.Request:
        """A request that keeps to the time limits of the one that makes it necessary."""
        return httpx.Request("GET", f"{self._api_url}{path}", extensions=dict(cause.extensions), **more)

    def _keep_pair(self, pair: dict[str, Any]) -> None:
        self._access = pair["access_token"]["access_token"]
        self._refresh = pair["refresh_token"]["access_token"]


async def _body(response: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer to a login; raises LoginRefused when it is a refusal or no such object."""
    raw = await response.aread()
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    if response.status_code == 200 and isinstance(body, dict) and "access_token" in body:
        return body
    if isinstance(body, dict) and "detail" in body:
        raise LoginRefused(
            f"The server lets nobody in by name: {body['detail']} Or give a token with --token or in OASST_TOKEN."
            if response.status_code == 403
            else f"The login was refused: {body['detail']}"
        )
    if response.status_code >= 500:
        response.raise_for_status()
    raise LoginRefused(
        f"{response.request.url.copy_with(query=None)} answered {response.status_code} and no token: "
        "is this the address of a chat server? Give the right one with --url."
    )
