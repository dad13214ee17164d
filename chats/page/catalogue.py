"""The page's texts in one language, as a script: Django's JavaScriptCatalog under an address that names its content.

So a browser keeps it for a year. English stands in the modules themselves and needs no script; when the script cannot
be had the page speaks English.
"""

import gzip
from functools import cache
from hashlib import sha256

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, override
from django.views.decorators.http import require_safe
from django.views.i18n import JavaScriptCatalog

FOR_EVER = "public, max-age=31536000, immutable"
NOT_AT_ALL = "no-cache"
DIGEST_LENGTH = 12


def catalogue_address() -> str | None:
    """Where the script of the language that is spoken now is; None for the one that stands in the code."""
    language = get_language()
    if language is None or language == settings.LANGUAGE_CODE:
        return None
    return reverse("page-texts", args=[language, _digest(language)])


@require_safe
def catalogue(request: HttpRequest, language: str, digest: str) -> HttpResponse:
    """The script. Under the address of other content (a server is being updated) it is not to be kept."""
    if language not in dict(settings.LANGUAGES):
        raise Http404(f"There are no texts in {language!r}.")
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(
        _zipped(language) if zipped else _script(language),
        content_type="text/javascript; charset=utf-8",
        headers={
            "Cache-Control": FOR_EVER if digest == _digest(language) else NOT_AT_ALL,
            "Content-Language": language,
            "Vary": "Accept-Encoding",
        },
    )
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    return response


@cache
def _script(language: str) -> bytes:
    with override(language):
        return bytes(JavaScriptCatalog(packages=["chats"]).get(HttpRequest()).content)


@cache
def _zipped(language: str) -> bytes:
    return gzip.compress(_script(language), mtime=0)


@cache
def _digest(language: str) -> str:
    return sha256(_script(language)).hexdigest()[:DIGEST_LENGTH]
