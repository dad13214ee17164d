"""Searching one's own chats: Postgres' full-text search over what was said, the best first, hits marked."""

import re
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank
from django.db.models import Case, F, When
from django.db.models.functions import Left, Length
from django.db.models.lookups import LessThanOrEqual

from chats.models import Message
from chats.models.message import CONTENT_VECTOR, SEARCH_LANGUAGE, SEARCHED_LENGTH

HIT_BEGINS, HIT_ENDS = "\ue000", "\ue001"
"""Private characters around a hit: no markup, so that nothing said in a chat can be taken for it."""

MAX_WORDS = 30
FRAGMENTS = 2
BETWEEN_FRAGMENTS = " … "

SHOWN_WHOLE = 160
"""Characters of a message that is its own excerpt: Postgres would leave the words around a hit out of a short one."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an excerpt; `hit`: it is what was searched for."""

    text: str
    hit: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A message with its rank (higher is better) and its best passages."""

    message: Message
    rank: float
    excerpt: list[Piece]


def search(user: Any, text: str, *, limit: int, offset: int = 0, include_hidden: bool = False) -> list[Found]:
    """The user's messages that have these words, the best first, of equals the newest.

    text: words; "a phrase" in quotes, -without, or. The passages are made for the returned messages only.
    """
    query = SearchQuery(text, config=SEARCH_LANGUAGE, search_type="websearch")
    messages = Message.objects.filter(chat__user=user, chat__is_transient=False)
    if not include_hidden:
        messages = messages.filter(chat__hidden=False)
    ranked = (
        messages.annotate(words=CONTENT_VECTOR)
        .filter(words=query)
        .annotate(rank=SearchRank(F("words"), query))
        .order_by("-rank", "-id")
        .values_list("pk", "rank")[offset : offset + limit]
    )
    ranks: dict[Any, float] = dict(ranked)
    marked = partial(
        SearchHeadline,
        Left("content", SEARCHED_LENGTH),
        query,
        config=SEARCH_LANGUAGE,
        start_sel=HIT_BEGINS,
        stop_sel=HIT_ENDS,
    )
    passages = marked(
        max_words=MAX_WORDS,
        min_words=MAX_WORDS // 2,
        max_fragments=FRAGMENTS,
        fragment_delimiter=BETWEEN_FRAGMENTS,
    )
    is_short = LessThanOrEqual(Length("content"), SHOWN_WHOLE)
    headline = Case(When(is_short, then=marked(highlight_all=True)), default=passages)
    rows = Message.objects.filter(pk__in=ranks).select_related("chat").annotate(headline=headline)
    found = {row.pk: Found(row, ranks[row.pk], pieces(row.headline)) for row in rows}
    return [found[key] for key in ranks if key in found]


def pieces(headline: str) -> list[Piece]:
    """A headline of Postgres' as pieces; stray marks, which only a message itself can hold, are dropped."""
    found: list[Piece] = []
    is_hit = False
    for part in re.split(f"([{HIT_BEGINS}{HIT_ENDS}])", headline):
        if part in (HIT_BEGINS, HIT_ENDS):
            is_hit = part == HIT_BEGINS
        elif part:
            found.append(Piece(part, is_hit))
    return found
