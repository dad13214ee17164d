"""WhiteNoise for ASGI: a request that is for no file passes without a thread.

WhiteNoise's own middleware is synchronous, and Django would run every request, streams too, through a thread and back
for it; a client's disconnect then no longer reaches the view.
"""

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware


class StaticFiles(WhiteNoiseMiddleware):
    """Serves the static files, synchronously or not, as the rest of the chain is."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]) -> None:
        super().__init__(get_response)
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        return self._answer(request) if self._is_async else super().__call__(request)

    async def _answer(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(self.static_prefix):
            return await self.get_response(request)
        return await sync_to_async(self._file_or_none)(request) or await self.get_response(request)

    def _file_or_none(self, request: HttpRequest) -> HttpResponseBase | None:
        found = self.find_file(request.path_info) if self.autorefresh else self.files.get(request.path_info)
        return None if found is None else _read(self.serve(found, request))


def _read(file: FileResponse) -> HttpResponse:
    """The same answer with the file's bytes in it: Django streams only asynchronous files without a thread a chunk."""
    answer = HttpResponse(b"".join(file), status=file.status_code, headers=dict(file.items()))
    file.close()
    return answer
