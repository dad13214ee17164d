"""A reply's events over SSE: what a client gets, from where, and when there is nothing to get."""

import asyncio

import orjson
import pytest

from chats.api import events as events_view
from chats.database import in_database
from chats.models import Message, State
from chats.repository import work
from chats.repository.ending import cancel, delete_chat
from inference.stream import Fenced
from tests.chats.event_source import EventSource, shown, until_shown
from tests.chats.people import path_of
from tests.chats.played_worker import Attempt, claim, result
from tests.chats.shapes import ErrorRead, MessageRead

pytestmark = pytest.mark.usefixtures("live")

TEXT = "Ein Llama 🦙 ist ein Kamel. "


@pytest.fixture
def listen(person, reply):
    """Opens the reply's events as its owner."""

    def listen(last_event_id=None, query="", bearer=person.bearer, **further):
        path = path_of(reply, f"/events{query}")
        return EventSource.opened(path, bearer=bearer, last_event_id=last_event_id, **further)

    return listen


def kinds(received):
    """Places aside: one is told whenever the second's look finds the reply waiting, between two attempts, too."""
    return [event["event_type"] for event in received if event["event_type"] != "pending"]


async def test_a_reply_streams_from_its_first_token_to_its_end(listen, reply, model):
    source = await listen()
    assert source.status == 200
    assert source.headers["content-type"] == "text/event-stream"
    assert "no-cache" in source.headers["cache-control"]
    assert source.headers["x-accel-buffering"] == "no"
    attempt = await Attempt.begins(model)
    await attempt.says("Ein ", "Llama ", "🦙 ", "ist ein ", "Kamel. ")
    await until_shown(source, TEXT)
    assert await attempt.completes()
    await source.rest()
    received = [frame.event for frame in source.frames if frame.event is not None]
    assert shown(received) == TEXT
    final = received[-1]
    assert final["event_type"] == "message"
    read = MessageRead.model_validate_json(orjson.dumps(final["message"]))
    assert (read.state, read.content, read.finish_reason) == ("complete", TEXT, "eos_token")
    assert {event["message_id"] for event in received} == {str(reply.pk)}
    assert kinds(received).count("message") == 1


async def test_a_reader_who_comes_late_gets_the_text_so_far_at_once(listen, model):
    attempt = await Attempt.begins(model)
    await attempt.says(TEXT, TEXT)
    source = await listen()
    first = await source.next()
    assert (first.event["event_type"], first.event["offset"], first.event["text"]) == ("token", 0, TEXT * 2)
    await attempt.completes()
    assert kinds(await source.rest()) == ["message"]


async def test_last_event_id_goes_on_behind_what_the_client_has(listen, model):
    attempt = await Attempt.begins(model)
    await attempt.says(TEXT)
    source = await listen()
    cursor = (await source.next()).cursor
    await source.vanish()
    await attempt.says("Weiter. ")
    await attempt.completes()
    again = await listen(cursor)
    received = await again.rest()
    assert [event["text"] for event in received[:-1]] == ["Weiter. "]
    assert received[0]["offset"] == len(TEXT.encode())
    assert received[-1]["message"]["content"] == TEXT + "Weiter. "


async def test_a_finished_reply_is_204_without_a_cursor_and_with_the_final_one(listen, model):
    attempt = await Attempt.begins(model)
    source = await listen()
    await attempt.says(TEXT)
    await attempt.completes()
    final = (await source.rest())[-1]
    for cursor in (None, "", final["cursor"]):
        answer = await listen(cursor)
        assert (answer.status, await answer.body()) == (204, "")


@pytest.mark.parametrize("state", [State.COMPLETE, State.CANCELLED])
async def test_a_finished_reply_gives_the_rest_to_whoever_lacks_some(listen, reply, model, state):
    attempt = await Attempt.begins(model)
    await attempt.says(TEXT)
    if state == State.COMPLETE:
        await attempt.completes()
    else:
        await in_database(cancel, reply.pk)
    position = len(b"Ein Llama ")
    received = await (await listen(f"1.{position}")).rest()
    assert kinds(received) == ["token", "message"]
    assert (received[0]["offset"], received[0]["text"]) == (position, TEXT.encode()[position:].decode())
    assert received[1]["message"]["state"] == state


@pytest.mark.parametrize("state", [State.ABORTED_BY_WORKER, State.TIMEOUT])
async def test_a_reply_that_failed_ends_in_an_error_with_its_message(listen, reply, model, state):
    source = await listen()
    attempt = await Attempt.begins(model)
    await attempt.says("Halb ")
    if state == State.ABORTED_BY_WORKER:
        await attempt.aborts("The engine failed: 500.")
    else:
        await in_database(
            lambda: Message.objects.filter(pk=reply.pk).update(
                state=state, content="Halb ", error="", work_end_at=reply.created_at, epoch=1
            )
        )
    received = await source.rest()
    final = received[-1]
    assert final["event_type"] == "error"
    assert final["error"]
    assert final["message"]["state"] == state
    assert final["message"]["content"] == shown(received) == "Halb "


async def test_a_reply_without_any_text_ends_too(listen, model):
    source = await listen()
    attempt = await Attempt.begins(model)
    assert await attempt.completes()
    received = await source.rest()
    assert shown(received) == ""
    assert received[-1]["message"]["content"] == ""


async def test_a_cancel_ends_the_stream_with_what_was_shown(listen, reply, model):
    source = await listen()
    attempt = await Attempt.begins(model)
    await attempt.says(TEXT)
    await until_shown(source, TEXT)
    assert await in_database(cancel, reply.pk)
    final = (await source.rest())[-1]
    assert (final["event_type"], final["message"]["state"]) == ("message", "cancelled")
    assert final["message"]["content"] == TEXT
    with pytest.raises(Fenced):
        await attempt.says("zu viel")


async def test_the_readers_of_a_deleted_chat_are_told(listen, chat, model):
    source = await listen()
    attempt = await Attempt.begins(model)
    await attempt.says(TEXT)
    await until_shown(source, TEXT)
    await in_database(delete_chat, chat)
    final = (await source.rest())[-1]
    assert (final["event_type"], final["message"]) == ("error", None)
    assert "deleted" in final["error"]


async def test_the_next_attempt_goes_on_and_the_reader_notices_nothing(listen, model):
    source = await listen()
    first = await Attempt.begins(model)
    await first.says("Ein Llama ")
    await until_shown(source, "Ein Llama ")
    await first.releases(failed=True)
    second = await Attempt.begins(model)
    assert second.text == "Ein Llama "
    await second.says("ist ein Kamel.")
    await second.completes()
    received = await source.rest()
    assert "restart" not in kinds(received)
    every = [frame.event for frame in source.frames if frame.event is not None]
    assert shown(every) == received[-1]["message"]["content"] == "Ein Llama ist ein Kamel."


@pytest.mark.parametrize(("query", "last_event_id"), [("?restart=true", None), ("", "1.4")])
async def test_a_reader_who_understands_restart_begins_again_when_the_text_does(listen, model, query, last_event_id):
    first = await Attempt.begins(model)
    await first.says("Ein Llama ")
    source = await listen(last_event_id, query)
    await source.next()
    await first.releases(failed=True)
    second = await Attempt.begins(model, goes_on=False)
    await second.says("Kamele: ")
    await second.completes()
    received = await source.rest()
    assert kinds(received)[0] == "restart"
    assert shown(received) == received[-1]["message"]["content"] == "Kamele: "


async def test_a_reader_who_does_not_is_told_that_its_text_is_void(listen, model):
    first = await Attempt.begins(model)
    await first.says("Ein Llama ")
    source = await listen()
    await source.next()
    await first.releases(failed=True)
    second = await Attempt.begins(model, goes_on=False)
    await second.says("Kamele: ")
    received = await source.rest()
    assert kinds(received) == ["error"]
    assert received[-1]["message"] is None


@pytest.mark.parametrize("cursor", ["x", "1", "1.", "-1.0", "1.2.3", "1.x", "99999999999.0", "1.-5"])
async def test_a_cursor_that_we_never_gave_is_refused(listen, cursor):
    answer = await listen(cursor)
    error = ErrorRead.model_validate_json(await answer.body())
    assert (answer.status, error.field) == (400, "Last-Event-ID")
    assert cursor in error.detail


async def test_a_cursor_beyond_the_text_is_healed(listen, model):
    attempt = await Attempt.begins(model)
    await attempt.says("Kurz.")
    await attempt.completes()
    received = await (await listen("1.4000")).rest()
    assert kinds(received) == ["restart", "token", "message"]
    assert shown(received) == "Kurz."


async def test_a_prompt_has_no_events(person, prompt):
    answer = await EventSource.opened(path_of(prompt, "/events"), bearer=person.bearer)
    assert answer.status == 204


async def test_strangers_and_those_without_a_login_get_no_stream(listen, stranger):
    for bearer, status in ((stranger.bearer, 404), (None, 403), ("Bearer nonsense", 401)):
        answer = await listen(bearer=bearer)
        assert answer.status == status
        assert ErrorRead.model_validate_json(await answer.body()).detail


async def test_a_head_request_is_answered_without_a_stream(listen):
    answer = await listen(method="HEAD")
    assert (answer.status, await answer.body()) == (200, "")


async def test_a_silent_stream_is_kept_open_by_comments(listen, model, monkeypatch):
    assert events_view.PING_S == 15
    monkeypatch.setattr(events_view, "PING_S", 0.05)
    await Attempt.begins(model)
    source = await listen()
    for _ in range(3):
        assert (await source.next()).event is None
    await source.vanish()


async def test_a_waiting_reader_is_told_its_place_and_again_when_it_changes(person, prompt, reply, ask, model):
    last = await in_database(ask, prompt)
    source = await EventSource.opened(path_of(last, "/events"), bearer=person.bearer)
    first = (await source.next()).event
    assert (first["event_type"], first["queue_position"], first["queue_size"]) == ("pending", 1, 2)
    assert (first["workers"], first["estimate_s"]) == (0, None)
    await in_database(claim, model)
    async with asyncio.timeout(60):
        while (event := (await source.next()).event)["queue_position"] != 0:
            assert event["event_type"] == "pending"
    assert event["queue_size"] == 1
    await source.vanish()


async def test_a_hundred_thousand_characters_arrive_whole(listen, model):
    long = "".join(f"{number} Kamele, " for number in range(8000))
    source = await listen()
    attempt = await Attempt.begins(model)
    await attempt.says(*(long[start : start + 5000] for start in range(0, len(long), 5000)))
    await attempt.completes()
    received = await source.rest()
    assert shown(received) == long == received[-1]["message"]["content"]


async def test_a_last_event_that_was_lost_is_healed_by_the_look(listen, reply, model):
    """The row is ended without a word to anybody, as by a worker whose connection to Redis has just broken."""
    source = await listen()
    claimed = await in_database(claim, model)
    assert await in_database(work.complete, reply.pk, claimed.attempt, result("Ohne ein Wort."))
    received = await source.rest()
    assert shown(received) == "Ohne ein Wort."
    assert received[-1]["event_type"] == "message"
