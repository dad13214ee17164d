"""How a reply came about: who made it, on what, with which parameters, how long each part took."""

from datetime import datetime
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chats.errors import BadRequest
from chats.models import Message, Role
from chats.repository.lookup import message_in_chat_of
from workers.models import WorkerEvent, WorkerEventType


class Provenance(APIView):
    """/chats/{chat_id}/messages/{message_id}/provenance"""

    def get(self, request: Request, chat_id: str, message_id: str) -> Response:
        """A reply's provenance. What is not known yet, or never was, is null."""
        message = message_in_chat_of(request.user, chat_id, message_id)
        if message.role != Role.ASSISTANT:
            raise BadRequest(f"Message {message.pk} is a prompt: a person has made it.", field="message_id")
        return Response(provenance(message))


def provenance(message: Message) -> dict[str, Any]:
    """The reply's provenance; one query, for the hardware that its worker told when it connected."""
    parameters = message.work_parameters or {}
    return {
        "message_id": str(message.pk),
        "state": message.state,
        "model_config_name": message.model_config_name or None,
        "compat_hash": message.compat_hash or None,
        "worker": {
            "name": message.worker_name or None,
            "session_id": None if message.session_id is None else str(message.session_id),
            "config": message.worker_config,
            "hardware": _hardware(message),
        },
        "seed": parameters.get("seed"),
        "work_parameters": message.work_parameters,
        "created_at": message.created_at.isoformat(),
        "queue_wait_s": _between(message.created_at, message.work_begin_at),
        "first_token_s": _between(message.work_begin_at, message.first_token_at),
        "generation_s": _between(message.first_token_at, message.work_end_at),
        "total_s": _between(message.created_at, message.work_end_at),
        "tokens_per_s": _rate(message),
        "prompt_tokens": message.prompt_tokens,
        "generated_tokens": message.generated_tokens,
        "omitted_messages": message.omitted_messages,
        "finish_reason": message.finish_reason or None,
        "error": message.error or None,
        "attempts": message.attempt,
        "resumptions": message.resumptions,
    }


def _hardware(message: Message) -> Any:
    if message.session_id is None:
        return None
    connects = WorkerEvent.objects.filter(session_id=message.session_id, event_type=WorkerEventType.CONNECT)
    return connects.order_by("-id").values_list("hardware_info", flat=True).first()


def _between(began: datetime | None, ended: datetime | None) -> float | None:
    if began is None or ended is None:
        return None
    return round(max(0.0, (ended - began).total_seconds()), 3)


def _rate(message: Message) -> float | None:
    """Tokens per second from the first token on, which itself took no time of that."""
    seconds = _between(message.first_token_at, message.work_end_at)
    if not seconds or not message.generated_tokens or message.generated_tokens < 2:
        return None
    return round((message.generated_tokens - 1) / seconds, 2)
