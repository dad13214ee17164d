"""The system prompt and the custom instructions after it."""

from inference.parameters import WorkModelConfig, WorkParameters
from inference.prompts import system_text


def parameters(**instructions: str) -> WorkParameters:
    config = WorkModelConfig(model_id="a", max_input_length=1, max_total_length=2)
    return WorkParameters(config=config, seed=0, **instructions)


def test_custom_instructions_stand_after_the_system_prompt():
    text = system_text(
        parameters(
            system_prompt="You are a librarian.",
            user_profile="I am eight years old.",
            user_response_instructions="Use short sentences.\n",
        )
    )
    assert text == (
        "You are a librarian.\n\n"
        "What the user tells about themselves:\nI am eight years old.\n\n"
        "How the user wants to be answered:\nUse short sentences."
    )


def test_what_is_empty_is_not_mentioned():
    assert system_text(parameters(user_profile=" \n", system_prompt="Be kind.")) == "Be kind."
    assert system_text(parameters()) is None
