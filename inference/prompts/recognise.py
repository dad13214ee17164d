"""Finds out which prompt format a model's own template is, from what the template makes of a trial conversation."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from inference.prompts.formats import ENGINES_OWN, FORMATS
from inference.prompts.raw import RAW
from inference.prompts.thread import ThreadMessage

TRIAL: Sequence[ThreadMessage] = (
    ThreadMessage("prompter", "Is a llama a camelid?"),
    ThreadMessage("assistant", "It is."),
    ThreadMessage("prompter", "And an alpaca?"),
)
"""The conversation that a template is tried with. Two prompts: some templates treat the first one differently."""

_OPENED = re.compile(r"<think>\s*\Z")


@dataclass(frozen=True, slots=True)
class Recognised:
    """prompt_format: None when it is none of ours. opens_thoughts: the prompt ends inside of thoughts."""

    prompt_format: str | None
    opens_thoughts: bool


def recognise(rendered: str) -> Recognised:
    """The format of a template that made `rendered` of TRIAL, open for the reply.

    What stands before the conversation is not looked at: engines add a begin-of-text token themselves, and templates
    have default system prompts.
    """
    opened = _OPENED.search(rendered)
    text = rendered[: opened.start()] if opened else rendered
    fitting = [
        name
        for name, form in FORMATS.items()
        if name not in (ENGINES_OWN, RAW) and text.endswith(form.render(TRIAL, None))
    ]
    best = max(fitting, key=lambda name: len(FORMATS[name].render(TRIAL, None)), default=None)
    return Recognised(best, bool(opened))
