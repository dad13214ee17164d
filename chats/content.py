"""What text people may send: one check for prompts, titles and instructions."""

from chats.errors import BadRequest, TooLarge


def check_text(text: str, *, field: str, max_length: int, may_be_empty: bool = False) -> str:
    """The text itself when it can be stored and shown.

    Raises BadRequest for empty text, NUL bytes and lone surrogates (neither is storable as UTF-8 in Postgres),
    TooLarge beyond `max_length` characters.
    """
    if not may_be_empty and not text.strip():
        raise BadRequest(f"{field} is empty: write something.", field=field)
    if len(text) > max_length:
        raise TooLarge(f"{field} has {len(text)} characters; at most {max_length} are allowed.", field=field)
    if "\x00" in text:
        raise BadRequest(f"{field} holds a NUL byte at character {text.index(chr(0))}: remove it.", field=field)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadRequest(
            f"{field} holds half of a surrogate pair at character {error.start}: it is no valid Unicode.",
            field=field,
        ) from error
    return text
