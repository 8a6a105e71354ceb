# SPDX-License-Identifier: BSD-2-Clause
"""make_model.py FOLDER KIND: a small random model in Hugging Face's layout.

KIND is llama or qwen3.  Its tokens are bytes; its conversations have a form of
their own.  Needs transformers and torch.
"""
import sys

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

KINDS = {"llama": "Llama", "qwen3": "Qwen3"}
FORM = ("{% for m in messages %}<|{{ m.role }}|>{{ m.content }}"
        "{% if m.tool_calls %}!{{ m.tool_calls | length }}{% endif %}<|end|>"
        "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}")


def main(folder, kind):
    special = ["<|end|>", "<|pad|>", "<|user|>", "<|assistant|>",
               "<|system|>", "<|tool|>"]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    numbers = {text: i for i, text in enumerate([*special, *letters])}
    tokenizer = Tokenizer(models.BPE(vocab=numbers, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    made = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|end|>", pad_token="<|pad|>",
        additional_special_tokens=special[2:])
    made.chat_template = FORM
    made.save_pretrained(folder)
    config = getattr(transformers, KINDS[kind] + "Config")(
        vocab_size=len(numbers), hidden_size=64, intermediate_size=128,
        num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        max_position_embeddings=256, tie_word_embeddings=False,
        eos_token_id=0, bos_token_id=None, pad_token_id=1,
        **({"head_dim": 16} if kind == "qwen3" else {}))
    torch.manual_seed(1)
    getattr(transformers, KINDS[kind] + "ForCausalLM")(config) \
        .save_pretrained(folder, safe_serialization=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
