"""Why the server closes a websocket (4000 to 4999 are an application's own: RFC 6455, 7.4.2)."""

INTERNAL_ERROR = 1011  # RFC 6455, 7.4.1: something that was not expected
NOT_LOGGED_IN = 4401
NOT_FOUND = 4404
TRY_AGAIN_LATER = 4503
