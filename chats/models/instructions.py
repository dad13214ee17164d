"""Instructions: what a model is told before the messages of a thread."""

from django.db import models

INSTRUCTIONS_LENGTH = 10_000
"""Characters of each; they take their room out of every prompt."""

INSTRUCTIONS = ("system_prompt", "user_profile", "user_response_instructions")
"""The fields, in the order in which a model reads them (inference.prompts.instructions)."""


class Instructions(models.Model):
    """A system prompt and Open-Assistant's two custom instructions; empty: none."""

    system_prompt = models.TextField(blank=True, default="", db_default="")
    user_profile = models.TextField(
        blank=True, default="", db_default="", help_text="What the user tells about themselves."
    )
    user_response_instructions = models.TextField(
        blank=True, default="", db_default="", help_text="How the user wants to be answered."
    )

    class Meta:
        abstract = True
