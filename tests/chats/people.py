"""People of the tests: an account, its token, and REST as that person calls it."""

import json
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import uuid4

from django.test import Client

from chats.models import Chat, Message
from oasst_site.accounts.models import User
from oasst_site.accounts.tokens import token_pair
from tests.chats.shapes import ErrorRead, Shape

S = TypeVar("S", bound=Shape)


@dataclass(frozen=True)
class Answer:
    """An answer of REST."""

    status: int
    content: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    def read(self, shape: type[S]) -> S:
        """The body of a success, held against its shape."""
        assert self.status == 200, self.content
        return shape.model_validate_json(self.content)

    def refused(self, status: int) -> ErrorRead:
        """The body of a refusal with this status."""
        assert self.status == status, (self.status, self.content)
        return ErrorRead.model_validate_json(self.content)


class Api:
    """/api, with the headers of one caller."""

    def __init__(self, **headers: str) -> None:
        self._client = Client(headers=headers)

    def get(self, path: str, **headers: str) -> Answer:
        return self._answer(self._client.get(f"/api/{path}", headers=headers))

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self._send("post", path, body, headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self._send("put", path, body, headers)

    def delete(self, path: str) -> Answer:
        return self._answer(self._client.delete(f"/api/{path}"))

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Answer:
        """`body`: bytes go as they are, all else as JSON; None is an empty body."""
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        send = getattr(self._client, method)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._answer(send(f"/api/{path}", data, content_type="application/json", headers=headers))

    def _answer(self, response: Any) -> Answer:
        return Answer(response.status_code, response.content, dict(response.headers))


@dataclass(frozen=True)
class Person:
    """Somebody with an account."""

    user: User
    token: str
    api: Api = field(repr=False)

    @classmethod
    def arrives(cls, name: str | None = None) -> "Person":
        """A new person, stored."""
        user = User.objects.create(username=name or f"person-{uuid4().hex[:12]}")
        token = token_pair(user)["access_token"]["access_token"]
        return cls(user, token, Api(Authorization=f"Bearer {token}"))

    @property
    def bearer(self) -> str:
        return f"Bearer {self.token}"

    def chat(self) -> Chat:
        """A new chat of this person."""
        return Chat.objects.create(user=self.user)


def path_of(message: Message, suffix: str = "") -> str:
    """The message's path under /api/."""
    return f"chats/{message.chat_id}/messages/{message.pk}{suffix}"
