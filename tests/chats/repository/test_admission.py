"""Who may join a queue: limits on queues and users, budgets, and what an operator has paused."""

import pytest

from chats.errors import TooMany, Unavailable
from chats.models import Message, Pause, State, Usage
from chats.models.service import WHOLE_SERVICE
from chats.positions import look_at_rows
from chats.repository.asking import add_prompt
from chats.repository.ending import cancel
from chats.repository.usage import budget
from chats.repository.work import Result, complete
from tests.chats.played_worker import claim


def ask_alone(person, ask):
    """A reply in a new chat of this person."""
    return ask(add_prompt(chat=person.chat(), parent_id=None, content="Hello"))


def test_a_full_queue_is_told_and_nothing_is_stored(person, stranger, ask, settings):
    settings.WORK_QUEUE_MAX_SIZE = 2
    ask_alone(person, ask)
    ask_alone(stranger, ask)
    with pytest.raises(Unavailable, match="is full") as refused:
        ask_alone(person, ask)
    assert refused.value.retry_after_s > 0
    assert Message.objects.filter(state=State.PENDING).count() == 2


def test_a_person_with_too_much_waiting_is_told_and_others_are_not(person, stranger, ask, settings):
    settings.MAX_PENDING_PER_USER = 1
    waiting = ask_alone(person, ask)
    with pytest.raises(TooMany, match="1 replies waiting"):
        ask_alone(person, ask)
    ask_alone(stranger, ask)
    cancel(waiting.pk)
    ask_alone(person, ask)


def test_a_replys_tokens_are_counted_for_its_user_model_and_day(person, ask, model):
    for tokens in (3, 4):
        reply = ask_alone(person, ask)
        claimed = claim(model)
        assert complete(reply.pk, claimed.attempt, Result("text", 1, generated_tokens=tokens, prompt_tokens=10))
    usage = Usage.objects.get(user=person.user)
    assert (usage.replies, usage.prompt_tokens, usage.generated_tokens) == (2, 20, 7)
    assert usage.model_config_name == reply.model_config_name


def test_an_ending_that_lost_its_race_counts_nothing(person, ask, model):
    reply = ask_alone(person, ask)
    claimed = claim(model)
    assert cancel(reply.pk)
    assert not complete(reply.pk, claimed.attempt, Result("text", 1, generated_tokens=5))
    assert Usage.objects.filter(user=person.user, generated_tokens__gt=0).count() == 0


def test_an_empty_budget_is_told_until_midnight(person, ask, model, settings):
    settings.USER_DAILY_TOKENS = 5
    reply = ask_alone(person, ask)
    assert complete(reply.pk, claim(model).attempt, Result("text", 1, generated_tokens=6))
    assert budget(person.user) == {"limit": 5, "used": 6, "left": 0}
    with pytest.raises(TooMany, match="budget of 5 tokens") as refused:
        ask_alone(person, ask)
    assert 0 < refused.value.retry_after_s <= 86_400


def test_a_paused_model_takes_replies_and_gives_none(person, ask, model):
    reply = ask_alone(person, ask)
    pause = Pause.objects.create(compat_hash=reply.compat_hash)
    ask_alone(person, ask)
    assert claim(model) is None
    assert [row.paused for row in look_at_rows([str(reply.pk)])] == [True]
    pause.delete()
    assert claim(model).message_id == reply.pk


def test_in_maintenance_nobody_may_ask(person, ask):
    Pause.objects.create(compat_hash=WHOLE_SERVICE, reason="a new disk")
    with pytest.raises(Unavailable, match="maintenance: a new disk"):
        ask_alone(person, ask)


def test_rest_tells_a_full_share_with_429_and_when_to_retry(person, settings, model):
    settings.MAX_PENDING_PER_USER = 1
    chat = person.chat()
    prompt = add_prompt(chat=chat, parent_id=None, content="Hello")
    body = {"parent_id": str(prompt.pk), "model_config_name": model.name}
    assert person.api.post(f"chats/{chat.pk}/assistant_message", body).status == 200
    answer = person.api.post(f"chats/{chat.pk}/assistant_message", body)
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) > 0
