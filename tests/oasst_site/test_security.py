"""Every operation of the API as a stranger, as nobody, as somebody disabled, without CSRF token: nothing changes.

The operations come from the schema's own table, so that a new one is asked too.
"""

import re
from uuid import uuid4

import pytest
from django.apps import apps
from django.test import Client

from chats.models import Chat, Message, SavedPreset, Share
from chats.repository.asking import add_prompt
from oasst_site.accounts.models import ApiKey, User
from oasst_site.accounts.websocket import find_login
from oasst_site.openapi.operations import OPERATIONS
from tests.chats.people import Person
from workers.models import WorkerKey

OPEN = {
    "GET /api/auth/providers",
    "GET /api/auth/login/debug",
    "GET /api/auth/callback/debug",
    "GET /api/auth/login/{provider}",
    "GET /api/auth/callback/{provider}",
    "GET /api/auth/refresh",
    "POST /api/auth/trusted",
    "POST /api/auth/token",
    "POST /api/auth/token/refresh",
    "POST /api/auth/token/revoke",
    "GET /api/configs/model_configs",
    "GET /api/shares/{token}",
}
"""What needs no login."""

STAFFS = {name for name in OPERATIONS if " /api/admin/" in name} | {"GET /api/workers/sessions"}
OWNED = {name for name in OPERATIONS if re.search("{(chat_id|key_id|preset_id)}", name)}


def every(names):
    return pytest.mark.parametrize("name", sorted(names), ids=lambda name: name.replace("/api/", "/"))


@pytest.fixture
def ids(db, redis_url):
    """Somebody's things, and that person."""
    owner = Person.arrives()
    chat = owner.chat()
    prompt = add_prompt(chat=chat, parent_id=None, content="What is a llama?")
    reply = Message.objects.create(chat=chat, parent=prompt, role="assistant", state="complete", content="A camelid.")
    share = Share.objects.create(chat=chat, snapshot={})
    preset = SavedPreset.objects.create(user=owner.user, name="mine", sampling_parameters={})
    key, _ = ApiKey.objects.all().issue(user=owner.user, name="k", scopes=["chats:read"])
    return {
        "chat_id": chat.pk,
        "message_id": reply.pk,
        "share_id": share.pk,
        "key_id": key.pk,
        "preset_id": preset.pk,
        "user_id": owner.user.pk,
        "worker_id": 1,
        "token": "x",
        "model": "demo",
        "provider": "github",
    }


def stored():
    """Everything that is stored, but for when somebody was last seen."""
    tables = [model for model in apps.get_models() if model._meta.app_label in ("chats", "accounts", "workers")]
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in tables}


def ask(client, name, ids):
    """The operation with the example of its body."""
    method, path = name.split(" ")
    operation = OPERATIONS[name]
    path = path.format(**ids)
    body = operation.example or {}
    if "parent_id" in body:
        body = body | {"parent_id": str(ids["message_id"])}
    if method == "GET":
        return client.get(path, query_params={"q": "llama"})
    return getattr(client, method.lower())(path, body, content_type="application/json")


def bearer(person):
    return Client(headers={"Authorization": person.bearer})


@every(OWNED)
def test_anothers_things_are_not_found_and_stay_as_they_are(name, ids):
    stranger = Person.arrives()
    before = stored()
    answer = ask(bearer(stranger), name, ids)
    assert answer.status_code == 404, answer.content
    assert stored() == before


@every(OWNED)
def test_not_even_staff_reach_anothers_things_over_the_api(name, ids):
    staff = Person.arrives()
    User.objects.filter(pk=staff.user.pk).update(is_staff=True, is_superuser=True)
    before = stored()
    assert ask(bearer(staff), name, ids).status_code == 404
    assert stored() == before


@every(set(OPERATIONS) - OPEN)
def test_nobody_gets_anything_without_a_login(name, ids):
    before = stored()
    answer = ask(Client(), name, ids)
    assert answer.status_code == (401 if " /v1/" in name else 403), answer.content
    assert stored() == before


@every(set(OPERATIONS) - OPEN)
def test_somebody_disabled_gets_nothing(name, ids):
    person = Person.arrives()
    User.objects.filter(pk=person.user.pk).update(is_active=False)
    before = stored()
    assert ask(bearer(person), name, ids).status_code == 401
    assert stored() == before


@every(STAFFS)
def test_what_is_for_staff_is_for_staff(name, ids):
    before = stored()
    assert ask(bearer(Person.arrives()), name, ids).status_code == 403
    key = ApiKey.objects.all().issue(
        user=User.objects.create_superuser("root"), name="k", scopes=["chats:read", "chats:write", "completions"]
    )[1]
    assert ask(Client(headers={"Authorization": f"Bearer {key}"}), name, ids).status_code == 403
    after = stored()
    assert (after["Chat"], after["Message"]) == (before["Chat"], before["Message"])


@every({name for name in OPERATIONS if not name.startswith("GET ")} - OPEN)
def test_a_cookie_changes_nothing_without_the_csrf_token(name, ids):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.get(pk=ids["user_id"]))
    before = stored()
    assert ask(browser, name, ids).status_code in (401, 403)
    assert stored() == before


def test_staff_and_the_root_token_administer(ids, settings):
    settings.ROOT_TOKEN = "a long root token"
    root = Client(headers={"Authorization": "Bearer a long root token"})
    assert root.get("/api/workers/sessions").status_code == 200
    staff = Person.arrives()
    User.objects.filter(pk=staff.user.pk).update(is_staff=True)
    assert bearer(staff).get("/api/workers/sessions").status_code == 200
    assert root.delete(f"/api/admin/refresh_tokens/{ids['user_id']}").status_code == 200
    assert ApiKey.objects.get(pk=ids["key_id"]).revoked_at is not None
    assert root.delete(f"/api/admin/users/{ids['user_id']}").status_code == 200
    assert not User.objects.filter(pk=ids["user_id"]).exists()
    assert not Chat.objects.exists()
    assert root.delete(f"/api/admin/users/{uuid4()}").status_code == 404


def test_staff_let_a_worker_in_and_out_again(db, redis_url, settings):
    settings.ROOT_TOKEN = "a long root token"
    root = Client(headers={"Authorization": "Bearer a long root token"})
    body = {"name": "gpu-1", "trusted": True}
    made = root.put("/api/admin/workers", body, content_type="application/json").json()
    assert WorkerKey.objects.of(made["api_key"]).worker.name == "gpu-1"
    assert root.get("/api/admin/workers").json() == [made | {"api_key": None}]
    assert root.put("/api/admin/workers", body, content_type="application/json").status_code == 400
    assert root.delete(f"/api/admin/workers/{made['id']}").status_code == 200
    assert root.delete(f"/api/admin/workers/{made['id']}").status_code == 404
    assert WorkerKey.objects.of(made["api_key"]) is None


@pytest.mark.parametrize("token", ["", " ", "another"])
def test_without_a_root_token_none_is_good(db, redis_url, settings, token):
    settings.ROOT_TOKEN = ""
    client = Client(headers={"Authorization": f"Bearer {token}"})
    assert client.get("/api/workers/sessions").status_code in (401, 403)


# --- the websocket's door ---


@pytest.fixture
def cookie(ids):
    browser = Client()
    browser.force_login(User.objects.get(pk=ids["user_id"]))
    return f"sessionid={browser.cookies['sessionid'].value}"


@pytest.mark.parametrize(
    ("origin", "lets_in"),
    [
        ("https://chat.example.org", True),
        ("https://friend.example.org", True),
        ("https://evil.example.org", False),
        ("https://chat.example.org.evil.org", False),
        ("null", False),
        (None, False),
    ],
)
def test_a_cookie_opens_a_websocket_from_our_own_pages_only(ids, cookie, settings, origin, lets_in):
    settings.CSRF_TRUSTED_ORIGINS = ["https://friend.example.org"]
    headers = {"cookie": cookie, "host": "chat.example.org"} | ({"origin": origin} if origin else {})
    login = find_login(headers, [])
    assert (login is not None) == lets_in
    assert login is None or login.expires_at is not None


def test_a_disabled_users_cookie_opens_nothing(ids, cookie):
    User.objects.update(is_active=False)
    headers = {"cookie": cookie, "host": "chat.example.org", "origin": "https://chat.example.org"}
    assert find_login(headers, []) is None


# --- what people say ---


def test_markup_in_what_is_said_never_runs_in_the_admin(ids, admin_client):
    attack = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    Message.objects.update(content=attack)
    Chat.objects.update(title=attack)
    pages = [
        "/admin/chats/chat/",
        f"/admin/chats/chat/{ids['chat_id']}/change/",
        "/admin/chats/message/",
        f"/admin/chats/message/{ids['message_id']}/change/",
    ]
    for page in pages:
        answer = admin_client.get(page)
        assert answer.status_code == 200, page
        assert "<script>alert(1)" not in answer.content.decode()
        assert "<img src=x" not in answer.content.decode()
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_no_answer_of_the_api_is_taken_for_a_page(ids):
    owner = Person(User.objects.get(pk=ids["user_id"]), "", None)
    client = Client()
    client.force_login(owner.user)
    for path in (f"/api/chats/{ids['chat_id']}", f"/api/chats/{ids['chat_id']}/export?format=markdown"):
        answer = client.get(path)
        assert "html" not in answer.headers["Content-Type"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
