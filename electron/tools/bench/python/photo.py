"""One token after a question about one photo, with transformers: its whole prefill, attention by torch's own kernel."""

import time

import torch
from PIL import Image
from transformers import Qwen2VLForConditionalGeneration

from turns import goodbye, say, wait_for_go
from work import load_processor


def run(job):
    path = job["modelPath"]
    processor = load_processor(path)
    model = Qwen2VLForConditionalGeneration.from_pretrained(path, dtype=torch.float32, attn_implementation="sdpa").eval()
    say({"ready": True})
    while wait_for_go():
        start = time.perf_counter()
        used = time.process_time()
        messages = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": job["prompt"]}]}]
        text = processor.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
        image = Image.open(job["imagePath"]).convert("RGB")
        batch = processor(text=[text], images=[[image]], return_tensors="pt")
        prepared = time.perf_counter()
        with torch.inference_mode():
            token = model(**batch, logits_to_keep=1).logits[0, -1].argmax().item()
        end = time.perf_counter()
        say(
            {
                "seconds": end - prepared,
                "wall": end - start,
                "processorSeconds": time.process_time() - used,
                "promptTokens": batch["input_ids"].shape[1],
                "token": token,
            }
        )
    goodbye()
