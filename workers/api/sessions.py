"""The live worker sessions, as Open-Assistant's GET /workers/sessions tells them; for staff (oasst_site/urls.py)."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chats.redis import sync_redis
from inference.sessions import SessionInfo, SyncSessionRegistry


class Sessions(APIView):
    """/workers/sessions"""

    def get(self, request: Request) -> Response:
        """Each connected worker process with its config, hardware and what it does now."""
        return Response([session_read(each) for each in SyncSessionRegistry(sync_redis()).list().values()])


def session_read(session: SessionInfo) -> dict[str, Any]:
    """One session. `worker_id` is the worker's name: a session needs no row of an operator's."""
    return {
        "id": str(session.session_id),
        "worker_id": session.worker_name,
        "worker_info": {"config": session.config, "hardware_info": session.hardware},
        "requests_in_flight": session.in_flight,
        "metrics": session.metrics,
        "model_config_name": session.model_config_name,
        "open": session.open,
        "closed_because": session.closed_because or None,
        "started_at": session.started_at,
    }
