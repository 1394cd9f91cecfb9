"""One measuring process of the Python stack: peer.py JOB (JSON). See turns.py for how it is driven."""

import json
import os
import sys


def main():
    job = json.loads(sys.argv[1])
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    # Before torch is imported. Threads that sleep between parallel parts leave the cores to the other side's turn.
    os.environ["OMP_NUM_THREADS"] = str(job["threads"])
    import torch

    torch.set_num_threads(job["threads"])
    torch.manual_seed(1)
    if job["kind"] == "grpo":
        from grpo import run
    elif job["kind"] == "generate":
        from generate import run
    elif job["kind"] == "photo":
        from photo import run
    elif job["kind"] == "one-row":
        from one_row import run
    elif job["kind"] == "sft-torch":
        from sft_torch import run
    elif job["kind"] == "sft-trl":
        from sft_trl import run
    else:
        raise ValueError(job["kind"])
    run(job)


main()
