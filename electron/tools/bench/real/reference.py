"""What transformers computes with SmolLM2's published weights, for real.ts to compare with.

Usage: python reference.py MODEL.gguf BFLOAT16_FOLDER TOKENS < QUESTIONS.json > ANSWERS.json

The GGUF file is read here once more, by other code, and becomes a plain LlamaForCausalLM: neither Atelier's reader nor the
layout it writes is trusted. The checkpoint that Atelier wrote in bfloat16 is loaded as Qwen2-VL. Everything is computed in
float32.
"""

import json
import re
import struct
import sys

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import AutoModelForImageTextToText, LlamaConfig, LlamaForCausalLM

NUMBERS = {4: "I", 5: "i", 6: "f", 7: "?"}
TEXT, LIST = 8, 9
LAYER = {
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def values(raw: memoryview, kind: int, count: int) -> np.ndarray:
    if kind == 0:
        return np.frombuffer(raw, "<f4", count).copy()
    if kind == 8:
        blocks = np.frombuffer(raw, np.dtype([("d", "<f2"), ("q", "i1", 32)]), count // 32)
        return (blocks["q"] * blocks["d"].astype("f4")[:, None]).reshape(-1)
    if kind == 3:
        blocks = np.frombuffer(raw, np.dtype([("d", "<f2"), ("m", "<f2"), ("q", "u1", 16)]), count // 32)
        quants = np.concatenate([blocks["q"] & 15, blocks["q"] >> 4], axis=1).astype("f4")
        return (quants * blocks["d"].astype("f4")[:, None] + blocks["m"].astype("f4")[:, None]).reshape(-1)
    raise ValueError(f"type {kind}")


class Gguf:
    """https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, as far as this file needs it."""

    def __init__(self, path: str) -> None:
        self.bytes = memoryview(open(path, "rb").read())
        self.at = 4
        version, tensors, entries = self.number("I"), self.number("Q"), self.number("Q")
        assert version == 3
        self.metadata = {}
        for _ in range(entries):
            key = self.text()
            self.metadata[key] = self.value(self.number("I"))
        places = []
        for _ in range(tensors):
            name = self.text()
            shape = [self.number("Q") for _ in range(self.number("I"))][::-1]
            places.append((name, shape, self.number("I"), self.number("Q")))
        start = (self.at + 31) // 32 * 32
        self.tensors = {
            name: torch.from_numpy(values(self.bytes[start + begin :], kind, int(np.prod(shape)))).reshape(shape)
            for name, shape, kind, begin in places
        }

    def number(self, code: str):
        size = struct.calcsize("<" + code)
        (found,) = struct.unpack("<" + code, self.bytes[self.at : self.at + size])
        self.at += size
        return found

    def text(self) -> str:
        length = self.number("Q")
        self.at += length
        return bytes(self.bytes[self.at - length : self.at]).decode("utf-8")

    def value(self, kind: int):
        if kind == TEXT:
            return self.text()
        if kind == LIST:
            inner, count = self.number("I"), self.number("Q")
            return [self.value(inner) for _ in range(count)]
        return self.number(NUMBERS[kind])


def llama(path: str) -> LlamaForCausalLM:
    gguf = Gguf(path)
    of = lambda key: gguf.metadata[f"llama.{key}"]  # noqa: E731
    heads, kv_heads = of("attention.head_count"), of("attention.head_count_kv")
    config = LlamaConfig(
        vocab_size=of("vocab_size"),
        hidden_size=of("embedding_length"),
        intermediate_size=of("feed_forward_length"),
        num_hidden_layers=of("block_count"),
        num_attention_heads=heads,
        num_key_value_heads=kv_heads,
        max_position_embeddings=of("context_length"),
        rms_norm_eps=1e-5,
        rope_parameters={"rope_type": "default", "rope_theta": of("rope.freq_base")},
        tie_word_embeddings=True,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
    )
    state = {
        "model.embed_tokens.weight": gguf.tensors["token_embd.weight"],
        "lm_head.weight": gguf.tensors["token_embd.weight"],
        "model.norm.weight": gguf.tensors["output_norm.weight"],
    }
    for name, tensor in gguf.tensors.items():
        found = re.fullmatch(r"blk\.(\d+)\.(\w+)\.weight", name)
        if found is None:
            continue
        layer, module = found.groups()
        if module in ("attn_q", "attn_k"):
            count = heads if module == "attn_q" else kv_heads
            rows, columns = tensor.shape
            # The way back of `permute` in llama.cpp's converter.
            tensor = tensor.reshape(count, rows // count // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)
        state[f"model.layers.{layer}.{LAYER[module]}.weight"] = tensor
    model = LlamaForCausalLM(config)
    model.load_state_dict(state, strict=True)
    return model.eval()


@torch.no_grad()
def answer(model, ids: list[int], tokens: int) -> dict:
    prompt = torch.tensor([ids])
    out = model.generate(
        input_ids=prompt,
        attention_mask=torch.ones_like(prompt),
        do_sample=False,
        max_new_tokens=tokens,
        eos_token_id=2,
        pad_token_id=2,
    )[0]
    logits = model(input_ids=out[None], attention_mask=torch.ones_like(out)[None], use_cache=False).logits[0]
    steps = logits[len(ids) - 1 : -1]
    chosen = out[len(ids) :]
    margins = steps.topk(2).values
    return {
        "ids": chosen.tolist(),
        "logprobs": torch.log_softmax(steps, -1).gather(1, chosen[:, None])[:, 0].tolist(),
        "margins": (margins[:, 0] - margins[:, 1]).tolist(),
        "top": steps[0].topk(5).values.tolist(),
        "topIds": steps[0].topk(5).indices.tolist(),
    }


def main() -> None:
    path, bfloat16, tokens = sys.argv[1:]
    torch.set_num_threads(1)
    questions = json.load(sys.stdin)
    tokenizer = Tokenizer.from_file(f"{bfloat16}/tokenizer.json")
    system = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
    prompts = [
        tokenizer.encode(
            f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n"
        ).ids
        for question in questions
    ]
    sides = {
        "float32": lambda: llama(path),
        "bfloat16": lambda: AutoModelForImageTextToText.from_pretrained(bfloat16, dtype=torch.float32).eval(),
    }
    answers = {}
    for name, load in sides.items():
        model = load()
        answers[name] = [answer(model, ids, int(tokens)) for ids in prompts]
    for each in answers.values():
        for one in each:
            one["text"] = tokenizer.decode(one["ids"])
    json.dump({"prompts": prompts, "answers": answers}, sys.stdout)


main()
