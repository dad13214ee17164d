"""Reads a prompt backwards: which user message is to be answered, and what of the reply is there already.

The formats are those of ``inference.prompts``; a prompt in none of them is one user message.
"""

from dataclasses import dataclass

from inference.prompts import FORMATS, TurnFormat

_END = "<|endoftext|>"


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the stand-in models need to know of a prompt.

    user: the last user message as it stands in the prompt, without white space at its ends. Formats without a
        system turn keep the system prompt in a user message, and so it may be a part of this.
    earlier: how many user messages stand before it.
    continuation: the beginning of the reply, when the prompt ends in it; the reply goes on behind it.
    end: the control token with which a model of this format ends its reply.
    """

    user: str
    earlier: int = 0
    continuation: str = ""
    end: str = _END


def parse_prompt(text: str) -> Prompt:
    """The prompt that this text is."""
    for form in FORMATS.values():
        if isinstance(form, TurnFormat):
            prompt = _read(form, text)
            if prompt is not None:
                return prompt
    return Prompt(user=text.strip())


def _read(form: TurnFormat, text: str) -> Prompt | None:
    """The prompt in this format, or None when it is not in it."""
    opening = form.assistant.before if form.opening is None else form.opening
    starts = _starts(text, form.prompter.before)
    if starts:
        rest = text[starts[-1] + len(form.prompter.before) :]
    elif opening.strip():
        rest = text  # the beginning was truncated away, in the middle of the last user message
    else:
        return None
    user, found, continuation = rest.partition(form.prompter.after + opening)
    if not found:
        return None
    earlier = max(0, len(starts) - 1)
    return Prompt(user.strip(), earlier, continuation, form.assistant.after.strip() or _END)


def _starts(text: str, mark: str) -> list[int]:
    """Where user messages begin. A mark of plain words counts only at the beginning of a line."""
    starts = []
    at = text.find(mark)
    while at >= 0:
        if not mark[0].isalpha() or at == 0 or text[at - 1] == "\n":
            starts.append(at)
        at = text.find(mark, at + len(mark))
    return starts
