"""Makes a thread fit a model: whole messages are left out, oldest first, never the system prompt or the
newest prompt.
"""

import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from inference.catalogue import ModelConfig
from inference.parameters import WorkParameters
from inference.prompts import ChatMessage, ThreadMessage, chat_messages, get_format, system_text

CountTokens = Callable[[str], Awaitable[int]]

_MOST_CHARACTERS_PER_TOKEN = 12
"""Text longer than this times the limit is not what is tried first: the engine would refuse its mere size."""
_SPECIAL_TOKENS = 8
"""More than engines put around a text by themselves (begin of text, a prefix space)."""
_GUESSES = 3
"""Guesses by length before halving takes turns with them, which bounds the number of counts."""
_SHORTEST_TAIL = 200
"""Characters. With less of its own reply before it a model would begin anew rather than go on."""
_LONGEST_WORD = 40
"""Characters. A reply is cut at a space where there is one so near."""


class PromptTooLong(Exception):
    """The system prompt, the newest prompt and the reply so far alone are longer than the model reads."""

    def __init__(self, tokens: int, limit: int) -> None:
        super().__init__(
            f"the prompt is {tokens} tokens long and the model reads {limit}; shorten it or the system prompt"
        )
        self.tokens = tokens
        self.limit = limit


@dataclass(frozen=True, slots=True)
class FittedPrompt:
    """A prompt that fits.

    input_tokens: None where the text is so short that it need not be counted.
    max_new_tokens: what was asked for, or less where the window ends before.
    messages: the same by role, for engines that apply the model's own template; without the reply so far.
    cut_characters: how many characters of the reply so far the model does not see, from its beginning.
    """

    text: str
    input_tokens: int | None
    omitted_messages: int
    max_new_tokens: int
    messages: tuple[ChatMessage, ...]
    cut_characters: int = 0


async def fit(
    thread: Sequence[ThreadMessage],
    *,
    config: ModelConfig,
    parameters: WorkParameters,
    count_tokens: CountTokens,
    continuation: str = "",
    max_new_tokens: int,
) -> FittedPrompt:
    """Write the thread as ``config``'s prompt, with as many of its newest messages as there is room for.

    continuation: what of the reply is there already; it ends the prompt and counts as input.
    max_new_tokens: the tokens that the reply may still spend, at least 1.

    The prompt may take ``max_input_length`` tokens. Old messages moreover leave the reply its
    ``max_new_tokens``, up to half of ``max_total_length``; the newest prompt is not refused for that: the
    reply is shortened then. What is left begins with a prompter message: a reply whose prompt is left out
    goes with it. A long reply that was cut off and is gone on with may leave no room at all: the model then
    sees only the end of it.

    Does not count a text that fits whatever its tokens are; else usually counts once. Raises ``PromptTooLong``,
    ``ValueError`` for a thread without a newest prompt, and whatever ``count_tokens`` raises.
    """
    if max_new_tokens < 1:
        raise ValueError(f"max_new_tokens is {max_new_tokens}; a reply that may spend nothing needs no prompt")
    form = get_format(config.prompt_format)
    system = system_text(parameters)
    starts = [at for at, message in enumerate(thread) if message.role == "prompter"]
    if not starts or starts[-1] != len(thread) - 1:
        raise ValueError("a thread must end in the prompter message that is to be answered")

    def render(start: int, continuation: str = continuation) -> str:
        return form.render(thread[start:], system, continuation)

    def fitted(start: int, text: str, tokens: int, room: int, cut: int = 0) -> FittedPrompt:
        left = max(1, min(max_new_tokens, room))
        return FittedPrompt(text, tokens, start, left, chat_messages(thread[start:], system), cut)

    lengths = [len(message.content) for message in thread]
    if sum(lengths) <= config.max_input_length:  # a long thread is not written whole only to be found too long
        whole = render(starts[0])
        at_most = _most_tokens(whole)
        if at_most <= config.max_input_length and at_most + max_new_tokens <= config.max_total_length:
            return FittedPrompt(whole, None, starts[0], max_new_tokens, chat_messages(thread[starts[0] :], system))

    hard_limit = config.max_input_length
    reserved = min(max_new_tokens, config.max_total_length // 2)
    soft_limit = min(hard_limit, config.max_total_length - reserved)

    search = _Search(starts, lengths, soft_limit)
    fitting: FittedPrompt | None = None
    while (choice := search.next()) is not None:
        text = render(starts[choice])
        tokens = await count_tokens(text)
        limit = hard_limit if choice == len(starts) - 1 else soft_limit
        if tokens <= limit:
            fitting = fitted(starts[choice], text, tokens, config.max_total_length - tokens)
        elif choice == len(starts) - 1:
            tail = _Tail(continuation, len(text), tokens, hard_limit)
            while (cut := tail.next()) is not None:
                text = render(starts[choice], continuation[cut:])
                counted = await count_tokens(text)
                if counted <= hard_limit:
                    return fitted(starts[choice], text, counted, config.max_total_length - tokens, cut)
                tail.learn(len(text), counted)
            raise PromptTooLong(tokens, hard_limit)
        search.learn(choice, fits=tokens <= limit, characters=len(text), tokens=tokens)
    if fitting is None:
        raise AssertionError("the search ended without trying the newest prompt alone")
    return fitting


def _most_tokens(text: str) -> int:
    """More tokens than any tokenizer makes of the text: each stands for at least a byte of it, or of what a tokenizer
    that normalises makes of it first (NFKC, by which one character may become eighteen).
    """
    return max(len(text.encode()), len(unicodedata.normalize("NFKC", text).encode())) + _SPECIAL_TOKENS


class _Search:
    """Finds the first of ``starts`` from which the thread fits, in few counts.

    What begins later is shorter, so the answer lies between one start known not to fit and one known to fit.
    The next try is guessed from the characters per token seen so far; now and then the middle is taken
    instead.
    """

    def __init__(self, starts: Sequence[int], lengths: Sequence[int], limit: int) -> None:
        """lengths: characters per message of the thread; limit: tokens."""
        before = list(accumulate(lengths, initial=0))
        self._characters_from = [before[-1] - before[start] for start in starts]
        self._limit = limit
        self._room = limit * _MOST_CHARACTERS_PER_TOKEN
        self._too_long = -1
        self._fits = len(starts)
        self._tries = 0

    def next(self) -> int | None:
        """The index of the start to count next; None when the answer is known."""
        if self._fits - self._too_long <= 1:
            return None
        if self._tries > _GUESSES and self._tries % 2:
            return (self._too_long + self._fits) // 2
        guess = next(
            (at for at, characters in enumerate(self._characters_from) if characters <= self._room),
            len(self._characters_from) - 1,
        )
        return min(max(guess, self._too_long + 1), self._fits - 1)

    def learn(self, choice: int, *, fits: bool, characters: int, tokens: int) -> None:
        """The thread from ``starts[choice]`` on, this many characters long, has this many tokens."""
        self._tries += 1
        if fits:
            self._fits = choice
        else:
            self._too_long = choice
        overhead = characters - self._characters_from[choice]
        self._room = self._limit * characters // max(tokens, 1) - overhead


class _Tail:
    """Finds how much to cut from the beginning of a reply so that its end fits, in few counts."""

    def __init__(self, reply: str, characters: int, tokens: int, limit: int) -> None:
        """characters, tokens: of the prompt with all of the reply."""
        self._reply = reply
        self._limit = limit
        self._cut = 0
        self.learn(characters, tokens)

    def next(self) -> int | None:
        """How many characters to cut; None when too little of the reply would be left to go on from."""
        left = len(self._reply) - self._cut
        at_least = self._cut + max(self._excess, left // 16, 1)
        space = self._reply.find(" ", at_least, at_least + _LONGEST_WORD)
        self._cut = at_least if space < 0 else space
        return self._cut if self._cut <= len(self._reply) - _SHORTEST_TAIL else None

    def learn(self, characters: int, tokens: int) -> None:
        """With what was cut last, the prompt is still this long."""
        self._excess = (tokens - self._limit) * characters // max(tokens, 1)
