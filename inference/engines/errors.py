"""What can go wrong with an engine: few errors, each saying whether trying again can help."""


class EngineError(Exception):
    """An engine did not do what it was asked. The message names the engine's address and what it said.

    retryable: may the same request succeed later, or at another engine?
    """

    retryable = True


class EngineUnreachable(EngineError):
    """No connection: refused, reset before the answer began, name unknown, too slow to accept."""


class EngineOverloaded(EngineError):
    """The engine is up and takes no more work now (HTTP 429)."""


class EngineRejected(EngineError):
    """The engine understood and refuses: wrong parameters, prompt too long, no access, no such address."""

    retryable = False


class EngineFailed(EngineError):
    """The engine broke off: an error while generating, HTTP 5xx, an answer without an end, or nonsense."""


class EngineStalled(EngineError):
    """The engine is silent: no token, or no answer, within the time allowed."""


def error_for_status(status: int) -> type[EngineError]:
    """The kind of error that an HTTP status means; in mid-stream, where the status was 200, ``EngineFailed``."""
    if status == 429:
        return EngineOverloaded
    if 400 <= status < 500 and status not in (408, 424, 425):
        return EngineRejected
    return EngineFailed
