"""Chats over REST: list, create, read, update, hide, delete, each held against its shape."""

from uuid import uuid4

import pytest

from chats.models import Chat, Message, State
from chats.repository import work
from chats.repository.asking import add_prompt
from tests.chats.played_worker import claim, result
from tests.chats.shapes import ChatListRead, ChatPageRead, ChatRead


@pytest.mark.parametrize("body", [None, {}, {"unknown": 1}])
def test_a_chat_is_created_from_an_empty_body(person, body):
    made = person.api.post("chats", body).read(ChatListRead)
    chat = Chat.objects.get(pk=made.id)
    assert chat.user == person.user
    assert (made.title, made.hidden, made.allow_data_use) == (None, False, True)
    assert made.active_thread_tail_message_id is None


def test_a_chat_is_read_with_all_its_messages_oldest_first(person, chat, prompt, reply):
    read = person.api.get(f"chats/{chat.pk}").read(ChatRead)
    assert [each.id for each in read.messages] == [prompt.pk, reply.pk]
    assert read.title == "What is a llama?"
    assert read.active_thread_tail_message_id == reply.pk


def test_a_reply_is_read_in_each_of_its_states(person, chat, reply, model):
    def read():
        return person.api.get(f"chats/{chat.pk}").read(ChatRead).messages[1]

    pending = read()
    assert (pending.state, pending.content, pending.role) == ("pending", None, "assistant")
    assert pending.work_parameters.config.model_id == model.model_id
    assert pending.model_config_name == model.name
    attempt = claim(model, worker_name="w@host").attempt
    running = read()
    assert (running.state, running.content, running.worker_name) == ("in_progress", None, "w@host")
    work.note_resumption(reply.pk, attempt, 17)
    work.complete(reply.pk, attempt, result("Done.", prompt_tokens=7))
    done = read()
    assert (done.state, done.content, done.finish_reason) == ("complete", "Done.", "eos_token")
    assert (done.prompt_tokens, done.generated_tokens, done.attempt) == (7, 5, 1)
    assert [each.offset for each in done.resumptions] == [17]


def test_a_chats_title_is_its_first_prompt_in_the_list_too(person, chat, prompt):
    page = person.api.get("chats").read(ChatPageRead)
    assert [(each.id, each.title) for each in page.chats] == [(chat.pk, "What is a llama?")]


def test_the_idempotency_key_of_a_post_is_honoured(person, chat):
    first = person.api.post("chats", Idempotency_Key="k").read(ChatListRead)
    assert person.api.post("chats", Idempotency_Key="k").read(ChatListRead).id == first.id


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
def test_a_senseless_idempotency_key_is_refused(person, key):
    assert person.api.post("chats", Idempotency_Key=key).refused(400).field == "Idempotency-Key"
    assert not Chat.objects.filter(user=person.user).exists()


# --- update ---


def test_what_the_body_names_is_changed_and_the_rest_stays(person, chat, prompt):
    answer = person.api.put(f"chats/{chat.pk}", {"title": "Llamas", "hidden": True})
    assert (answer.status, answer.content) == (200, b"")
    chat.refresh_from_db()
    assert (chat.title, chat.hidden, chat.allow_data_use) == ("Llamas", True, True)
    person.api.put(f"chats/{chat.pk}", {"allow_data_use": False})
    chat.refresh_from_db()
    assert (chat.title, chat.hidden, chat.allow_data_use) == ("Llamas", True, False)


def test_the_active_thread_is_changed_to_a_message_of_the_chat(person, chat, prompt, reply, ask):
    ask(prompt)
    assert person.api.put(f"chats/{chat.pk}", {"active_thread_tail_message_id": str(reply.pk)}).status == 200
    chat.refresh_from_db()
    assert chat.active_thread_tail_id == reply.pk


def test_fields_that_a_client_sends_as_null_are_left_as_they_are(person, chat, reply):
    nothing = dict.fromkeys(("title", "hidden", "allow_data_use", "active_thread_tail_message_id"))
    assert person.api.put(f"chats/{chat.pk}", nothing).status == 200
    chat.refresh_from_db()
    assert (chat.title, chat.hidden, chat.active_thread_tail_id) == ("What is a llama?", False, reply.pk)


def test_an_update_writes_only_the_columns_that_it_changes(person, chat, django_assert_num_queries):
    """A title given while a reply is asked for must not put the thread's tail back."""
    with django_assert_num_queries(3) as queries:
        person.api.put(f"chats/{chat.pk}", {"title": "Llamas"})
    (update,) = [query["sql"] for query in queries if query["sql"].startswith("UPDATE")]
    assert "active_thread_tail" not in update
    assert "hidden" not in update


def test_a_title_that_is_too_long_is_refused(person, chat):
    assert person.api.put(f"chats/{chat.pk}", {"title": "x" * 101}).refused(422).field == "title"
    assert person.api.put(f"chats/{chat.pk}", {"title": "x" * 100}).status == 200


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"title": "a\x00"}, 400, "title"),
        ({"title": 7}, 422, "title"),
        ({"hidden": "maybe"}, 422, "hidden"),
        ([], 422, None),
    ],
)
def test_a_senseless_update_is_refused_and_changes_nothing(person, chat, prompt, body, status, field):
    assert person.api.put(f"chats/{chat.pk}", body).refused(status).field == field
    chat.refresh_from_db()
    assert (chat.title, chat.hidden) == ("What is a llama?", False)


def test_a_message_of_another_chat_cannot_be_the_tail(person, chat, reply):
    other = add_prompt(chat=person.chat(), parent_id=None, content="Elsewhere")
    for unknown in (other.pk, uuid4()):
        answer = person.api.put(f"chats/{chat.pk}", {"active_thread_tail_message_id": str(unknown)})
        assert str(unknown) in answer.refused(404).detail
    chat.refresh_from_db()
    assert chat.active_thread_tail_id == reply.pk


def test_all_chats_of_one_person_are_hidden_at_once(person, stranger):
    mine, theirs = person.chat(), stranger.chat()
    assert person.api.put("chats/hide_all").status == 200
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.hidden, theirs.hidden) == (True, False)


# --- delete ---


def test_a_chat_is_deleted_with_its_messages(person, chat, reply):
    answer = person.api.delete(f"chats/{chat.pk}")
    assert (answer.status, answer.content) == (200, b"")
    assert not Message.objects.filter(pk=reply.pk).exists()
    person.api.get(f"chats/{chat.pk}").refused(404)
    person.api.delete(f"chats/{chat.pk}").refused(404)


def test_a_long_chat_is_deleted(person, chat, prompt):
    parent, rows = prompt, []
    for number in range(1000):
        is_reply = number % 2 == 0
        rows.append(
            Message(
                chat=chat,
                parent=parent,
                role="assistant" if is_reply else "prompter",
                state=State.COMPLETE if is_reply else State.MANUAL,
                content="So it goes.",
            )
        )
        parent = rows[-1]
    Message.objects.bulk_create(rows)
    assert person.api.delete(f"chats/{chat.pk}").status == 200
    assert not Message.objects.filter(chat_id=chat.pk).exists()
