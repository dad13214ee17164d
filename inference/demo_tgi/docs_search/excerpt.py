"""What of a section is quoted: all of a short one, of a long one the parts that the question is about."""

import re
from collections import Counter

from inference.demo_tgi.docs_search.sections import Section
from inference.demo_tgi.docs_search.words import words

_IMAGE = re.compile(r"\[?!\[[^\]]*\]\([^)]*\)(?:\]\([^)]*\))?")
_LINK = re.compile(r"\[([^\]]+)\]\((?!https?://)([^)\s#]*)(#[^)\s]*)?[^)]*\)")
_CODE = re.compile(r"(`+[^`]*`+)")
_TAG = re.compile(r"</?(?!https?:)[a-zA-Z][^>]*>")
_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")
_ITEM = re.compile(r"([-*+]|\d+[.)])\s")
_BEGINS = re.compile(r"\s*(?:[-*+]\s|\d+[.)]\s|\||>|#)")
"""What begins a line of its own."""
_GAP = "[…]"


def excerpt(section: Section, met: frozenset[str], *, limit: int = 1200) -> str:
    """Markdown of at most about ``limit`` characters (a single part may be longer, if it is code).

    met: the words by which the section was found. Pictures are left out, links inside the repository become
    plain words with the file's name, since the reader is not in the repository.
    """
    blocks = [_rewritten(block) for block in _blocks(section.text)]
    blocks = [_rows(block, met) for block in blocks if block.strip()]
    if sum(len(block) + 2 for block in blocks) <= limit:
        return "\n\n".join(blocks)
    chosen = _chosen([len(block) for block in blocks], _scores(blocks, met), limit)
    parts: list[str] = []
    for place, block in enumerate(blocks):
        if place in chosen:
            parts.append(block)
        elif parts and parts[-1] != _GAP:
            parts.append(_GAP)
    return "\n\n".join(parts)


def _chosen(lengths: list[int], scores: list[float], limit: int) -> set[int]:
    """The places of the best blocks that fit, at least one."""
    chosen: set[int] = set()
    room = limit
    for place in sorted(range(len(lengths)), key=lambda place: (-scores[place], place)):
        if not chosen or lengths[place] <= room:
            chosen.add(place)
            room -= lengths[place]
    return chosen


def _scores(blocks: list[str], met: frozenset[str]) -> list[float]:
    """How much each block is about the words; the first says what the section is, code belongs to what leads to it."""
    scores: list[float] = []
    for place, block in enumerate(blocks):
        here = set(words(block))
        score = float(len(here & met)) + (0.6 if place == 0 else 0.0)
        if place and _FENCE.match(block):
            score += 0.7 * scores[-1]
        scores.append(score - place / 1000)
    return scores


def _blocks(text: str) -> list[str]:
    """Paragraphs, list items, tables and code, each whole."""
    blocks: list[list[str]] = [[]]
    fence: str | None = None
    for line in text.splitlines():
        mark = _FENCE.match(line)
        if fence is not None:
            blocks[-1].append(line)
            if mark and mark[1].startswith(fence):
                fence = None
                blocks.append([])
        elif mark:
            fence = mark[1]
            blocks.append([line])
        elif not line.strip():
            blocks.append([])
        elif _ITEM.match(line) and blocks[-1] and _ITEM.match(blocks[-1][0]):
            blocks.append([line])
        elif line.startswith(" ") and not blocks[-1] and _follows_an_item(blocks):
            blocks[-2] += ["", line]
        else:
            blocks[-1].append(line)
    return _joined(["\n".join(block) for block in blocks if block])


def _follows_an_item(blocks: list[list[str]]) -> bool:
    """Is the block before the last one a list item?"""
    before = blocks[-2] if len(blocks) > 1 else []
    return bool(before) and _ITEM.match(before[0]) is not None


def _joined(blocks: list[str]) -> list[str]:
    """Neighbouring short list items as one block: a list torn apart reads badly."""
    joined: list[str] = []
    for block in blocks:
        if joined and _ITEM.match(block) and _ITEM.match(joined[-1]) and len(joined[-1]) + len(block) < 500:
            joined[-1] += "\n" + block
        else:
            joined.append(block)
    return joined


def _rows(block: str, met: frozenset[str], *, at_most: int = 12) -> str:
    """Of a table, its head and the rows that are asked for by a word that few rows have; else the first rows."""
    lines = block.split("\n")
    if len(lines) < 6 or not all(line.lstrip().startswith("|") for line in lines):
        return block
    rows = [(line, met & set(words(line))) for line in lines[2:]]
    having = Counter(word for _, hits in rows for word in hits)
    rare = {word for word, times in having.items() if times <= max(1, len(rows) // 4)}
    most = max(len(hits & rare) for _, hits in rows)
    chosen = [line for line, hits in rows if len(hits & rare) == most]
    return "\n".join(lines[:2] + chosen[:at_most])


def _rewritten(block: str) -> str:
    if _FENCE.match(block):
        return block
    parts = _CODE.split(_LINK.sub(_plain_link, _IMAGE.sub("", _unwrapped(block))))
    parts[::2] = [_TAG.sub("", part) for part in parts[::2]]
    return "".join(parts)


def _unwrapped(block: str) -> str:
    """The block with each paragraph and list item on one line: a chat shows line ends, a document's are chance."""
    lines: list[str] = []
    for line in block.split("\n"):
        begins = not lines or not line.strip() or not lines[-1].strip() or _BEGINS.match(line)
        if begins or lines[-1].endswith(("  ", "\\")) or lines[-1].lstrip().startswith("|"):
            lines.append(line)
        else:
            lines[-1] += " " + line.strip()
    return "\n".join(lines)


def _plain_link(found: re.Match[str]) -> str:
    text, file = found[1], found[2]
    return f"{text} (`{file}`)" if file and file not in text else text
