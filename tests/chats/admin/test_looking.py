"""What an operator sees of chats and messages; nothing of it can be changed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chats.models import Chat, Message
from chats.repository import work
from chats.repository.asking import add_prompt
from chats.repository.ending import cancel
from tests.chats.played_worker import claim, result

CHATS, MESSAGES = "admin:chats_chat_changelist", "admin:chats_message_changelist"
SCRIPT = "<script>alert('llama')</script><b onmouseover=alert(1)>"


def page_of(browser, name, *args, status=200, **query):
    answer = browser.get(reverse(name, args=args), query)
    assert answer.status_code == status, answer
    return answer.content.decode()


@pytest.fixture
def tree(chat, prompt, reply, ask, model):
    """A chat of two branches, one of them three deep; one reply in each of four states."""
    work.complete(reply.pk, claim(model, worker_name="w@host").attempt, result("First answer", prompt_tokens=9))
    second = ask(prompt)
    work.abort(second.pk, claim(model).attempt, result("Half"), error="The engine failed: 500")
    cancel(ask(prompt).pk)
    deeper = add_prompt(chat=chat, parent_id=reply.pk, content="And an alpaca?")
    ask(deeper)
    return chat


def test_the_list_of_chats_shows_whose_they_are(operator, tree, person):
    page = page_of(operator, CHATS)
    assert "What is a llama?" in page
    assert str(person.user) in page


def test_a_chat_is_shown_with_its_tree_of_messages(operator, tree):
    page = page_of(operator, "admin:chats_chat_change", tree.pk)
    depths = [part.split('"', 1)[0] for part in page.split('data-depth="')[1:]]
    assert depths == ["0", "1", "2", "3", "1", "1"]
    for shown in ("First answer", "Half", "And an alpaca?", "complete", "aborted_by_worker", "cancelled", "pending"):
        assert shown in page
    for message in tree.messages.all():
        assert reverse("admin:chats_message_change", args=[message.pk]) in page


def test_the_list_of_messages_shows_states_workers_and_times(operator, tree, model):
    page = page_of(operator, MESSAGES)
    for shown in ("First answer", "w@host", model.name, "aborted_by_worker"):
        assert shown in page


def test_a_message_is_shown_with_its_parameters_worker_and_result(operator, tree, model):
    reply = tree.messages.get(content="First answer")
    page = page_of(operator, "admin:chats_message_change", reply.pk)
    for shown in ("First answer", "w@host", model.compat_hash, "eos_token", "max_new_tokens", str(reply.session_id)):
        assert shown in page
    for link in (("chat", reply.chat_id), ("message", reply.parent_id)):
        assert reverse(f"admin:chats_{link[0]}_change", args=[link[1]]) in page


def test_each_message_has_a_page_whatever_its_state(operator, tree):
    for message in tree.messages.all():
        page_of(operator, "admin:chats_message_change", message.pk)


@pytest.mark.parametrize("query", [{"state": "complete"}, {"role": "assistant"}, {"q": "alpaca"}, {"q": "w@host"}])
def test_messages_are_filtered_and_searched(operator, tree, query):
    page = page_of(operator, MESSAGES, **query)
    assert "Half" not in page or query == {"role": "assistant"}
    assert ("First answer" in page) or query == {"q": "alpaca"}


def test_messages_are_found_by_the_ids_that_people_report(operator, tree):
    reply = tree.messages.get(content="First answer")
    for query in (reply.pk, tree.pk, reply.session_id):
        assert "First answer" in page_of(operator, MESSAGES, q=str(query))
    assert "What is a llama?" in page_of(operator, CHATS, q=str(tree.pk))
    assert "0 chats" in page_of(operator, CHATS, q="no such chat")


def test_script_in_what_people_and_models_say_is_text(operator, person, ask, model):
    chat = person.chat()
    prompt = add_prompt(chat=chat, parent_id=None, content=SCRIPT)
    reply = ask(prompt, system_prompt=SCRIPT)
    work.abort(reply.pk, claim(model, worker_name=SCRIPT).attempt, result(SCRIPT), error=SCRIPT)
    pages = [
        page_of(operator, CHATS),
        page_of(operator, MESSAGES),
        page_of(operator, "admin:chats_chat_change", chat.pk),
        page_of(operator, "admin:chats_message_change", prompt.pk),
        page_of(operator, "admin:chats_message_change", reply.pk),
    ]
    for page in pages:
        assert "llama" in page
        assert "<script>alert" not in page
        assert "<b onmouseover" not in page


def test_pages_run_no_script_of_their_own_beyond_the_policy(operator, tree):
    answer = operator.get(reverse("admin:chats_chat_change", args=[tree.pk]))
    assert "script-src" in answer.headers["Content-Security-Policy"]
    assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"]
    assert " style=" not in answer.content.decode()


def test_nothing_can_be_added_or_changed(operator, tree):
    reply = tree.messages.get(content="First answer")
    for kind in ("chat", "message"):
        page_of(operator, f"admin:chats_{kind}_add", status=403)
    page = page_of(operator, "admin:chats_message_change", reply.pk)
    assert "<textarea" not in page
    assert 'name="_save"' not in page
    for name, pk, data in (
        ("message", reply.pk, {"content": "What I never said"}),
        ("chat", tree.pk, {"title": "What I never wrote"}),
    ):
        assert operator.post(reverse(f"admin:chats_{name}_change", args=[pk]), data).status_code == 403
    reply.refresh_from_db()
    assert reply.content == "First answer"
    assert Chat.objects.get(pk=tree.pk).title == "What is a llama?"


def test_a_message_cannot_be_taken_out_of_its_chat(operator, tree):
    reply = tree.messages.get(content="First answer")
    page_of(operator, "admin:chats_message_delete", reply.pk, status=403)
    assert "delete_selected" not in page_of(operator, MESSAGES)


def test_whoever_is_no_staff_sees_nothing(person, tree):
    from tests.chats.admin.conftest import browser_of

    answer = browser_of(person.user).get(reverse(CHATS))
    assert answer.status_code == 302
    assert "/login" in answer.url


def test_a_long_list_costs_no_query_per_row(operator, person, ask):
    def cost(name):
        with CaptureQueriesContext(connection) as queries:
            page_of(operator, name)
        return len(queries)

    ask(add_prompt(chat=person.chat(), parent_id=None, content="Hello"))
    few = cost(CHATS), cost(MESSAGES)
    for _ in range(10):
        ask(add_prompt(chat=person.chat(), parent_id=None, content="Hello"))
    assert (cost(CHATS), cost(MESSAGES)) == few


def test_the_tree_of_a_long_thread_is_shown(operator, chat):
    parent_id, rows = None, []
    for number in range(300):
        is_prompt = number % 2 == 0
        rows.append(
            Message(
                chat=chat,
                parent_id=parent_id,
                role="prompter" if is_prompt else "assistant",
                state="manual" if is_prompt else "complete",
                content=f"message {number}",
            )
        )
        parent_id = rows[-1].pk
    Message.objects.bulk_create(rows)
    assert "message 299" in page_of(operator, "admin:chats_chat_change", chat.pk)
