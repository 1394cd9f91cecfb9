"""One answer by itself with transformers, in float32: milliseconds for each token at a row of one."""

import time

import torch
from transformers import Qwen2VLForConditionalGeneration

from turns import goodbye, say, wait_for_go
from work import load_processor


def run(job):
    path = job["modelPath"]
    processor = load_processor(path)
    model = Qwen2VLForConditionalGeneration.from_pretrained(path, dtype=torch.float32, attn_implementation="sdpa").eval()
    messages = [{"role": "user", "content": [{"type": "text", "text": job["prompt"]}]}]
    text = processor.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    batch = processor(text=[text], return_tensors="pt")

    def answer(tokens):
        start, used = time.perf_counter(), time.process_time()
        with torch.inference_mode():
            model.generate(**batch, max_new_tokens=tokens, min_new_tokens=tokens, do_sample=False)
        return time.perf_counter() - start, time.process_time() - used

    answer(job["few"])
    say({"ready": True})
    while wait_for_go():
        few, many = answer(job["few"]), answer(job["many"])
        seconds, processor_seconds = ((b - a) / (job["many"] - job["few"]) for a, b in zip(few, many))
        say({"millisecondsPerToken": 1000 * seconds, "processorMilliseconds": 1000 * processor_seconds})
    goodbye()
