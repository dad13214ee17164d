"""The OpenAPI document: made once per process, since it takes a good part of a second and anybody may ask."""

from functools import cache

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import override
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator


@require_safe
def openapi_document(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.1 as JSON."""
    return HttpResponse(_document(), content_type="application/vnd.oai.openapi+json")


@cache
def _document() -> bytes:
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    with override("en"):  # whoever asks first
        return orjson.dumps(generator.get_schema(request=None, public=True))  # type: ignore[no-untyped-call]
