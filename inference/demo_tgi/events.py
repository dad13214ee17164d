"""Server-sent events as TGI writes them: ``data:`` and JSON without a space between."""

from collections.abc import Sequence

import orjson

from inference.demo_tgi.errors import TGIError
from inference.demo_tgi.pieces import Piece
from inference.demo_tgi.reply import top_tokens

KEEPALIVE = b":\n\n"
"""The comment that TGI sends when nothing else was sent for a while."""

KEEPALIVE_S = 15.0


def token_events(pieces: Sequence[Piece], first_index: int, top_n: int) -> bytes:
    """The events of tokens that are not the last."""
    if top_n:
        return b"".join(last_event(piece, first_index + place, top_n, None, None) for place, piece in enumerate(pieces))
    return b"".join([b'data:{"index":%d%b' % (index, piece.event) for index, piece in enumerate(pieces, first_index)])


def last_event(
    piece: Piece, index: int, top_n: int, generated_text: str | None, details: dict[str, object] | None
) -> bytes:
    """The event of a token with everything that an event may say."""
    tops = b',"top_tokens":' + orjson.dumps(top_tokens(piece, top_n)) if top_n else b""
    return b'data:{"index":%d%b%b,"generated_text":%b,"details":%b}\n\n' % (
        index,
        piece.middle,
        tops,
        orjson.dumps(generated_text),
        orjson.dumps(details),
    )


def error_event(error: TGIError) -> bytes:
    """An error in the stream; the status line said 200 long before."""
    return b"data:" + error.body() + b"\n\n"
