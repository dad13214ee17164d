"""Who gets a websocket on a chat: by token, by ticket, by our own page's cookie; and how long."""

import time
from datetime import timedelta

import pytest
from django.test import Client
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from chats.circuit import Circuit
from chats.database import in_database
from chats.redis import sync_redis
from oasst_site.accounts.websocket_tickets import LIFETIME_S
from oasst_site.database import base
from oasst_site.stack.ports import LOOPBACK, free_port
from tests.chats.chat_socket import HOST, ChatSocket
from tests.chats.played_worker import Attempt
from tests.chats.shapes import TicketRead
from tests.chats.waiting import until

NOT_LOGGED_IN, NOT_FOUND, TRY_AGAIN = 4401, 4404, 4503
OURS = f"http://{HOST}"

pytestmark = pytest.mark.usefixtures("live")


@pytest.fixture
def cookie(person):
    """The session cookie of the person's browser."""
    browser = Client()
    browser.force_login(person.user)
    return f"theme=dark; sessionid={browser.cookies['sessionid'].value}"


@pytest.fixture
def get_ticket(person):
    """Gets a one-use ticket with the person's token."""
    return lambda: person.api.post("auth/websocket_ticket").read(TicketRead).ticket


async def is_open(socket):
    """It reads commands."""
    await socket.says(type="nonsense")
    return (await socket.refusal())["code"] == 400


async def code_of(chat_id, **login):
    """The code with which a socket is closed at once."""
    return await (await ChatSocket.opened(chat_id, **login)).closed()


async def test_a_token_opens_the_chat_whatever_the_origin(person, chat):
    for origin in (None, OURS, "https://elsewhere.example", "null"):
        socket = await ChatSocket.opened(chat.pk, bearer=person.bearer, origin=origin)
        assert await is_open(socket)
        await socket.leaves()


async def test_the_cookie_opens_the_chat_from_our_own_page(chat, cookie):
    socket = await ChatSocket.opened(chat.pk, cookie=cookie, origin=OURS)
    assert await is_open(socket)
    await socket.leaves()


@pytest.mark.parametrize(
    "origin",
    [None, "null", "", "https://elsewhere.example", f"http://{HOST}.elsewhere.example", f"http://elsewhere/{HOST}"],
)
async def test_the_cookie_opens_nothing_from_another_page(chat, cookie, origin):
    assert await code_of(chat.pk, cookie=cookie, origin=origin) == NOT_LOGGED_IN


async def test_an_origin_that_is_none_is_never_ours_even_where_the_host_is_not_named(chat, cookie):
    socket = ChatSocket(f"/ws/chats/{chat.pk}", {"Cookie": cookie, "Origin": "null", "Host": ""}, [])
    await socket.shakes_hands()
    assert await socket.closed() == NOT_LOGGED_IN


async def test_the_cookie_opens_the_chat_from_an_origin_that_is_trusted(chat, cookie, settings):
    settings.CSRF_TRUSTED_ORIGINS = ["https://chat.example"]
    socket = await ChatSocket.opened(chat.pk, cookie=cookie, origin="https://chat.example")
    assert await is_open(socket)
    await socket.leaves()
    assert await code_of(chat.pk, cookie=cookie, origin="http://chat.example") == NOT_LOGGED_IN


@pytest.mark.parametrize("bearer", ["", "Bearer", "Bearer ", "Bearer nonsense", "Basic YTpi", "Bearer a.b.c"])
async def test_a_bad_token_opens_nothing_not_even_with_a_good_cookie(chat, cookie, bearer):
    assert await code_of(chat.pk, bearer=bearer, cookie=cookie, origin=OURS) == NOT_LOGGED_IN


async def test_without_any_login_nothing_opens(chat):
    for login in ({}, {"origin": OURS}, {"cookie": "sessionid=nonsense", "origin": OURS}):
        assert await code_of(chat.pk, **login) == NOT_LOGGED_IN


async def test_a_token_in_the_url_is_no_login(person, chat):
    socket = await ChatSocket.opened(path=f"/ws/chats/{chat.pk}?token={person.token}&access_token={person.token}")
    assert await socket.closed() == NOT_LOGGED_IN


async def test_a_refresh_token_opens_nothing(person, chat):
    token = await in_database(lambda: str(RefreshToken.for_user(person.user)))
    assert await code_of(chat.pk, bearer=f"Bearer {token}") == NOT_LOGGED_IN


async def test_a_disabled_or_deleted_user_gets_nothing(person, stranger, chat, cookie, get_ticket):
    ticket = await in_database(get_ticket)

    def disable():
        person.user.is_active = False
        person.user.save()

    await in_database(disable)
    assert await code_of(chat.pk, bearer=person.bearer) == NOT_LOGGED_IN
    assert await code_of(chat.pk, cookie=cookie, origin=OURS) == NOT_LOGGED_IN
    assert await code_of(chat.pk, subprotocols=["oasst", f"ticket.{ticket}"]) == NOT_LOGGED_IN
    await in_database(stranger.user.delete)
    assert await code_of(chat.pk, bearer=stranger.bearer) == NOT_LOGGED_IN


# --- tickets ---


async def test_a_ticket_opens_one_socket_from_any_page(chat, get_ticket):
    ticket = await in_database(get_ticket)
    offer = ["oasst", f"ticket.{ticket}"]
    socket = await ChatSocket.opened(chat.pk, subprotocols=offer, origin="https://elsewhere.example")
    assert socket.subprotocol == "oasst"
    assert await is_open(socket)
    await socket.leaves()
    assert await code_of(chat.pk, subprotocols=offer) == NOT_LOGGED_IN


async def test_a_ticket_is_good_for_thirty_seconds(chat, get_ticket):
    assert LIFETIME_S == 30
    ticket = await in_database(get_ticket)
    (key,) = [key for key in sync_redis().scan_iter("websocket-ticket:*") if ticket.encode() in key]
    assert 0 < sync_redis().ttl(key) <= 30
    sync_redis().pexpire(key, 0)
    assert await code_of(chat.pk, subprotocols=["oasst", f"ticket.{ticket}"]) == NOT_LOGGED_IN


async def test_a_ticket_that_was_never_given_opens_nothing_not_even_with_a_cookie(chat, cookie):
    for offer in (["oasst", "ticket.nonsense"], ["ticket."], ["oasst", "ticket.a", "ticket.b"]):
        assert await code_of(chat.pk, subprotocols=offer, cookie=cookie, origin=OURS) == NOT_LOGGED_IN


async def test_a_ticket_is_given_to_those_who_are_logged_in(person, stranger, chat, get_ticket):
    assert Client().post("/api/auth/websocket_ticket").status_code == 403
    tickets = {await in_database(get_ticket) for _ in range(3)}
    assert len(tickets) == 3
    theirs = (await in_database(stranger.api.post, "auth/websocket_ticket")).json["ticket"]
    assert await code_of(chat.pk, subprotocols=["oasst", f"ticket.{theirs}"]) == NOT_FOUND


# --- which chat ---


async def test_a_strangers_chat_does_not_exist(stranger, chat):
    assert await code_of(chat.pk, bearer=stranger.bearer) == NOT_FOUND


@pytest.mark.parametrize("chat_id", ["0197a1b2-0000-7000-8000-000000000002", "nowhere", "%00"])
async def test_an_unknown_chat_is_not_found(person, chat_id):
    assert await code_of(chat_id, bearer=person.bearer) == NOT_FOUND


@pytest.mark.parametrize("path", ["/", "/ws", "/ws/chat", "/ws/chats/", "/elsewhere", "/ws/chats/a/b"])
async def test_an_unknown_path_is_not_found_with_or_without_a_login(person, path):
    for bearer in (person.bearer, None):
        assert await (await ChatSocket.opened(path=path, bearer=bearer)).closed() == NOT_FOUND


async def test_while_redis_is_away_a_client_is_told_to_come_again(person, chat, settings):
    there = settings.CHANNEL_LAYERS["default"]
    nowhere = {**there["CONFIG"]["hosts"][0], "address": f"redis://{LOOPBACK}:{free_port()}/0"}
    settings.CHANNEL_LAYERS = {"default": {**there, "CONFIG": {"hosts": [nowhere]}}}
    assert await code_of(chat.pk, bearer=person.bearer) == TRY_AGAIN


async def test_who_comes_while_their_ticket_cannot_be_read_is_told_to_come_again(chat, get_ticket, redis_away):
    ticket = await in_database(get_ticket)
    with redis_away():
        assert await code_of(chat.pk, subprotocols=["oasst", f"ticket.{ticket}"]) == TRY_AGAIN


async def test_who_comes_while_the_database_is_away_is_told_to_come_again(person, chat, cookie, monkeypatch):
    known_to_be_away = Circuit(again_after_s=60)
    known_to_be_away.failed()
    monkeypatch.setattr(base, "_circuit", known_to_be_away)
    for login in ({"bearer": person.bearer}, {"cookie": cookie, "origin": OURS}):
        assert await code_of(chat.pk, **login) == TRY_AGAIN


# --- how long ---


async def test_a_socket_ends_with_its_token(person, chat, reply):
    def short():
        token = AccessToken.for_user(person.user)
        token.set_exp(lifetime=timedelta(seconds=2))
        return token

    token = await in_database(short)
    socket = await ChatSocket.opened(chat.pk, bearer=f"Bearer {token}")
    await socket.says(type="resume", message_id=str(reply.pk))
    assert await socket.closed() == NOT_LOGGED_IN
    assert time.time() >= token["exp"]


async def test_a_socket_by_ticket_ends_with_the_login_that_the_ticket_was_given_for(person, chat):
    def short():
        token = AccessToken.for_user(person.user)
        token.set_exp(lifetime=timedelta(seconds=2))
        answer = Client().post("/api/auth/websocket_ticket", headers={"Authorization": f"Bearer {token}"})
        return answer.json()["ticket"], token["exp"]

    ticket, ends_at = await in_database(short)
    socket = await ChatSocket.opened(chat.pk, subprotocols=["oasst", f"ticket.{ticket}"])
    assert await socket.closed() == NOT_LOGGED_IN
    assert time.time() >= ends_at


async def test_our_own_page_may_have_a_ticket_too(person, chat):
    def by_cookie():
        browser = Client()
        browser.force_login(person.user)
        return browser.post("/api/auth/websocket_ticket").json()["ticket"]

    ticket = await in_database(by_cookie)
    socket = await ChatSocket.opened(chat.pk, subprotocols=["oasst", f"ticket.{ticket}"])
    assert await is_open(socket)
    await socket.leaves()


async def test_an_expired_token_opens_nothing(person, chat):
    def expired():
        token = AccessToken.for_user(person.user)
        token.set_exp(lifetime=timedelta(seconds=-1))
        return str(token)

    assert await code_of(chat.pk, bearer=f"Bearer {await in_database(expired)}") == NOT_LOGGED_IN


async def test_nothing_is_said_after_the_close(person, chat, reply, model):
    """Also to a client that does not answer the close frame: the reader is given up at once."""

    def short():
        token = AccessToken.for_user(person.user)
        token.set_exp(lifetime=timedelta(seconds=1))
        return str(token)

    socket = await ChatSocket.opened(chat.pk, bearer=f"Bearer {await in_database(short)}")
    await socket.says(type="resume", message_id=str(reply.pk))
    attempt = await Attempt.begins(model)
    await attempt.says("Before.")
    await socket.shows("Before.")
    assert (await socket.output())["type"] == "websocket.close"
    await until(lambda: not sync_redis().pubsub_channels(f"*message.{reply.pk}*"))
    await attempt.says("After.")
    assert await socket.is_silent()
    await socket.leaves()
