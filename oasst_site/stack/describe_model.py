"""What a model's own files say of it: its length, and what its template makes of a conversation.

Run by the Python of the local engine, which has transformers and nothing of ours:
`python describe_model.py MODEL MESSAGES OUT`. MODEL: a folder or a hub id. MESSAGES: JSON, by role. OUT: a JSON file.
"""

import json
import sys
from pathlib import Path
from typing import Any


def describe(model: str, messages: list[dict[str, str]]) -> dict[str, Any]:
    """max_length (tokens), rendered, thinks; null where the files do not say. Raises what transformers raises."""
    from transformers import AutoConfig, AutoTokenizer  # type: ignore[import-not-found]

    config = AutoConfig.from_pretrained(model)
    inner = config.get_text_config()
    lengths = (getattr(inner, name, None) for name in ("max_position_embeddings", "n_positions", "seq_length"))
    tokenizer = AutoTokenizer.from_pretrained(model)
    template = tokenizer.chat_template
    rendered = None
    if template:
        rendered = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    return {
        "max_length": next((length for length in lengths if isinstance(length, int)), None),
        "rendered": rendered,
        "thinks": "</think>" in str(template),
    }


if __name__ == "__main__":
    _, model_, messages_, out = sys.argv
    try:
        told = describe(model_, json.loads(messages_))
    except (OSError, ValueError) as error:  # transformers' own words, on one line
        sys.exit(" ".join(str(error).split()).rstrip("."))
    Path(out).write_text(json.dumps(told), encoding="utf-8")
