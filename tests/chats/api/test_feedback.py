"""Votes, reports and evals over REST."""

from uuid import uuid4

import pytest

from chats.models import MessageEval, Report
from tests.chats.people import path_of
from tests.chats.shapes import ChatRead, MessageRead


@pytest.mark.parametrize("score", [-1, 0, 1])
def test_the_last_vote_counts(person, reply, score):
    person.api.post(path_of(reply, "/votes"), {"score": 1})
    answer = person.api.post(path_of(reply, "/votes"), {"score": score})
    assert (answer.status, answer.content) == (200, b"")
    assert person.api.get(path_of(reply)).read(MessageRead).score == score


@pytest.mark.parametrize(("body", "status"), [({"score": 2}, 400), ({"score": "good"}, 422), ({}, 422)])
def test_a_senseless_vote_is_refused(person, reply, body, status):
    assert person.api.post(path_of(reply, "/votes"), body).refused(status).field == "score"
    reply.refresh_from_db()
    assert reply.score == 0


def test_a_prompt_is_not_voted_on(person, prompt):
    assert person.api.post(path_of(prompt, "/votes"), {"score": 1}).refused(400)


def test_a_report_is_shown_with_its_message(person, chat, reply):
    answer = person.api.post(path_of(reply, "/reports"), {"report_type": "spam", "reason": "It sells llamas."})
    assert (answer.status, answer.content) == (200, b"")
    (report,) = person.api.get(path_of(reply)).read(MessageRead).reports
    assert (report.report_type, report.reason) == ("spam", "It sells llamas.")
    assert person.api.get(f"chats/{chat.pk}").read(ChatRead).messages[1].reports == [report]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"report_type": "boring", "reason": ""}, 422, "report_type"),
        ({"report_type": "spam"}, 422, "reason"),
        ({"report_type": "spam", "reason": "a\x00"}, 400, "reason"),
    ],
)
def test_a_senseless_report_is_refused(person, reply, body, status, field):
    assert person.api.post(path_of(reply, "/reports"), body).refused(status).field == field
    assert not Report.objects.filter(message=reply).exists()


def test_the_better_of_two_drafts_becomes_the_active_thread(person, chat, prompt, reply, ask):
    other = ask(prompt)
    answer = person.api.post(path_of(reply, "/message_evals"), {"inferior_message_ids": [str(other.pk)]})
    assert (answer.status, answer.content) == (200, b"")
    assert list(MessageEval.objects.get(selected=reply).inferior.all()) == [other]
    chat.refresh_from_db()
    assert chat.active_thread_tail_id == reply.pk


def test_a_draft_is_compared_with_its_siblings_only(person, chat, prompt, reply):
    for other, status in ((prompt.pk, 400), (reply.pk, 400), (uuid4(), 404)):
        person.api.post(path_of(reply, "/message_evals"), {"inferior_message_ids": [str(other)]}).refused(status)
    assert not MessageEval.objects.filter(selected=reply).exists()


def test_a_chat_with_feedback_is_deleted(person, chat, prompt, reply, ask):
    other = ask(prompt)
    person.api.post(path_of(reply, "/reports"), {"report_type": "feedback", "reason": ""})
    person.api.post(path_of(reply, "/message_evals"), {"inferior_message_ids": [str(other.pk)]})
    assert person.api.delete(f"chats/{chat.pk}").status == 200
