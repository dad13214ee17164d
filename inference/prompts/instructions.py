"""The system text of a prompt: the system prompt and, after it, the user's custom instructions."""

from inference.parameters import WorkParameters

PROFILE_HEADING = "What the user tells about themselves:"
RESPONSE_HEADING = "How the user wants to be answered:"


def system_text(parameters: WorkParameters) -> str | None:
    """The system prompt, then user_profile, then user_response_instructions; None when all are empty.

    Open-Assistant puts the custom instructions at the same place; the headings are ours.
    """
    parts = [
        (None, parameters.system_prompt),
        (PROFILE_HEADING, parameters.user_profile),
        (RESPONSE_HEADING, parameters.user_response_instructions),
    ]
    texts = [
        f"{heading}\n{text.strip()}" if heading else text.strip() for heading, text in parts if text and text.strip()
    ]
    return "\n\n".join(texts) or None
