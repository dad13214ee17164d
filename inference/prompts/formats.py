"""The prompt formats by name.

Each is the chat template of its family as the model cards give it, less the begin-of-text token (engines add
it) and less default system prompts (only what was asked for is said).
"""

from inference.prompts.raw import RawFormat
from inference.prompts.turns import PromptFormat, Turn, TurnFormat

_OASST = TurnFormat(
    name="oasst",
    system=Turn("<|system|>", "<|endoftext|>"),
    prompter=Turn("<|prompter|>", "<|endoftext|>"),
    assistant=Turn("<|assistant|>", "<|endoftext|>"),
    stop_sequences=("<|endoftext|>", "<|prompter|>", "<|assistant|>", "<|system|>"),
)

_OASST_LLAMA = TurnFormat(
    name="oasst-llama",
    system=Turn("<|system|>", "</s>"),
    prompter=Turn("<|prompter|>", "</s>"),
    assistant=Turn("<|assistant|>", "</s>"),
    stop_sequences=("</s>", "<|prompter|>", "<|assistant|>", "<|system|>"),
    control=("<s>", "</s>"),
)

_CHATML = TurnFormat(
    name="chatml",
    system=Turn("<|im_start|>system\n", "<|im_end|>\n"),
    prompter=Turn("<|im_start|>user\n", "<|im_end|>\n"),
    assistant=Turn("<|im_start|>assistant\n", "<|im_end|>\n"),
    stop_sequences=("<|im_end|>", "<|im_start|>"),
)

_LLAMA_3 = TurnFormat(
    name="llama-3",
    system=Turn("<|start_header_id|>system<|end_header_id|>\n\n", "<|eot_id|>"),
    prompter=Turn("<|start_header_id|>user<|end_header_id|>\n\n", "<|eot_id|>"),
    assistant=Turn("<|start_header_id|>assistant<|end_header_id|>\n\n", "<|eot_id|>"),
    stop_sequences=("<|eot_id|>", "<|start_header_id|>"),
    trim=True,
)

_MISTRAL = TurnFormat(
    name="mistral",
    system=None,
    system_joins="newest",
    prompter=Turn("[INST] ", "[/INST]"),
    assistant=Turn(" ", "</s>"),
    opening="",
    stop_sequences=("</s>", "[INST]"),
    control=("<s>", "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[TOOL_CALLS]", "[TOOL_RESULTS]"),
)

_MISTRAL_TEKKEN = TurnFormat(
    name="mistral-tekken",
    system=None,
    system_joins="newest",
    prompter=Turn("[INST]", "[/INST]"),
    assistant=Turn("", "</s>"),
    stop_sequences=("</s>", "[INST]"),
    control=_MISTRAL.control,
)

_GEMMA = TurnFormat(
    name="gemma",
    system=None,
    prompter=Turn("<start_of_turn>user\n", "<end_of_turn>\n"),
    assistant=Turn("<start_of_turn>model\n", "<end_of_turn>\n"),
    stop_sequences=("<end_of_turn>", "<start_of_turn>"),
    control=("<start_of_turn>", "<end_of_turn>", "<bos>", "<eos>"),
    trim=True,
)

_PHI_3 = TurnFormat(
    name="phi-3",
    system=Turn("<|system|>\n", "<|end|>\n"),
    prompter=Turn("<|user|>\n", "<|end|>\n"),
    assistant=Turn("<|assistant|>\n", "<|end|>\n"),
    stop_sequences=("<|end|>", "<|user|>"),
)

_PLAIN = TurnFormat(
    name="plain",
    system=Turn("", "\n\n"),
    prompter=Turn("User: ", "\n"),
    assistant=Turn("Assistant: ", "\n"),
    opening="Assistant:",
    stop_sequences=("\nUser:", "\nAssistant:"),
    control=("\nUser:", "\nAssistant:"),
    trim=True,
)

ENGINES_OWN = "engine"
"""The format of models whose engine applies the model's own template: it gets messages by role, not a text.

The text that this format writes only serves to count tokens: it marks turns as much as any template does.
"""

_ENGINE = TurnFormat(
    name=ENGINES_OWN,
    system=_CHATML.system,
    prompter=_CHATML.prompter,
    assistant=_CHATML.assistant,
    stop_sequences=(),
)

FORMATS: dict[str, PromptFormat] = {
    form.name: form
    for form in (
        _OASST,
        _OASST_LLAMA,
        _CHATML,
        _LLAMA_3,
        _MISTRAL,
        _MISTRAL_TEKKEN,
        _GEMMA,
        _PHI_3,
        _PLAIN,
        _ENGINE,
        RawFormat(),
    )
}


def get_format(name: str) -> PromptFormat:
    """The format of this name; raises ``KeyError`` with the known names for any other."""
    try:
        return FORMATS[name]
    except KeyError:
        raise KeyError(f"unknown prompt format {name!r}; there are {', '.join(FORMATS)}") from None
