"""/metrics, for Prometheus."""

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from oasst_site.bearer import bearer_token
from workers.metrics.collector import registry

REGISTRY = registry()


def metrics(request: HttpRequest) -> HttpResponse:
    """Everything that the collector tells; with METRICS_TOKEN only for whoever sends it as a bearer token."""
    if settings.METRICS_TOKEN:
        token = bearer_token(request.headers.get("Authorization", "")) or ""
        if not secrets.compare_digest(token.encode(), settings.METRICS_TOKEN.encode()):
            return HttpResponse("The bearer token must be METRICS_TOKEN.\n", status=401, content_type="text/plain")
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)
