"""Two verbs at once, on connections of their own: the database lets exactly one of them happen."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import combinations

import pytest
from django.db import connections, transaction
from django.db.models import F

from chats.models import UNFINISHED, Chat, Message, State
from chats.repository import work
from chats.repository.asking import add_prompt, ask_reply
from chats.repository.ending import cancel, delete_chat, end, requeue
from chats.repository.work_request import WorkRequest
from inference.parameters import SamplingParameters
from tests.chats.at_once import at_once
from tests.chats.played_worker import claim, result

ROUNDS = 4

pytestmark = pytest.mark.usefixtures("transactional_db")


def stored(reply):
    return Message.objects.filter(pk=reply.pk).first()


def test_a_claim_skips_what_another_one_holds_and_does_not_wait_for_it(prompt, reply, ask, model):
    second = ask(prompt)
    held, may_commit = threading.Event(), threading.Event()

    def claim_and_hold():
        try:
            with transaction.atomic():
                claimed = claim(model)
                held.set()
                assert may_commit.wait(60)
                return claimed
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        first_claim = pool.submit(claim_and_hold)
        try:
            assert held.wait(60)
            # Answered while the other transaction is open: the next reply, and then none.
            assert claim(model).message_id == second.pk
            assert claim(model) is None
        finally:
            may_commit.set()
        assert first_claim.result().message_id == reply.pk


def test_many_workers_at_once_share_the_replies_and_none_is_taken_twice(prompt, ask, model):
    asked = {ask(prompt).pk for _ in range(12)}

    def work_off():
        mine = []
        while (claimed := claim(model)) is not None:
            mine.append(claimed.message_id)
        return mine

    taken = Counter(pk for mine in at_once(*[work_off] * 4) for pk in mine)
    assert taken == Counter(dict.fromkeys(asked, 1))
    assert set(Message.objects.filter(pk__in=asked).values_list("attempt", flat=True)) == {1}


def test_one_reply_and_many_workers(reply, model):
    claims = at_once(*[partial(claim, model)] * 6)
    assert [each.message_id for each in claims if each is not None] == [reply.pk]


def test_claims_amid_other_changes_of_the_same_rows_are_each_an_attempt_of_its_own(prompt, ask, model):
    """Rows that change between a claim's look at them and its lock: each attempt is given to one, and none is lost."""
    asked = [ask(prompt).pk for _ in range(6)]

    def take_and_give_back():
        mine = []
        for _ in range(40):
            if (claimed := claim(model)) is not None:
                mine.append((claimed.message_id, claimed.attempt))
                assert work.release(claimed.message_id, claimed.attempt, failed=False)
        return mine

    def change():
        for _ in range(40):
            for pk in asked:
                Message.objects.filter(pk=pk).update(score=F("score") + 1)
        return []

    taken = sorted(pair for mine in at_once(*[take_and_give_back] * 3, *[change] * 2) for pair in mine)
    attempts = dict(Message.objects.filter(pk__in=asked).values_list("pk", "attempt"))
    assert taken == sorted((pk, number + 1) for pk in asked for number in range(attempts[pk]))
    assert len(taken) > 40


VERBS = {
    "complete": lambda pk, attempt: work.complete(pk, attempt, result("worker")),
    "abort": lambda pk, attempt: work.abort(pk, attempt, result("worker"), error="failed"),
    "release": lambda pk, attempt: work.release(pk, attempt, failed=True),
    "cancel": lambda pk, attempt: cancel(pk),
    "time out": lambda pk, attempt: end(pk, State.TIMEOUT, attempt=attempt) is not None,
}
LEADS_TO = {
    "complete": State.COMPLETE,
    "abort": State.ABORTED_BY_WORKER,
    "release": State.PENDING,
    "cancel": State.CANCELLED,
    "time out": State.TIMEOUT,
}
AFTER_A_RELEASE = {"cancel", "time out"}
"""What may still be done to a reply that was just given back: the attempt is bumped by the next claim only."""


@pytest.mark.parametrize("names", list(combinations(VERBS, 2)), ids=" and ".join)
def test_of_two_endings_at_once_one_happens(prompt, ask, model, names):
    for _ in range(ROUNDS):
        reply = ask(prompt)
        attempt = claim(model).attempt
        done = at_once(*[partial(VERBS[name], reply.pk, attempt) for name in names])
        happened = [name for name, did in zip(names, done, strict=True) if did is True]
        row = stored(reply)
        if happened != [*names]:
            assert len(happened) == 1, done
            assert row.state == LEADS_TO[happened[0]]
        else:
            (last,) = AFTER_A_RELEASE & set(names)
            assert "release" in names
            assert row.state == LEADS_TO[last]
        if row.state in (State.COMPLETE, State.ABORTED_BY_WORKER):
            assert row.content == "worker"
        cancel(reply.pk)


@pytest.mark.parametrize("verb", list(VERBS.values()), ids=VERBS)
def test_a_verb_twice_at_once_happens_once(prompt, ask, model, verb):
    for _ in range(ROUNDS):
        reply = ask(prompt)
        attempt = claim(model).attempt
        assert Counter(at_once(*[partial(verb, reply.pk, attempt)] * 3)) == {True: 1, False: 2}
        cancel(reply.pk)


def test_a_claim_and_a_cancel_at_once_leave_the_reply_cancelled(prompt, ask, model):
    for _ in range(ROUNDS * 2):
        reply = ask(prompt)
        claimed, cancelled = at_once(partial(claim, model), partial(cancel, reply.pk))
        assert cancelled is True
        assert stored(reply).state == State.CANCELLED
        assert claimed is None or not work.complete(reply.pk, claimed.attempt, result())


def test_requeueing_twice_at_once_happens_once(reply):
    for _ in range(ROUNDS):
        cancel(reply.pk)
        assert Counter(at_once(*[partial(requeue, reply.pk)] * 3)) == {True: 1, False: 2}


def test_two_first_prompts_at_once_are_one_prompt_and_a_refusal(person):
    for _ in range(ROUNDS):
        chat = person.chat()
        made = at_once(
            *[lambda chat=chat, n=n: add_prompt(chat=chat, parent_id=None, content=f"prompt {n}") for n in range(3)]
        )
        assert sum(isinstance(each, Message) for each in made) == 1
        stored_chat = Chat.objects.get(pk=chat.pk)
        assert chat.messages.count() == stored_chat.message_count == 1


def test_many_replies_at_once_are_all_counted(chat, prompt, ask):
    made = at_once(*[partial(ask, prompt)] * 5)
    assert all(isinstance(each, Message) for each in made)
    chat.refresh_from_db()
    assert chat.message_count == chat.messages.count() == 6


def test_a_chat_deleted_while_a_reply_is_asked_for_is_gone_and_the_reply_with_it(person, model):
    """Either order is right; what may not be is an error of the database, or a reply without a chat."""
    for _ in range(ROUNDS * 2):
        chat = person.chat()
        prompt = add_prompt(chat=chat, parent_id=None, content="Hello")
        asked, deleted = at_once(
            lambda chat=chat, prompt=prompt: ask_reply(
                chat=Chat(pk=chat.pk, user_id=chat.user_id),
                parent_id=prompt.pk,
                request=WorkRequest(model_config_name=model.name, sampling_parameters=SamplingParameters()),
            ),
            lambda chat=chat: delete_chat(Chat.objects.get(pk=chat.pk)),
        )
        assert deleted is None, deleted
        assert isinstance(asked, Message) or asked.status == 404, asked
        assert not Chat.objects.filter(pk=chat.pk).exists()
        assert not Message.objects.filter(chat_id=chat.pk).exists()


def test_a_chat_deleted_while_a_reply_is_claimed_or_completed_is_gone(person, ask, model):
    for _ in range(ROUNDS):
        reply = ask(add_prompt(chat=person.chat(), parent_id=None, content="Hello"))
        _, deleted = at_once(
            lambda: (claimed := claim(model)) and work.complete(claimed.message_id, claimed.attempt, result()),
            lambda reply=reply: delete_chat(Chat.objects.get(pk=reply.chat_id)),
        )
        assert deleted is None, deleted
        assert stored(reply) is None
    assert not Message.objects.filter(compat_hash=model.compat_hash, state__in=UNFINISHED).exists()
