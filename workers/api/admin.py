"""Open-Assistant's /admin/workers: who is let in. For staff (oasst_site/urls.py)."""

from typing import Any

from django.db import transaction
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chats.api.serializers import ObjectSerializer
from chats.content import check_text
from chats.errors import BadRequest, NotFound
from workers.models import Worker, WorkerKey

MAX_NAME_LENGTH = 255


class NewWorker(ObjectSerializer):
    """PUT /admin/workers."""

    name = serializers.CharField(max_length=MAX_NAME_LENGTH)
    trusted = serializers.BooleanField(default=False)


class Workers(APIView):
    """/admin/workers"""

    def get(self, request: Request) -> Response:
        """All workers. `api_key` is null: only a key's hash is kept."""
        return Response([worker_read(worker) for worker in Worker.objects.order_by("id")])

    def put(self, request: Request) -> Response:
        """A new worker. Its `api_key` is in this answer alone."""
        body = NewWorker.read(request.data)
        name = check_text(body["name"], field="name", max_length=MAX_NAME_LENGTH)
        with transaction.atomic():
            worker, is_new = Worker.objects.get_or_create(name=name, defaults=body)
            if not is_new:
                raise BadRequest(f"There is a worker {name!r} already: choose another name.", field="name")
            _, key = WorkerKey.objects.all().issue(worker)
        return Response(worker_read(worker) | {"api_key": key})


class WorkerDetail(APIView):
    """/admin/workers/{worker_id}"""

    def delete(self, request: Request, worker_id: str) -> Response:
        """Let it in no more; its processes drain within seconds."""
        is_number = worker_id.isascii() and worker_id.isdigit() and len(worker_id) < 19
        deleted, _ = Worker.objects.filter(pk=int(worker_id)).delete() if is_number else (0, {})
        if not deleted:
            raise NotFound(f"There is no worker {worker_id}.", field="worker_id")
        return Response()


def worker_read(worker: Worker) -> dict[str, Any]:
    """A worker without its keys."""
    return {"id": str(worker.pk), "name": worker.name, "api_key": None, "trusted": worker.trusted}
