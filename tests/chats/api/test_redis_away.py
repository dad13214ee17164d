"""REST while Redis is away: what it needs only to tell others goes on; what it cannot do without is a 503, in time."""

import time

import pytest

from chats.database import in_database
from chats.models import Chat, Message, State
from tests.chats.people import path_of
from tests.chats.shapes import ChatListRead, MessageRead

pytestmark = pytest.mark.usefixtures("live")

ANSWER_WITHIN_S = 3.0


@pytest.fixture
def call(redis_away):
    """A request as the server makes it, in a thread of its own, while Redis is away; it must be answered in time."""

    async def call(method, *args):
        with redis_away():
            started = time.monotonic()
            answer = await in_database(method, *args)
            took = time.monotonic() - started
        assert took < ANSWER_WITHIN_S, f"{method.__name__} {args[0]} took {took:.1f} s"
        return answer

    return call


async def test_a_chat_a_prompt_and_a_reply_are_stored(call, person, model):
    chat = (await call(person.api.post, "chats")).read(ChatListRead)
    asked = await call(person.api.post, f"chats/{chat.id}/prompter_message", {"content": "Hello"})
    prompt = asked.read(MessageRead)
    body = {"parent_id": str(prompt.id), "model_config_name": model.name}
    reply = (await call(person.api.post, f"chats/{chat.id}/assistant_message", body)).read(MessageRead)
    assert (await in_database(Message.objects.get, pk=reply.id)).state == State.PENDING


async def test_a_reply_is_cancelled(call, person, reply):
    ended = (await call(person.api.post, path_of(reply, "/cancel"))).read(MessageRead)
    assert ended.state == "cancelled"


async def test_a_chat_is_renamed_and_deleted(call, person, chat, reply):
    assert (await call(person.api.put, f"chats/{chat.pk}", {"title": "Llamas"})).status == 200
    assert (await call(person.api.delete, f"chats/{chat.pk}")).status == 200
    assert not await in_database(Chat.objects.filter(pk=chat.pk).exists)


async def test_a_websocket_ticket_is_to_be_asked_for_again(call, person):
    answer = await call(person.api.post, "auth/websocket_ticket")
    assert answer.refused(503).detail
    assert int(answer.headers["Retry-After"]) >= 1
