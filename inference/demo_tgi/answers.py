"""The demo model: answers in Markdown out of this project's documentation, and says that it does.

A reply depends on the documentation, the last user message and on whether it is the first reply of the
conversation. It is the same every time, so that a reply that was cut off goes on where its text ends.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from inference.demo_tgi import tokens
from inference.demo_tgi.docs_search import Found, Index, excerpt, read_sections
from inference.demo_tgi.docs_search.words import stem, words
from inference.demo_tgi.pieces import Piece, piece_of
from inference.demo_tgi.prompt import Prompt
from inference.demo_tgi.smalltalk import Intent, intent_of, question_in
from inference.prompts import FORMATS, TurnFormat, neutralise

INTRODUCTION = (
    "*I am not a language model. I look your words up in this project's own documentation and quote what I find.*"
)
"""The first paragraph of the first reply of every conversation."""

_NEWCOMERS_ASK = (
    "How do I add a GPU worker?",
    "Which models are there?",
    "What happens to a message after I send it?",
    "How do I reset everything?",
    "How do I use the API?",
    "How do I chat in the terminal?",
    "Which settings are there?",
    "What happens when a worker dies?",
    "How do I log in as admin?",
    "How do I run the tests?",
)
_CONNECT = "add a GPU worker, connect an engine with a real model"
_ABOUT_DEMO = "Is the demo model a language model?"

_THE_WHOLE = frozenset(
    map(stem, ("project", "repository", "repo", "app", "application", "software", "program", "system", "overview"))
)
"""Words of a question about nothing in particular: the README's first words answer it."""

_CONTROL = tuple(sorted({mark for form in FORMATS.values() if isinstance(form, TurnFormat) for mark in form.control}))


def documentation(root: Path) -> Index:
    """The index of ``README.md`` and everything in ``docs/`` below ``root``; empty when there is none."""
    files = [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
    return Index(read_sections(root, [path for path in files if path.is_file()]))


class DocumentationAnswers:
    """Answers questions about the documentation in an index."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._suggestions = _answerable(index)

    def pieces(self, prompt: Prompt, seed: int | None) -> Iterator[Piece]:
        """The reply from where the prompt's continuation ends; it ends by itself. The seed changes nothing."""
        del seed
        reply = self.reply(prompt)
        return (piece_of(text) for text in tokens.split(reply[len(prompt.continuation) :]))

    def reply(self, prompt: Prompt) -> str:
        """The whole reply.

        A beginning that is there already decides whether it is the first of the conversation: the prompt may
        have lost its earlier messages between two attempts.
        """
        answer = self.answer(prompt.user)
        first = f"{INTRODUCTION}\n\n{answer}"
        replies = [answer, first] if prompt.earlier else [first, answer]
        return next((reply for reply in replies if reply.startswith(prompt.continuation)), replies[0])

    def answer(self, message: str) -> str:
        """The reply to a message, without the introduction. It holds no control token of any prompt format."""
        intent = intent_of(message)
        answer = self._answer(intent, question_in(message))
        return neutralise(answer, _CONTROL)

    def _answer(self, intent: Intent, question: str) -> str:
        match intent:
            case Intent.GREETING:
                return "Hello! " + self._invitation("Ask me about this project, for example:")
            case Intent.THANKS:
                return "You are welcome. " + self._invitation("More that I can answer:", 3)
            case Intent.FAREWELL:
                return "Goodbye! This chat is stored: you find it again in the list of chats."
            case Intent.HELP:
                return self._invitation("Ask in your own words. I can answer questions such as:", 8)
            case Intent.IDENTITY:
                return self._identity()
            case Intent.MORE:
                return self._invitation(
                    "I answer each message for itself and do not remember what was said before. "
                    "Please ask with the words that matter, for example:",
                )
            case Intent.CREATIVE:
                return "I cannot do that: I make nothing up, I only quote documentation. " + self._connect()
            case Intent.QUESTION:
                if set(words(question)) <= _THE_WHOLE and self._index.sections:
                    return self._quotation([Found(self._index.sections[0], 1.0, frozenset())])
                found = self._index.search(question)
                return self._quotation(found) if found else self._nothing()

    def _quotation(self, found: Sequence[Found]) -> str:
        best = found[0]
        quoted = excerpt(best.section, best.met)
        parts = [f"From **{best.section.place}**:", _as_quote(quoted)]
        near = [other.section.place for other in found[1:4] if other.score > 0.35 * best.score]
        if near:
            parts.append("See also:\n" + "\n".join(f"- {place}" for place in near))
        return "\n\n".join(parts)

    def _identity(self) -> str:
        parts = [
            "No, I am not a language model, nor any other kind of artificial intelligence. I am the *demo* model: "
            "a text search over this project's documentation, so that everything can be tried without a GPU."
        ]
        found = self._index.search(_ABOUT_DEMO, limit=1)
        if found:
            parts.append(self._quotation(found))
        parts.append(self._connect())
        return "\n\n".join(parts)

    def _connect(self) -> str:
        found = self._index.search(_CONNECT, limit=1)
        where = f"; **{found[0].section.place}** tells how" if found else ""
        return (
            "To talk with a real language model, connect a worker with an engine that serves one, and choose its "
            f"model{where}."
        )

    def _nothing(self) -> str:
        if not self._index.sections:
            return (
                "I found no documentation to search: there is no `README.md` and no `docs/` folder where I was "
                "started. Start me with `--docs FOLDER`, the folder that holds them."
            )
        return (
            "I found nothing about that in the documentation, and I know nothing else.\n\n"
            + self._invitation("Try other words, or ask for example:")
            + f"\n\n{self._connect()}"
        )

    def _invitation(self, lead: str, at_most: int = 5) -> str:
        asked = self._suggestions[:at_most]
        if not asked:
            return "Ask me about this project."
        return lead + "\n\n" + "\n".join(f"- {question}" for question in asked)


def _answerable(index: Index) -> list[str]:
    """What newcomers ask and this documentation answers; then its sections by name."""
    suggestions = [question for question in _NEWCOMERS_ASK if index.search(question, limit=1)]
    if len(suggestions) < 5:
        titles = dict.fromkeys(section.title for section in index.sections if len(section.titles) == 2)
        suggestions += list(titles)[: 8 - len(suggestions)]
    return suggestions


def _as_quote(markdown: str) -> str:
    return "\n".join(_quoted_lines(markdown.split("\n")))


def _quoted_lines(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield f"> {line}" if line else ">"
