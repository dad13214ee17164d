"""Several drafts of a reply at once, and the choice between them."""

import pytest

from chats.database import in_database
from chats.models import Message, MessageEval
from tests.chats.people import path_of


@pytest.fixture
def fields(model):
    """A prompt command for three drafts."""
    return {"type": "prompt", "ref": "1", "content": "Say it thrice", "model_config_name": model.name, "drafts": 3}


async def hears_messages(socket, count):
    return [(await socket.answer("message_created"))["message"] for _ in range(count)]


async def test_a_prompt_may_ask_for_several_drafts_at_once(socket, fields, chat):
    await socket.says(**fields)
    prompt, *drafts = await hears_messages(socket, 4)
    assert {draft["parent_id"] for draft in drafts} == {prompt["id"]}
    [group] = {draft["draft_group"] for draft in drafts}
    assert group is not None
    assert len({draft["work_parameters"]["seed"] for draft in drafts}) == 3
    await in_database(chat.refresh_from_db)
    assert str(chat.active_thread_tail_id) == drafts[0]["id"]


async def test_drafts_of_one_seed_are_drawn_from_it_each_in_its_own_way(socket, fields):
    await socket.says(**fields | {"seed": 7})
    _, *drafts = await hears_messages(socket, 4)
    assert [draft["work_parameters"]["seed"] for draft in drafts] == [7, 8, 9]


async def test_one_reply_alone_is_no_draft(socket, fields, prompt):
    await socket.says(**fields | {"type": "regenerate", "parent_id": str(prompt.pk), "drafts": 1})
    [reply] = await hears_messages(socket, 1)
    assert reply["draft_group"] is None


async def test_a_repeated_command_finds_all_of_its_drafts(socket, connect, fields, chat):
    await socket.says(**fields)
    first = await hears_messages(socket, 4)
    again = await connect()
    await again.says(**fields)
    assert [each["id"] for each in await hears_messages(again, 4)] == [each["id"] for each in first]
    assert await in_database(chat.messages.count) == 4


async def test_the_longest_ref_has_room_for_its_drafts(socket, fields, chat):
    await socket.says(**fields | {"ref": "r" * 255})
    await hears_messages(socket, 4)


@pytest.mark.parametrize("drafts", [0, -1, 5, "many", None])
async def test_too_many_drafts_or_none_are_refused_and_nothing_is_stored(socket, fields, chat, drafts):
    await socket.says(**fields | {"drafts": drafts})
    assert (await socket.refusal())["code"] == 422
    assert await in_database(chat.messages.count) == 0


async def test_drafts_are_all_admitted_or_none(socket, fields, chat, settings):
    settings.MAX_PENDING_PER_USER = 2
    await socket.says(**fields)
    assert (await socket.refusal())["code"] == 429
    assert await in_database(chat.messages.count) == 0


async def test_each_draft_counts_as_the_reply_it_is(socket, fields, settings):
    settings.RATE_LIMIT, settings.RATE_LIMIT_MESSAGES_USER_TIMES = True, 5
    await socket.says(**fields)
    await hears_messages(socket, 4)
    await socket.says(**fields | {"ref": "2", "parent_id": None})
    assert (await socket.refusal())["code"] == 429


async def test_choosing_ends_the_choice_in_every_tab_and_is_stored(socket, connect, person, fields, chat):
    await socket.says(**fields)
    _, first, second, third = await hears_messages(socket, 4)
    other = await connect()
    chosen = await in_database(Message.objects.get, pk=second["id"])
    body = {"inferior_message_ids": [first["id"], third["id"]]}
    assert (await in_database(person.api.post, path_of(chosen, "/message_evals"), body)).status == 200
    heard = [await other.answer("feedback") for _ in range(3)]
    assert {event["message_id"] for event in heard} == {first["id"], second["id"], third["id"]}
    assert {event["draft_group"] for event in heard} == {None}
    assert not await in_database(Message.objects.filter(chat=chat, draft_group__isnull=False).exists)
    inferior = await in_database(
        lambda: set(MessageEval.objects.get(selected=chosen).inferior.values_list("pk", flat=1))
    )
    assert {str(pk) for pk in inferior} == {first["id"], third["id"]}
    await in_database(chat.refresh_from_db)
    assert chat.active_thread_tail_id == chosen.pk


async def test_a_vote_and_a_report_are_told_to_the_other_tabs(socket, person, reply):
    await in_database(person.api.post, path_of(reply, "/votes"), {"score": -1})
    heard = await socket.answer("feedback")
    assert (heard["message_id"], heard["score"], heard["reports"]) == (str(reply.pk), -1, [])
    body = {"report_type": "spam", "reason": "It sells llamas."}
    await in_database(person.api.post, path_of(reply, "/reports"), body)
    [report] = (await socket.answer("feedback"))["reports"]
    assert (report["report_type"], report["reason"]) == ("spam", "It sells llamas.")
