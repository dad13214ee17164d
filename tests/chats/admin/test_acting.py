"""What an operator does to replies and chats: by the repository's verbs only."""

import pytest
from django.urls import reverse

from chats.models import Chat, Message, State
from chats.redis import sync_redis
from chats.repository import work
from chats.repository.ending import cancel
from inference.stream import SyncStreamBuffer, Verdict
from oasst_site.accounts.models import User
from tests.chats.broker import tickets
from tests.chats.played_worker import claim, result

MESSAGES, CHATS = "admin:chats_message_changelist", "admin:chats_chat_changelist"


def act(browser, action, *rows, changelist=MESSAGES, **further):
    """Chooses an action for these rows; the page that follows."""
    data = {"action": action, "_selected_action": [str(row.pk) for row in rows]} | further
    answer = browser.post(reverse(changelist), data, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def state_of(message):
    return Message.objects.get(pk=message.pk).state


def test_cancelling_ends_what_waits_and_what_runs_and_leaves_the_rest(operator, prompt, ask, model):
    running, done, waiting = ask(prompt), ask(prompt), ask(prompt)
    attempt = claim(model).attempt
    work.complete(done.pk, claim(model).attempt, result())
    stream = SyncStreamBuffer(sync_redis())
    stream.open(str(running.pk), attempt, True)
    stream.write(str(running.pk), attempt, 0, b"Half", 1, None)
    page = act(operator, "cancel_replies", running, done, waiting, prompt)
    assert "2 of 3 replies cancelled" in page
    assert [state_of(each) for each in (running, done, waiting)] == [State.CANCELLED, State.COMPLETE, State.CANCELLED]
    assert Message.objects.get(pk=running.pk).content == "Half"
    assert stream.write(str(running.pk), attempt, 4, b"!", 2, None) is Verdict.FENCED
    assert state_of(prompt) == State.MANUAL


def test_requeueing_gives_what_failed_another_chance(operator, prompt, ask, model, django_capture_on_commit_callbacks):
    aborted, cancelled, done, waiting = (ask(prompt) for _ in range(4))
    for reply, end in ((aborted, work.abort), (cancelled, None), (done, work.complete)):
        attempt = claim(model).attempt
        if end is None:
            cancel(reply.pk)
        else:
            end(reply.pk, attempt, result(), **({"error": "failed"} if end is work.abort else {}))
    with django_capture_on_commit_callbacks(execute=True):
        page = act(operator, "requeue_replies", aborted, cancelled, done, waiting)
    assert "2 of 4 replies wait again" in page
    states = [state_of(each) for each in (aborted, cancelled, done, waiting)]
    assert states == [State.PENDING, State.PENDING, State.COMPLETE, State.PENDING]
    assert sorted(tickets(model)) == sorted([str(aborted.pk), str(cancelled.pk)])


@pytest.mark.parametrize("action", ["cancel_replies", "requeue_replies"])
def test_whoever_may_only_look_may_not_act(clerk, reply, action):
    if action == "requeue_replies":
        cancel(reply.pk)
    before = state_of(reply)
    looks_only = clerk("view_message", "view_chat")
    page = act(looks_only, action, reply)
    assert f'value="{action}"' not in page
    assert state_of(reply) == before


def test_whoever_may_change_messages_may_act(clerk, reply):
    assert "1 of 1 replies cancelled" in act(clerk("view_message", "change_message"), "cancel_replies", reply)
    assert state_of(reply) == State.CANCELLED


def test_a_chat_is_deleted_from_its_page_with_its_messages_and_what_runs(operator, chat, reply, model):
    attempt = claim(model).attempt
    path = reverse("admin:chats_chat_delete", args=[chat.pk])
    question = operator.get(path)
    assert question.status_code == 200
    assert "What is a llama?" in question.content.decode()
    answer = operator.post(path, {"post": "yes"}, follow=True)
    assert answer.status_code == 200
    assert not Chat.objects.filter(pk=chat.pk).exists()
    assert not Message.objects.filter(pk=reply.pk).exists()
    opened = SyncStreamBuffer(sync_redis()).open(str(reply.pk), attempt, True)
    assert opened is Verdict.FENCED


def test_several_chats_are_deleted_from_the_list(operator, person, chat, reply):
    other = person.chat()
    page = act(operator, "delete_selected", chat, other, changelist=CHATS)
    assert "What is a llama?" in page
    act(operator, "delete_selected", chat, other, changelist=CHATS, post="yes")
    assert not Chat.objects.filter(pk__in=[chat.pk, other.pk]).exists()


def test_whoever_may_not_delete_chats_does_not(clerk, chat, reply):
    browser = clerk("view_chat", "view_message", "change_chat")
    assert browser.post(reverse("admin:chats_chat_delete", args=[chat.pk]), {"post": "yes"}).status_code == 403
    assert Chat.objects.filter(pk=chat.pk).exists()


@pytest.mark.parametrize("from_list", [True, False])
def test_a_user_is_deleted_with_all_that_runs(operator, person, chat, reply, model, from_list):
    attempt = claim(model).attempt
    if from_list:
        act(operator, "delete_selected", person.user, changelist="admin:accounts_user_changelist", post="yes")
    else:
        operator.post(reverse("admin:accounts_user_delete", args=[person.user.pk]), {"post": "yes"})
    assert not User.objects.filter(pk=person.user.pk).exists()
    assert not Chat.objects.filter(pk=chat.pk).exists()
    assert SyncStreamBuffer(sync_redis()).open(str(reply.pk), attempt, True) is Verdict.FENCED
