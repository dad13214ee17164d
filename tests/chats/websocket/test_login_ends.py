"""An open websocket ends within seconds of its login, however that was ended, and no other one with it."""

import asyncio

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.test import Client

from chats.database import in_database
from oasst_site.accounts import login_watch
from oasst_site.accounts.logins import Login, still_good
from oasst_site.accounts.models import ApiKey, User
from tests.chats.chat_socket import HOST, ChatSocket

NOT_LOGGED_IN = 4401

pytestmark = pytest.mark.usefixtures("live")


@pytest.fixture
def browser(person):
    """The person's browser, logged in."""
    browser = Client()
    browser.force_login(person.user)
    return browser


@pytest.fixture
async def open_by(chat, person, browser, connect):
    """Opens a socket on the chat, or on the list of chats, by key, cookie, token or ticket."""

    async def open_by(how, path=None):
        if how == "token":
            login = {"bearer": person.bearer}
        elif how == "key":
            _, key = await in_database(
                lambda: ApiKey.objects.all().issue(user=person.user, name="k", scopes=["chats:write"])
            )
            login = {"bearer": f"Bearer {key}"}
        elif how == "cookie":
            login = {"cookie": f"sessionid={browser.cookies['sessionid'].value}", "origin": f"http://{HOST}"}
        else:
            ticket = (await in_database(browser.post, "/api/auth/websocket_ticket")).json()["ticket"]
            login = {"subprotocols": ["oasst", f"ticket.{ticket}"]}
        socket = await connect(path=path, **login)
        assert await is_open(socket)
        return socket

    return open_by


async def is_open(socket):
    await socket.says(type="nonsense")
    return (await socket.refusal())["code"] == 400


@pytest.mark.parametrize("how", ["token", "key", "cookie", "ticket"])
@pytest.mark.parametrize("path", [None, "/ws/chats"], ids=["chat", "list"])
async def test_a_disabled_users_sockets_end(person, open_by, how, path):
    socket = await open_by(how, path)
    await in_database(lambda: User.objects.filter(pk=person.user.pk).update(is_active=False))
    assert await socket.closed() == NOT_LOGGED_IN


async def test_a_revoked_keys_socket_ends_and_the_others_stay(person, open_by):
    by_key, by_cookie = await open_by("key"), await open_by("cookie")
    await in_database(lambda: ApiKey.objects.owned_by(person.user).revoke())
    assert await by_key.closed() == NOT_LOGGED_IN
    assert await is_open(by_cookie)


async def test_after_logging_out_the_browsers_sockets_end_and_the_others_stay(browser, open_by):
    by_cookie, by_ticket, by_token = await open_by("cookie"), await open_by("ticket"), await open_by("token")
    await in_database(browser.post, "/logout")
    assert await by_cookie.closed() == NOT_LOGGED_IN
    assert await by_ticket.closed() == NOT_LOGGED_IN
    assert await is_open(by_token)


async def test_while_the_database_is_away_nobody_is_thrown_out(person, open_by, monkeypatch):
    monkeypatch.setattr(login_watch, "LOOK_EVERY_S", 0.02)
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def away(logins):
        loop.call_soon_threadsafe(asked.set)
        raise OperationalError("gone")

    monkeypatch.setattr(login_watch, "still_good", away)
    socket = await open_by("cookie")
    await asked.wait()
    asked.clear()
    await asked.wait()
    assert await is_open(socket)
    monkeypatch.setattr(login_watch, "still_good", still_good)
    await in_database(lambda: User.objects.filter(pk=person.user.pk).update(is_active=False))
    assert await socket.closed() == NOT_LOGGED_IN


async def test_nothing_is_asked_once_the_last_socket_has_left(chat, person, monkeypatch):
    monkeypatch.setattr(login_watch, "LOOK_EVERY_S", 0.02)
    socket = await ChatSocket.opened(chat.pk, bearer=person.bearer)
    assert await is_open(socket)
    watch = login_watch.current_watch()
    task = watch._task
    await socket.leaves()
    await asyncio.wait({task}, timeout=60)
    assert task.cancelled()


def test_all_logins_are_looked_at_together(person, stranger, browser, django_assert_num_queries):
    keys = [ApiKey.objects.all().issue(user=person.user, name=str(n), scopes=["chats:write"])[0] for n in range(5)]
    session_key = browser.cookies["sessionid"].value
    logins = [Login(person.user, None, key_id=key.pk) for key in keys]
    logins += [Login(person.user, None), Login(stranger.user, None), Login(person.user, 1.0, session_key=session_key)]
    with django_assert_num_queries(3):
        assert still_good(logins) == set(logins)
    keys[0].delete()
    Session.objects.all().delete()
    assert still_good(logins) == set(logins[1:-1])
