"""What people who wait for a reply are told of an engine's error."""

import re

from inference.engines import EngineError, EngineOverloaded, EngineRejected, EngineStalled, EngineUnreachable

_ADDRESS = re.compile(r"https?://\S+: ")


def engine_error_told(error: EngineError) -> str:
    """The error for the people who read the message: the engine's address is nobody's business but the log's."""
    words = _ADDRESS.sub("", str(error))
    match error:
        case EngineUnreachable():
            return "The model's engine cannot be reached"
        case EngineOverloaded():
            return "The model's engine is overloaded"
        case EngineStalled():
            return "The model's engine fell silent"
        case EngineRejected():
            return f"The model's engine refuses the request: {words}"
    return f"The model's engine broke off: {words}"
