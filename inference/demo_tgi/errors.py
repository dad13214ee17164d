"""TGI's errors as its router tells them (``router/src/infer/mod.rs`` and ``server.rs`` of TGI 3)."""

from typing import ClassVar

import orjson


class TGIError(Exception):
    """An error that TGI tells as ``{"error", "error_type"}``.

    status: the HTTP status when nothing was sent yet; in an event stream the error is an event instead.
    """

    status: ClassVar[int] = 500
    error_type: ClassVar[str] = "unknown"

    def body(self) -> bytes:
        """The JSON that a client gets."""
        return orjson.dumps({"error": str(self), "error_type": self.error_type})


class InvalidRequest(TGIError):
    """A parameter or the prompt is out of bounds."""

    status = 422
    error_type = "validation"

    def __init__(self, what: str) -> None:
        super().__init__(f"Input validation error: {what}")


class Overloaded(TGIError):
    """As many requests as allowed are being worked on."""

    status = 429
    error_type = "overloaded"

    def __init__(self) -> None:
        super().__init__("Model is overloaded")


class GenerationFailed(TGIError):
    """The model failed while it was generating."""

    status = 424
    error_type = "generation"

    def __init__(self, what: str) -> None:
        super().__init__(f"Request failed during generation: {what}")


class IncompleteGeneration(TGIError):
    """The model ended without a last token."""

    status = 500
    error_type = "incomplete_generation"

    def __init__(self) -> None:
        super().__init__("Incomplete generation")


class UnreadableRequest(Exception):
    """A body that is no request at all. The router's JSON reader answers it in plain text, before TGI sees it."""

    def __init__(self, status: int, what: str) -> None:
        super().__init__(what)
        self.status = status
