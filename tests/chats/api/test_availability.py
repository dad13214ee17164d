"""How well each model is served now, as a page that offers them asks."""

from uuid import uuid4

import pytest
from django.utils import timezone

from chats.models import Pause
from chats.redis import sync_redis
from chats.repository.asking import add_prompt
from inference.sessions import SessionInfo, SyncSessionRegistry
from tests.chats.played_worker import claim
from tests.chats.shapes import AVAILABILITY


@pytest.fixture
def works(model):
    """Lets workers sign on; they sign off at the end."""
    registry, signed_on = SyncSessionRegistry(sync_redis()), []

    def sign_on(*, seats, replies=(), is_open=True):
        info = SessionInfo(
            session_id=uuid4(),
            worker_name="w@host",
            model_config_name=model.name,
            compat_hash=model.compat_hash,
            max_parallel_requests=seats,
            started_at=timezone.now().isoformat(),
            open=is_open,
            replies=list(replies),
        )
        registry.beat(info)
        signed_on.append(info.session_id)

    yield sign_on
    for session_id in signed_on:
        registry.leave(session_id)


def look(person, model):
    listed = AVAILABILITY.validate_json(person.api.get("configs/availability").content)
    [mine] = [each for each in listed if each.name == model.name]
    return mine


def test_a_model_that_nobody_serves_is_listed_as_such(person, model):
    now = look(person, model)
    assert (now.workers, now.seats, now.free_seats, now.waiting, now.estimate_s) == (0, 0, 0, 0, None)


def test_open_workers_and_their_free_seats_are_counted(person, model, works):
    works(seats=2)
    works(seats=3, replies=["a"])
    works(seats=8, is_open=False)
    now = look(person, model)
    assert (now.workers, now.seats, now.free_seats, now.estimate_s) == (2, 5, 4, 0.0)


def test_who_comes_to_a_full_model_is_told_how_long_it_may_take(person, model, works, ask, prompt):
    works(seats=1, replies=["a"])
    for _ in range(3):
        ask(prompt)
    claim(model)
    now = look(person, model)
    assert (now.free_seats, now.waiting, now.estimate_s) == (0, 2, 30.0)


def test_a_paused_model_says_so(person, model, works):
    works(seats=1)
    Pause.objects.create(compat_hash=model.compat_hash)
    now = look(person, model)
    assert (now.paused, now.workers, now.estimate_s) == (True, 1, None)


def test_a_look_costs_the_same_however_many_wait(person, model, ask, prompt, django_assert_num_queries):
    with django_assert_num_queries(3):
        look(person, model)
    for _ in range(20):
        ask(add_prompt(chat=person.chat(), parent_id=None, content="Hello"))
    with django_assert_num_queries(3):
        look(person, model)
