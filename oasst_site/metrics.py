"""/metrics, for Prometheus."""

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from workers.metrics.collector import registry

REGISTRY = registry()


def metrics(request: HttpRequest) -> HttpResponse:
    """Everything that the collector tells; with METRICS_TOKEN only for whoever sends it as a bearer token."""
    if settings.METRICS_TOKEN:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        is_known = secrets.compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())
        if kind.lower() != "bearer" or not is_known:
            return HttpResponse("The bearer token must be METRICS_TOKEN.\n", status=401, content_type="text/plain")
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)
