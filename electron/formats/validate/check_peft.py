"""Loads a base model and an adapter with transformers and PEFT (CPU, float32) and compares them with `atelier score`.

Usage: python check_peft.py BASE ADAPTER ITEMS.jsonl SCORES.jsonl

ITEMS holds the questions as `atelier score` reads them, SCORES what it answered. Prompt ids, completion ids and the ids
of the five largest logits must be equal, log-probs and logits within 1e-3; the adapter must also change something, so
that an adapter which is silently ignored cannot pass. Prints one line an item; ends with status 1 if one differs.
"""

import json
import pathlib
import sys
import warnings

import torch
from peft import PeftModel
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoTokenizer
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
from transformers.models.smolvlm.image_processing_pil_smolvlm import SmolVLMImageProcessorPil
from transformers.models.smolvlm.processing_smolvlm import get_image_prompt_string

TOLERANCE = 1e-3


class Reference:
    """Base and adapter as others load them; prompts are rendered by the template that lies beside the weights."""

    def __init__(self, base: pathlib.Path, adapter: pathlib.Path) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(base)
        model = AutoModelForImageTextToText.from_pretrained(base, dtype=torch.float32)
        self.tiled = model.config.model_type in ("smolvlm", "idefics3")
        # Pillow's resize, as the studio computes it; the torchvision one differs by a level of grey here and there. An
        # exported bundle has the limit of its run.
        kind = SmolVLMImageProcessorPil if self.tiled else Qwen2VLImageProcessorPil
        self.images = kind.from_pretrained(adapter if (adapter / "preprocessor_config.json").exists() else base)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            self.model = PeftModel.from_pretrained(model, adapter).eval()
        for warning in caught:
            text = str(warning.message)
            if "missing" in text.lower() or "unexpected" in text.lower():
                raise SystemExit(f"  FAILED  PEFT did not find all tensors of the adapter: {text}")
        self.image_id = self.model.config.image_token_id

    def prompt(self, item: dict, folder: pathlib.Path) -> tuple[list[int], dict]:
        content = [{"type": "image"} for _ in item["images"]] + [{"type": "text", "text": item["prompt"]}]
        text = self.tokenizer.apply_chat_template(
            [{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True
        )
        if self.tiled and item["images"]:
            return self.tiles(text, item, folder)
        ids = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        if not item["images"]:
            return ids, {}
        pictures = [Image.open(folder / name) for name in item["images"]]
        features = self.images(pictures, return_tensors="pt")
        merge = self.images.merge_size**2
        counts = [int(grid.prod()) // merge for grid in features["image_grid_thw"]]
        expanded: list[int] = []
        for token in ids:
            expanded += [token] * (counts.pop(0) if token == self.image_id else 1)
        return expanded, dict(features)

    def tiles(self, text: str, item: dict, folder: pathlib.Path) -> tuple[list[int], dict]:
        """SmolVLM: every tile of each picture, and the whole once more."""
        pictures = [Image.open(folder / name).convert("RGB") for name in item["images"]]
        features = self.images([pictures], return_tensors="pt", return_row_col_info=True)
        rows, columns = features.pop("rows")[0], features.pop("cols")[0]
        side = self.images.max_image_size["longest_edge"] // self.model.config.vision_config.patch_size
        tokens = (side // self.model.config.scale_factor) ** 2
        marks = ("<fake_token_around_image>", "<image>", "<global-img>")
        before, *after = text.split("<image>")
        for index, part in enumerate(after):
            before += get_image_prompt_string(rows[index], columns[index], tokens, *marks) + part
        return self.tokenizer(before, add_special_tokens=False)["input_ids"], dict(features)

    @torch.no_grad()
    def logits(self, ids: list[int], features: dict) -> torch.Tensor:
        tokens = torch.tensor([ids])
        kinds = {"mm_token_type_ids": (tokens == self.image_id).int()} if features and not self.tiled else {}
        return self.model(
            input_ids=tokens, attention_mask=torch.ones_like(tokens), use_cache=False, **kinds, **features
        ).logits[0]

    def score(self, item: dict, folder: pathlib.Path) -> dict:
        prompt, features = self.prompt(item, folder)
        completion = self.tokenizer(item["completion"], add_special_tokens=False)["input_ids"]
        logits = self.logits(prompt + completion, features)
        with self.model.disable_adapter():
            without = self.logits(prompt + completion, features)
        start = len(prompt) - 1
        rows = torch.log_softmax(logits[start : start + len(completion)], dim=-1)
        top = logits[start].topk(5)
        return {
            "promptIds": prompt,
            "completionIds": completion,
            "logprobs": [float(row[token]) for row, token in zip(rows, completion)],
            "topIds": top.indices.tolist(),
            "topLogits": top.values.tolist(),
            "moved": float((logits - without).abs().max()),
        }


def faults(ours: dict, theirs: dict) -> list[str]:
    found = [f"{key} differ" for key in ("promptIds", "completionIds") if ours[key] != theirs[key]]
    if found:
        return found
    if [entry["id"] for entry in ours["topLogits"]] != theirs["topIds"]:
        found.append("the five largest logits have other ids")
    pairs = list(zip(ours["logprobs"], theirs["logprobs"]))
    pairs += list(zip((entry["logit"] for entry in ours["topLogits"]), theirs["topLogits"]))
    apart = max((abs(a - b) for a, b in pairs), default=0.0)
    if not apart <= TOLERANCE:
        found.append(f"numbers are {apart:.2e} apart")
    theirs["apart"] = apart
    return found


def main() -> int:
    base, adapter, items, scores = (pathlib.Path(argument) for argument in sys.argv[1:5])
    torch.set_num_threads(1)
    reference = Reference(base, adapter)
    rows = [json.loads(line) for line in items.read_text(encoding="utf-8").splitlines() if line.strip()]
    ours = [json.loads(line) for line in scores.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert len(rows) == len(ours) > 0, f"{len(rows)} questions, {len(ours)} answers"
    failed, moved = 0, 0.0
    for number, (item, mine) in enumerate(zip(rows, ours), start=1):
        theirs = reference.score(item, items.parent)
        found = faults(mine, theirs)
        moved = max(moved, theirs["moved"])
        if found:
            failed += 1
            print(f"  FAILED  item {number}: {'; '.join(found)}")
        else:
            print(
                f"  ok      item {number}: {len(theirs['promptIds'])} + {len(theirs['completionIds'])} ids equal, "
                f"top five equal, at most {theirs['apart']:.1e} apart"
            )
    print(f"  {'ok    ' if moved > TOLERANCE else 'FAILED'}  the adapter moves logits by up to {moved:.3f}")
    return 1 if failed or moved <= TOLERANCE else 0


sys.exit(main())
