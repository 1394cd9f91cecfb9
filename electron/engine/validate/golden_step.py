"""
golden_step.py JOB OUT STEP: trains the job in JOB and writes to OUT what TRL made of one step: the batch, its losses, and
the gradients as a PEFT folder. The adapter from which the step started is the job's checkpoint of the step before.
"""

import json
import sys
from pathlib import Path

job, out, step = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
sys.path.insert(0, str(job))

import torch  # noqa: E402
from peft.utils import get_peft_model_state_dict  # noqa: E402
from safetensors.torch import save_file  # noqa: E402
from transformers import TrainerCallback  # noqa: E402

import train  # noqa: E402
from job.run import prepare  # noqa: E402
from job.folder import read_json  # noqa: E402
from job.samples import part_of, read_rows  # noqa: E402

options = train.arguments(["--cpu", "--results", str(out / "results")])
trainer, judge, results, recipe = prepare(options)
supervised = recipe["method"] == "sft"
golden = {"step": step}
collated = []


def collate(samples, collator=trainer.data_collator):
    """A supervised step's rows, in the order in which the steps draw them."""
    batch = collator(samples)
    collated.append((samples, batch))
    return batch


def record_supervised():
    samples, batch = collated[step - 1]
    counted = [(row != -100).tolist() for row in batch["labels"]]
    starts = [row.index(True) for row in counted]
    golden["samples"] = [sample["id"] for sample in samples]
    golden["promptIds"] = [ids[:start].tolist() for ids, start in zip(batch["input_ids"], starts, strict=True)]
    golden["completionIds"] = [
        ids[start : start + sum(row)].tolist() for ids, start, row in zip(batch["input_ids"], starts, counted, strict=True)
    ]




def recorded(inputs):
    output = generated(inputs)
    if trainer.state.global_step == step - 1:
        counted = [mask.sum().item() for mask in output["completion_mask"]]
        golden["samples"] = [sample["id"] for sample in inputs]
        golden["promptIds"] = [
            ids[mask.bool()].tolist() for ids, mask in zip(output["prompt_ids"], output["prompt_mask"], strict=True)
        ]
        golden["completionIds"] = [
            ids[:length].tolist() for ids, length in zip(output["completion_ids"], counted, strict=True)
        ]
        golden["scores"] = judge.last["scores"]
        golden["advantages"] = output["advantages"].tolist()
        golden["refLogprobs"] = [
            row[:length].tolist() for row, length in zip(output["ref_per_token_logps"], counted, strict=True)
        ]
    return output


class Gradients(TrainerCallback):
    def on_pre_optimizer_step(self, args, state, control, **kwargs):
        if state.global_step != step - 1:
            return
        model = trainer.accelerator.unwrap_model(trainer.model)
        named = {name: value.grad for name, value in model.named_parameters() if value.grad is not None}
        gradients = get_peft_model_state_dict(model, state_dict=named)
        folder = out / "gradients"
        folder.mkdir()
        save_file({name: value.clone().contiguous() for name, value in gradients.items()}, str(folder / "adapter_model.safetensors"))
        before = results.folder("checkpoints", step - 1) / "adapter_config.json"
        (folder / "adapter_config.json").write_text(before.read_text())


if supervised:
    trainer.data_collator = collate
else:
    generated = trainer._generate_and_score_completions
    trainer._generate_and_score_completions = recorded
trainer.add_callback(Gradients())
out.mkdir(parents=True, exist_ok=True)
trainer.train()
judge.close()
if supervised:
    record_supervised()

(out / "images").mkdir()
drawn = {}
rows = read_rows(read_json("plan.json")["data"])
golden["drawnFrom"] = [{"id": row["id"], "part": part_of(row)} for row in rows]
for row in rows:
    if row["id"] in golden["samples"]:
        path = out / "images" / row["image_sha256"]
        path.write_bytes(row["image"]["bytes"])
        drawn[row["id"]] = {
            "id": row["id"],
            "imagePath": str(path),
            "upright": row["upright"],
            "prompt": row["prompt"],
            "answer": row["answer"],
            "task": row["task"],
            "part": part_of(row),
        }
groups = golden["samples"] if supervised else golden["samples"][:: recipe["grpo"]["numGenerations"]]
golden["samples"] = [drawn[name] for name in groups]
(out / "golden.json").write_text(json.dumps(golden), encoding="utf-8")
assert torch.isfinite(torch.tensor(golden.get("advantages", [0.0]))).all()
