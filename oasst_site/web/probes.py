"""What probes and Prometheus ask is answered whatever name they ask by."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import resolve

PATHS = frozenset({"/healthz", "/readyz", "/metrics"})


class Probes:
    """Middleware, the first one: answers these paths itself.

    A kubelet and Prometheus ask by an address that changes with every container, which can stand in nobody's
    ALLOWED_HOSTS; the answers hold no link and depend on no name. No session is looked up for them either.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The probe's view, or the rest of the chain."""
        if request.path_info not in PATHS:
            return self._get_response(request)
        match = resolve(request.path_info)
        answer: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        return answer
