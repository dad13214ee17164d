"""What text people may send: one check for prompts, titles and instructions."""

from django.utils.translation import gettext as _

from chats.errors import BadRequest, TooLarge


def check_text(text: str, *, field: str, max_length: int, may_be_empty: bool = False) -> str:
    """The text itself when it can be stored and shown.

    Raises BadRequest for empty text, NUL bytes and lone surrogates (neither is storable as UTF-8 in Postgres),
    TooLarge beyond `max_length` characters.
    """
    if not may_be_empty and not text.strip():
        raise BadRequest(_("%(field)s is empty: write something.") % {"field": field}, field=field)
    if len(text) > max_length:
        raise TooLarge(
            _("%(field)s has %(length)s characters; at most %(most)s are allowed.")
            % {"field": field, "length": len(text), "most": max_length},
            field=field,
        )
    if "\x00" in text:
        raise BadRequest(
            _("%(field)s holds a NUL byte at character %(at)s: remove it.")
            % {"field": field, "at": text.index("\x00")},
            field=field,
        )
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadRequest(
            _("%(field)s holds half of a surrogate pair at character %(at)s: it is no valid Unicode.")
            % {"field": field, "at": error.start},
            field=field,
        ) from error
    return text
