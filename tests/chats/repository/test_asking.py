"""Asking: what makes rows, what is refused, and that a refusal leaves nothing behind."""

from uuid import uuid4

import pytest

from chats.errors import BadRequest, Conflict, NotFound, TooLarge, Unprocessable
from chats.models import Chat, Message, State
from chats.repository import work
from chats.repository.asking import TITLE_LENGTH, add_prompt, ask_reply
from chats.repository.ending import cancel, delete_chat
from chats.repository.work_request import WorkRequest
from inference.parameters import MAX_SEED, SamplingParameters, WorkParameters
from tests.chats.played_worker import claim, result


def ask_for(chat, parent_id, model_config_name, **further):
    """ask_reply with sampling parameters where none are named."""
    further = {"sampling_parameters": SamplingParameters()} | further
    request = WorkRequest(model_config_name=model_config_name, **further)
    return ask_reply(chat=chat, parent_id=parent_id, request=request)


def test_the_first_prompt_names_the_chat(chat):
    add_prompt(chat=chat, parent_id=None, content="  What is\n a   llama? ")
    chat.refresh_from_db()
    assert chat.title == "What is a llama?"
    assert chat.message_count == 1


def test_a_long_first_prompt_gives_a_title_that_fits(chat):
    add_prompt(chat=chat, parent_id=None, content="x" * 5000)
    chat.refresh_from_db()
    assert chat.title == "x" * TITLE_LENGTH


def test_a_title_that_a_person_gave_stays(chat):
    Chat.objects.filter(pk=chat.pk).update(title="Mine")
    chat.refresh_from_db()
    add_prompt(chat=chat, parent_id=None, content="Hello")
    chat.refresh_from_db()
    assert chat.title == "Mine"


def test_a_prompt_keeps_every_character_that_was_typed(chat):
    content = "  \n\tfn main() {}\r\n🙂 e\u0301\u200d \ufeff\n"
    prompt = add_prompt(chat=chat, parent_id=None, content=content)
    prompt.refresh_from_db()
    assert prompt.content == content
    assert prompt.state == State.MANUAL


def test_a_reply_is_pending_with_all_that_it_was_asked_with(reply, model, prompt):
    reply.refresh_from_db()
    parameters = WorkParameters.from_json(reply.work_parameters)
    assert reply.state == State.PENDING
    assert reply.parent_id == prompt.pk
    assert reply.compat_hash == model.compat_hash == parameters.config.compat_hash
    assert reply.content is None
    assert reply.attempt == 0
    assert 1 <= parameters.seed <= MAX_SEED
    assert parameters.sampling_parameters == SamplingParameters()


def test_a_reply_becomes_the_tail_of_the_active_thread(chat, reply):
    chat.refresh_from_db()
    assert chat.active_thread_tail_id == reply.pk
    assert chat.message_count == 2


def test_a_second_reply_under_a_prompt_is_a_sibling_of_the_first(prompt, reply, ask):
    second = ask(prompt)
    assert second.pk != reply.pk
    assert list(prompt.children.order_by("id")) == [reply, second]


def test_each_reply_draws_a_seed_of_its_own_unless_one_is_named(prompt, reply, ask):
    drawn = {reply.work_parameters["seed"], *(ask(prompt).work_parameters["seed"] for _ in range(3))}
    assert len(drawn) == 4
    assert ask(prompt, seed=7).work_parameters["seed"] == 7


def test_a_prompt_follows_a_finished_reply(chat, reply, model):
    claimed = claim(model)
    work.complete(reply.pk, claimed.attempt, result())
    assert add_prompt(chat=chat, parent_id=reply.pk, content="And an alpaca?").parent_id == reply.pk


@pytest.mark.parametrize("state", [State.CANCELLED, State.ABORTED_BY_WORKER, State.TIMEOUT])
def test_a_prompt_follows_a_reply_that_ended_without_success(chat, reply, state):
    Message.objects.filter(pk=reply.pk).update(state=state, content="")
    assert add_prompt(chat=chat, parent_id=reply.pk, content="Go on").parent_id == reply.pk


def refused(chat, kind, field, *words, **prompt):
    """The prompt is refused by kind and field, in words, and leaves the chat as it was."""
    before = chat_as_stored(chat)
    with pytest.raises(kind) as caught:
        add_prompt(chat=chat, **({"parent_id": None, "content": "Hello"} | prompt))
    assert type(caught.value) is kind
    assert caught.value.field == field
    for word in words:
        assert str(word) in caught.value.message
    assert chat_as_stored(chat) == before


def chat_as_stored(chat):
    row = Chat.objects.filter(pk=chat.pk).values("title", "message_count", "modified_at", "active_thread_tail")
    return list(row), list(Message.objects.filter(chat=chat).order_by("id").values())


@pytest.mark.parametrize("content", ["", "   ", "\n\t"])
def test_an_empty_prompt_is_refused(chat, content):
    refused(chat, BadRequest, "content", "content", "empty", content=content)


def test_a_prompt_with_a_nul_byte_is_refused(chat):
    refused(chat, BadRequest, "content", "NUL", "character 3", content="abc\x00")


def test_a_prompt_with_half_a_surrogate_pair_is_refused(chat):
    refused(chat, BadRequest, "content", "surrogate", "character 2", content="ab\ud83d")


def test_a_prompt_that_is_too_long_is_refused_and_the_longest_is_not(chat, settings):
    settings.MESSAGE_MAX_LENGTH = 10
    refused(chat, TooLarge, "content", 11, 10, content="x" * 11)
    assert add_prompt(chat=chat, parent_id=None, content="é" * 10).content == "é" * 10


def test_a_prompt_under_a_parent_that_is_unknown_is_refused(chat, prompt):
    for parent_id in (uuid4(), "no-id", "00000000-0000-0000-0000-00000000000g"):
        refused(chat, BadRequest, "parent_id", parent_id, parent_id=parent_id)


def test_a_prompt_under_a_message_of_another_chat_is_refused(person, chat, reply, model):
    work.complete(reply.pk, claim(model).attempt, result())
    refused(person.chat(), BadRequest, "parent_id", reply.pk, parent_id=reply.pk)


def test_a_prompt_under_a_prompt_is_refused(chat, prompt):
    refused(chat, BadRequest, "parent_id", prompt.pk, "is a prompt", parent_id=prompt.pk)


def test_a_prompt_under_an_unfinished_reply_is_refused(chat, reply, model):
    refused(chat, Conflict, "parent_id", reply.pk, "pending", parent_id=reply.pk)
    claim(model)
    refused(chat, Conflict, "parent_id", reply.pk, "in_progress", parent_id=reply.pk)


def test_a_first_prompt_into_a_chat_that_has_one_is_refused_unless_it_may_branch(chat, prompt):
    refused(chat, BadRequest, "parent_id", chat.pk)
    beside = add_prompt(chat=chat, parent_id=None, content="What is an alpaca?", may_branch_root=True)
    assert beside.parent_id is None
    chat.refresh_from_db()
    assert chat.title == "What is a llama?"


def test_a_full_chat_takes_no_more(chat, prompt, ask, settings):
    settings.CHAT_MAX_MESSAGES = 2
    ask(prompt)
    with pytest.raises(TooLarge, match="at most 2 messages"):
        ask(prompt)
    refused(chat, TooLarge, None, 2, parent_id=None)


def test_a_chat_that_was_deleted_meanwhile_is_not_found(chat, prompt, model):
    delete_chat(Chat.objects.get(pk=chat.pk))
    with pytest.raises(NotFound, match=str(chat.pk)):
        add_prompt(chat=chat, parent_id=None, content="Hello")
    with pytest.raises(NotFound, match=str(chat.pk)):
        ask_for(chat, parent_id=prompt.pk, model_config_name=model.name)


def test_an_unknown_model_is_refused_and_the_known_ones_are_named(chat, prompt, model):
    with pytest.raises(Unprocessable) as caught:
        ask_for(chat, parent_id=prompt.pk, model_config_name="gpt-9")
    assert caught.value.field == "model_config_name"
    assert "gpt-9" in caught.value.message
    assert model.name in caught.value.message
    assert chat.messages.count() == 1


def test_a_reply_under_a_reply_is_refused(chat, reply, model):
    work.complete(reply.pk, claim(model).attempt, result())
    with pytest.raises(BadRequest, match=f"{reply.pk} is a reply"):
        ask_for(chat, parent_id=reply.pk, model_config_name=model.name)


def test_a_reply_longer_than_the_model_holds_is_refused(chat, prompt, model):
    with pytest.raises(Unprocessable, match="2048") as caught:
        ask_for(
            chat,
            parent_id=prompt.pk,
            model_config_name=model.name,
            sampling_parameters=SamplingParameters(max_new_tokens=2048),
        )
    assert caught.value.field == "sampling_parameters.max_new_tokens"
    assert chat.messages.count() == 1


@pytest.mark.parametrize("field", ["system_prompt", "user_profile", "user_response_instructions"])
def test_instructions_are_checked_as_prompts_are(chat, prompt, model, field, settings):
    settings.MESSAGE_MAX_LENGTH = 10
    for text, kind in (("a\x00b", BadRequest), ("\udc00", BadRequest), ("x" * 11, TooLarge)):
        with pytest.raises(kind, match=field) as caught:
            ask_for(chat, parent_id=prompt.pk, model_config_name=model.name, **{field: text})
        assert caught.value.field == field
    assert chat.messages.count() == 1


def test_a_cancelled_reply_leaves_its_prompt_open_for_another(prompt, reply, ask):
    cancel(reply.pk)
    assert ask(prompt).state == State.PENDING
