"""Makes and saves a tiny language model with random weights: `python tiny_model.py FOLDER`. Run where torch is.

Its tokenizer knows single characters only, so that a text is cut into the same tokens however it came about: a reply
that is cut off and gone on with is then the same as one in one piece, as far as the engine is exact.
"""

import string
import sys

import torch  # type: ignore[import-not-found]
from tokenizers import Tokenizer, decoders, models, pre_tokenizers  # type: ignore[import-not-found]
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast  # type: ignore[import-not-found]

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def save(folder: str) -> None:
    """Configuration, weights and tokenizer, as from_pretrained reads them."""
    letters = [*string.ascii_letters, *string.digits, *".,?!:'", "Ġ", "Ċ"]  # byte-level names of space and newline
    vocabulary = {token: at for at, token in enumerate([*SPECIAL, *letters])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(SPECIAL)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token=SPECIAL[0], eos_token=SPECIAL[2])
    fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)
    torch.manual_seed(20)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=4096,
        bos_token_id=0,
        eos_token_id=2,
        initializer_range=0.2,  # enough to make likelier and less likely tokens
    )
    model = LlamaForCausalLM(config)
    model.generation_config.suppress_tokens = list(range(len(SPECIAL)))  # it never ends by itself
    model.generation_config.do_sample = True  # transformers serve samples only where the model's own files say so
    model.save_pretrained(folder)


if __name__ == "__main__":
    save(sys.argv[1])
