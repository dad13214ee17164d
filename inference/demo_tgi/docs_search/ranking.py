"""Which sections answer a question best: BM25F over heading, headings above, file and text.

BM25F as in Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009): the frequencies of a word in
the fields of a section are weighted by field and by its length, added, and saturated once. On top of it: a word
of the question may be met by one that means the same, for less; and a section must meet a good part of what the
question asks about, or it is no answer.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log
from pathlib import PurePosixPath

from inference.demo_tgi.docs_search.sections import Section
from inference.demo_tgi.docs_search.spelling import meant
from inference.demo_tgi.docs_search.synonyms import others
from inference.demo_tgi.docs_search.words import STOP_WORDS, is_german, stem, words

FIRST_QUESTIONS = "docs/questions.md"
FIRST_QUESTIONS_IN_GERMAN = "docs/fragen.md"
_SAYS_NOTHING = frozenset(map(stem, STOP_WORDS))
_K1 = 1.2
_WEIGHTS = {"title": 4.0, "above": 1.5, "file": 1.0, "text": 1.0}
_LENGTH_MATTERS = {"title": 0.6, "above": 0.5, "file": 0.3, "text": 0.7}
_SYNONYM = 0.55
_MET_AT_LEAST = 0.45
"""The part of the question's weight (by rarity of its words) that an answer must meet."""


@dataclass(frozen=True, slots=True)
class Found:
    """A section that answers, with its score and the words by which it was found."""

    section: Section
    score: float
    met: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Fields:
    """A section's words, counted by field."""

    counts: dict[str, Counter[str]]
    lengths: dict[str, int]


class Index:
    """Searches some sections. Nothing in it changes after it was made: the same question gets the same answer."""

    def __init__(self, sections: Iterable[Section]) -> None:
        self.sections: Sequence[Section] = tuple(sections)
        self._fields = [_fields(section) for section in self.sections]
        self._in_sections: Counter[str] = Counter()
        for fields in self._fields:
            self._in_sections.update({word for counts in fields.counts.values() for word in counts})
        self._vocabulary = frozenset(self._in_sections) | _SAYS_NOTHING
        n = max(1, len(self._fields))
        self._average = {
            field: max(1.0, sum(fields.lengths[field] for fields in self._fields) / n) for field in _WEIGHTS
        }

    def search(self, question: str, *, limit: int = 5) -> list[Found]:
        """The sections that answer, best first; none when the question is about something else."""
        asked = list(dict.fromkeys(filter(None, map(self._spelt, words(question)))))
        if not asked:
            return []
        rarity = {word: self._rarity(word) for word in asked}
        whole = sum(rarity.values())
        german = is_german(question)
        found = []
        for place, (section, fields) in enumerate(zip(self.sections, self._fields, strict=True)):
            score, weight, met = 0.0, 0.0, set[str]()
            for word in asked:
                gain, share, by = self._meet(word, fields)
                if by is not None:
                    score += gain
                    weight += rarity[word] * share
                    met.add(by)
            if not met or weight < _MET_AT_LEAST * whole:
                continue
            score *= (
                _standing(section)
                * _in_the_language(section, german)
                * (0.5 + 0.5 * weight / whole)
                * _title_bonus(fields, met)
            )
            found.append((-score, place, Found(section, score, frozenset(met))))
        found.sort(key=lambda entry: entry[:2])
        return [entry[2] for entry in found[:limit]]

    def knows(self, word: str) -> bool:
        """Whether any section has this (comparable) word."""
        return word in self._in_sections

    def _spelt(self, word: str) -> str | None:
        """The word, put right when it is none that anybody knows; None for a misspelt one that says nothing."""
        if self.knows(word) or any(map(self.knows, others(word))):
            return word
        right = meant(word, self._vocabulary)
        return None if right in _SAYS_NOTHING else right or word

    def _rarity(self, word: str) -> float:
        n, within = len(self._fields), self._in_sections[word]
        return log(1 + (n - within + 0.5) / (within + 0.5))

    def _meet(self, word: str, fields: _Fields) -> tuple[float, float, str | None]:
        """What a word of the question gains here, how well it is met (0..1), and by which word."""
        best, share, by = 0.0, 0.0, None
        for variant, worth in ((word, 1.0), *((other, _SYNONYM) for other in sorted(others(word)))):
            frequency = self._frequency(variant, fields)
            if frequency:
                rarity = min(self._rarity(word), self._rarity(variant))
                gain = worth * rarity * frequency * (_K1 + 1) / (_K1 + frequency)
                if gain > best:
                    best, share, by = gain, worth, variant
        return best, share, by

    def _frequency(self, word: str, fields: _Fields) -> float:
        total = 0.0
        for field, counts in fields.counts.items():
            if word in counts:
                b = _LENGTH_MATTERS[field]
                total += _WEIGHTS[field] * counts[word] / (1 - b + b * fields.lengths[field] / self._average[field])
        return total


def _fields(section: Section) -> _Fields:
    parts = {
        "title": section.title,
        "above": " ".join(section.titles[:-1]),
        "file": PurePosixPath(section.file).stem.replace("-", " ").replace("_", " "),
        "text": section.text,
    }
    counts = {field: Counter(words(text)) for field, text in parts.items()}
    return _Fields(counts, {field: counter.total() for field, counter in counts.items()})


def _standing(section: Section) -> float:
    """How near to a newcomer a section is: what was written for one first, notes in subfolders last."""
    depth = section.file.count("/")
    standing = 1.1 if depth == 0 or section.file == FIRST_QUESTIONS else 1.0 if depth == 1 else 0.8
    return 0.75 * standing if len(section.titles) == 1 else standing


def _in_the_language(section: Section, german: bool) -> float:
    """Who asks in German gets the German page first; who does not, only what stands nowhere else."""
    if section.file != FIRST_QUESTIONS_IN_GERMAN:
        return 1.0
    return 1.5 if german else 0.5


def _title_bonus(fields: _Fields, met: set[str]) -> float:
    """A section whose whole heading is asked about is meant, not merely near."""
    title = fields.counts["title"]
    if not title:
        return 1.0
    return 1.0 + 0.3 * sum(word in met for word in title) / len(title)
