"""Runs exports for MLX with PyPI's mlx-vlm on the processor, for mlx.ts to compare with.

Usage: python mlx_vlm_check.py < JOB.json > ANSWER.json

JOB: {"folder": PATH, "tokens": N, "items": [{"text": PROMPT with its marks of pictures, "images": [PATH, …]}, …]}
ANSWER: {"items": [{"prompt": [ID, …], "tokens": [ID, …]}, …] or null, "missing": the name of a package that is not there, or null}
"""

import json
import os
import sys


def run(job: dict) -> list[dict]:
    import mlx.core as mx
    from mlx_vlm import load
    from mlx_vlm.generate import generate_step
    from mlx_vlm.utils import prepare_inputs

    mx.set_default_device(mx.cpu)
    model, processor = load(job["folder"])
    image = getattr(model.config, "image_token_index", None)
    answers = []
    for item in job["items"]:
        inputs = prepare_inputs(
            processor, images=item["images"] or None, prompts=item["text"], image_token_index=image
        )
        ids, mask, pixels = (inputs.pop(key, None) for key in ("input_ids", "attention_mask", "pixel_values"))
        steps = generate_step(
            ids, model, pixels, mask, max_tokens=job["tokens"], temperature=0.0, repetition_penalty=1.0, **inputs
        )
        answers.append({"prompt": ids[0].tolist(), "tokens": [int(token) for token, _ in steps]})
    return answers


def main() -> None:
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    job = json.load(sys.stdin)
    answer = {"items": None, "missing": None}
    try:
        answer["items"] = run(job)
    except ModuleNotFoundError as error:
        answer["missing"] = error.name
    json.dump(answer, out)
    out.flush()
    os._exit(0)


main()
