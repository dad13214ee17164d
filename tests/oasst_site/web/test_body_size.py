"""MAX_BODY_BYTES: a longer body is refused with 413, by what it says of itself or by what comes."""

import json

import pytest
from asgiref.testing import ApplicationCommunicator

from oasst_site.web.handler import Handler

pytestmark = pytest.mark.django_db


async def post(body, *, told):
    """The status and JSON of a POST that is sent in pieces of 100 bytes. `told`: with a Content-Length."""
    headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    if told:
        headers.append((b"content-length", str(len(body)).encode()))
    scope = {"type": "http", "method": "POST", "path": "/api/auth/token", "query_string": b"", "headers": headers}
    client = ApplicationCommunicator(Handler(), scope)
    pieces = [body[at : at + 100] for at in range(0, len(body), 100)]
    for number, piece in enumerate(pieces, 1):
        await client.send_input({"type": "http.request", "body": piece, "more_body": number < len(pieces)})
    start = await client.receive_output(timeout=60)
    answer = await client.receive_output(timeout=60)
    await client.wait(60)
    return start["status"], json.loads(answer["body"])


@pytest.mark.parametrize("told", [True, False])
async def test_a_body_that_is_too_long_is_refused(settings, told):
    settings.MAX_BODY_BYTES = 1000
    status, answer = await post(b"x" * 1001, told=told)
    assert status == 413
    assert "1000 bytes" in answer["detail"]


async def test_a_body_of_just_the_limit_is_read(settings, redis_url):
    settings.MAX_BODY_BYTES = 1000
    status, answer = await post(b'{"username": "' + b"x" * 984 + b'"}', told=True)
    assert status == 422
    assert answer["field"] in ("username", "password")
