"""Preferences and instructions: kept per user and per chat, and what reaches the model of them."""

import pytest

from chats.models import Chat, Message, Preferences
from chats.models.instructions import INSTRUCTIONS, INSTRUCTIONS_LENGTH
from chats.repository.asking import add_prompt
from inference.parameters import WorkParameters
from inference.prompts.instructions import system_text
from tests.chats.shapes import ChatListRead, ChatRead, PreferencesRead

PIRATE = "Speak like a pirate."


def preferences(person):
    return person.api.get("preferences").read(PreferencesRead)


def made(person, body=None):
    """A chat made over REST, as its row."""
    return Chat.objects.get(pk=person.api.post("chats", body).read(ChatListRead).id)


def asked(person, model, chat, **further):
    """The work parameters of a reply asked for over REST in a chat."""
    prompt = add_prompt(chat=chat, parent_id=None, content="Hello", may_branch_root=True)
    body = {"parent_id": str(prompt.pk), "model_config_name": model.name} | further
    answer = person.api.post(f"chats/{chat.pk}/assistant_message", body)
    assert answer.status == 200, answer.content
    return WorkParameters.from_json(Message.objects.get(pk=answer.json["id"]).work_parameters)


def test_somebody_who_never_chose_has_the_defaults_and_no_row(person):
    assert preferences(person).model_dump() == {"allow_data_use": True} | dict.fromkeys(INSTRUCTIONS, "")
    assert not Preferences.objects.exists()


def test_what_the_body_names_is_kept_and_the_rest_stays(person):
    person.api.put("preferences", {"allow_data_use": False, "user_profile": "I keep llamas."})
    person.api.put("preferences", {"system_prompt": PIRATE, "user_profile": None})
    kept = preferences(person)
    assert (kept.allow_data_use, kept.user_profile, kept.system_prompt) == (False, "I keep llamas.", PIRATE)
    person.api.put("preferences", {"user_profile": ""})
    assert preferences(person).user_profile == ""


def test_nobody_elses_preferences_are_touched(person, stranger):
    person.api.put("preferences", {"system_prompt": PIRATE})
    assert preferences(stranger).system_prompt == ""
    assert made(stranger).system_prompt == ""


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"system_prompt": "x" * (INSTRUCTIONS_LENGTH + 1)}, 413, "system_prompt"),
        ({"user_profile": "a\x00"}, 400, "user_profile"),
        ({"user_profile": 7}, 422, "user_profile"),
        ({"allow_data_use": "maybe"}, 422, "allow_data_use"),
        ([], 422, None),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(person, chat, body, status, field):
    assert person.api.put("preferences", body).refused(status).field == field
    assert not Preferences.objects.exists()
    assert person.api.post("chats", body).refused(status).field == field
    assert person.api.put(f"chats/{chat.pk}", body).refused(status).field == field


def test_a_new_chat_begins_with_the_preferences_and_keeps_them(person):
    person.api.put("preferences", {"allow_data_use": False, "system_prompt": PIRATE})
    chat = made(person)
    assert (chat.allow_data_use, chat.system_prompt) == (False, PIRATE)
    person.api.put("preferences", {"allow_data_use": True, "system_prompt": ""})
    chat.refresh_from_db()
    assert (chat.allow_data_use, chat.system_prompt) == (False, PIRATE)
    assert made(person).system_prompt == ""


def test_a_new_chat_may_say_otherwise(person):
    person.api.put("preferences", {"system_prompt": PIRATE, "user_profile": "I keep llamas."})
    chat = made(person, {"system_prompt": "", "allow_data_use": False, "user_profile": None})
    assert (chat.system_prompt, chat.allow_data_use, chat.user_profile) == ("", False, "I keep llamas.")


def test_a_chat_tells_and_changes_its_instructions(person, chat):
    person.api.put(f"chats/{chat.pk}", {"system_prompt": PIRATE})
    assert person.api.get(f"chats/{chat.pk}").read(ChatRead).system_prompt == PIRATE
    person.api.put(f"chats/{chat.pk}", {"system_prompt": "", "user_profile": "I keep llamas."})
    read = person.api.get(f"chats/{chat.pk}").read(ChatRead)
    assert (read.system_prompt, read.user_profile) == ("", "I keep llamas.")


def test_a_reply_is_asked_for_with_the_chats_instructions_as_they_are_now(person, chat, model):
    assert system_text(asked(person, model, chat)) is None
    person.api.put(f"chats/{chat.pk}", {"system_prompt": PIRATE, "user_response_instructions": "Be brief."})
    told = asked(person, model, chat)
    assert (told.system_prompt, told.user_profile) == (PIRATE, None)
    assert system_text(told).startswith(PIRATE)
    assert "Be brief." in system_text(told)


def test_what_a_request_says_itself_wins_and_an_empty_text_is_none(person, chat, model):
    person.api.put(f"chats/{chat.pk}", {"system_prompt": PIRATE, "user_profile": "I keep llamas."})
    told = asked(person, model, chat, system_prompt="Be plain.", user_profile="", user_response_instructions=None)
    assert (told.system_prompt, told.user_profile, told.user_response_instructions) == ("Be plain.", None, None)


def test_a_kept_completion_and_an_import_follow_the_consent(person, chat, model):
    person.api.put(f"chats/{chat.pk}", {"user_profile": "I keep llamas."})
    person.api.put("preferences", {"allow_data_use": False, "system_prompt": PIRATE})
    file = person.api.get(f"chats/{chat.pk}/export").json
    imported = Chat.objects.get(pk=person.api.post("chats/import", file).json["id"])
    assert (imported.allow_data_use, imported.system_prompt, imported.user_profile) == (False, "", "I keep llamas.")


def test_a_seed_is_taken_and_kept(person, chat, model):
    assert asked(person, model, chat, seed=7).seed == 7
    assert asked(person, model, chat, seed=None).seed != asked(person, model, chat).seed
    for seed in (-1, 2**53, "x"):
        body = {"parent_id": str(chat.messages.first().pk), "model_config_name": model.name, "seed": seed}
        assert person.api.post(f"chats/{chat.pk}/assistant_message", body).refused(422).field == "seed"
