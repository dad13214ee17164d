"""/metrics is answered whatever name Prometheus asks by."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from oasst_site.metrics import metrics


class Scrape:
    """Middleware, the first one.

    Prometheus asks by an address that changes with every container and can stand in nobody's ALLOWED_HOSTS; the answer
    holds no link and depends on no name. No session is looked up for it either. The probes: oasst_site/health/probes.py
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The metrics, or the rest of the chain."""
        return metrics(request) if request.path_info == "/metrics" else self._get_response(request)
