"""Rollouts with Hugging Face generate: sampling at temperature 1, all prompts times the group in one batch."""

import time

import torch

from turns import goodbye, say, wait_for_go
from work import Work


def run(job):
    work = Work(job)
    model = work.load_with_adapter().eval()
    suppressed = work.never_drawn()
    rows = work.prompts * work.group_size
    say({"ready": True, "attention": job["attention"]})
    turn = 0
    while wait_for_go():
        first = turn * work.prompts
        start = time.perf_counter()
        batch = work.batch([first + row // work.group_size for row in range(rows)])
        with torch.inference_mode():
            ids = model.generate(
                **batch,
                do_sample=True,
                temperature=1.0,
                top_k=0,
                top_p=1.0,
                max_new_tokens=work.completion_tokens,
                min_new_tokens=work.completion_tokens,
                suppress_tokens=suppressed,
            )
        seconds = time.perf_counter() - start
        if ids.shape[1] != job["promptTokens"] + work.completion_tokens:
            raise ValueError(f"completions have {ids.shape[1] - job['promptTokens']} tokens")
        say({"seconds": seconds, "tokensGenerated": rows * work.completion_tokens})
        turn += 1
    goodbye()
