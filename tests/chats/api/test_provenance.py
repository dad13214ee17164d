"""Provenance: who made a reply, on what, with which parameters, how long each part took."""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from chats.models import Message
from chats.repository import work
from tests.chats.people import path_of
from tests.chats.played_worker import claim, result
from workers.models import WorkerEvent


def test_a_finished_replys_provenance_is_complete(person, reply, model):
    session = uuid4()
    WorkerEvent.objects.create(
        session_id=session, worker_name="w@gpu-1", event_type="connect", hardware_info={"gpus": [{"name": "H200"}]}
    )
    attempt = claim(model, session_id=session, worker_name="w@gpu-1").attempt
    work.note_resumption(reply.pk, attempt, 17)
    work.complete(reply.pk, attempt, result(generated_tokens=41, prompt_tokens=9))
    now = timezone.now()
    Message.objects.filter(pk=reply.pk).update(
        created_at=now - timedelta(seconds=10),
        work_begin_at=now - timedelta(seconds=7),
        first_token_at=now - timedelta(seconds=4),
        work_end_at=now,
    )
    told = person.api.get(path_of(reply, "/provenance")).json
    assert told["worker"] == {
        "name": "w@gpu-1",
        "session_id": str(session),
        "config": {"max_parallel_requests": 1},
        "hardware": {"gpus": [{"name": "H200"}]},
    }
    assert told["model_config_name"] == model.name
    assert told["seed"] == reply.work_parameters["seed"]
    assert told["work_parameters"]["sampling_parameters"]["top_k"] == 50
    times = {name: told[name] for name in ("queue_wait_s", "first_token_s", "generation_s", "total_s", "tokens_per_s")}
    assert times == {"queue_wait_s": 3, "first_token_s": 3, "generation_s": 4, "total_s": 10, "tokens_per_s": 10}
    assert (told["prompt_tokens"], told["generated_tokens"], told["attempts"]) == (9, 41, 1)
    assert [each["offset"] for each in told["resumptions"]] == [17]


def test_what_is_not_known_yet_is_null(person, reply):
    told = person.api.get(path_of(reply, "/provenance")).json
    assert told["worker"] == {"name": None, "session_id": None, "config": None, "hardware": None}
    assert told["queue_wait_s"] is told["tokens_per_s"] is told["finish_reason"] is None


def test_a_prompt_has_none(person, prompt):
    assert person.api.get(path_of(prompt, "/provenance")).refused(400)


def test_a_strangers_reply_is_not_found(stranger, reply):
    assert stranger.api.get(path_of(reply, "/provenance")).refused(404)
