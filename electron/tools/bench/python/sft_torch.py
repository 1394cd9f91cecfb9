"""A supervised step in plain torch: Hugging Face model, PEFT adapter, cross-entropy on the answer, clipping, AdamW."""

import time

import torch

from turns import goodbye, say, wait_for_go
from work import Work


def run(job):
    work = Work(job)
    model = work.load_with_adapter().train()
    size = job["supervisedBatch"]
    answer = work.answer_ids()
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=1e-5, weight_decay=0.0)
    say({"ready": True})
    turn = 0
    while wait_for_go():
        start = time.perf_counter()
        batch = work.batch([turn * size + row for row in range(size)])
        targets = torch.tensor([answer] * size)
        length = targets.shape[1]
        batch["input_ids"] = torch.cat([batch["input_ids"], targets], 1)
        batch["attention_mask"] = torch.ones_like(batch["input_ids"])
        if "mm_token_type_ids" in batch:
            types = batch["mm_token_type_ids"]
            batch["mm_token_type_ids"] = torch.cat([types, torch.zeros_like(targets, dtype=types.dtype)], 1)
        # Only what predicts the answer: the model makes no logits elsewhere.
        with work.autocast():
            logits = model(**batch, logits_to_keep=length + 1, use_cache=False).logits[:, :-1]
            loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1).float(), targets.flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        value = loss.item()
        seconds = time.perf_counter() - start
        say({"seconds": seconds, "loss": value, "tokens": size * (job["promptTokens"] + length)})
        turn += 1
    goodbye()
