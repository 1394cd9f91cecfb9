"""Supervised fine-tuning with TRL's SFTTrainer: the reference answer in its tags, and the end token. No more is imitated."""

import time

import torch
from accelerate.utils import gather_object
from trl import SFTConfig, SFTTrainer

from .results import WithoutPickle, resident_bytes, with_own

IGNORED = -100


class Collator:
    """Prompts as Atelier builds them, padded on the right; only the answer's tokens count."""

    def __init__(self, processor, end):
        self.processor = processor
        self.end = end

    def __call__(self, samples):
        rows = [self.row(sample) for sample in samples]
        longest = max(len(prompt) + len(target) for prompt, target, _ in rows)
        pad = self.processor.tokenizer.pad_token_id
        ids, mask, labels = [], [], []
        for prompt, target, _ in rows:
            empty = longest - len(prompt) - len(target)
            ids.append(prompt + target + [pad] * empty)
            mask.append([1] * (longest - empty) + [0] * empty)
            labels.append([IGNORED] * len(prompt) + target + [IGNORED] * empty)
        batch = {
            "input_ids": torch.tensor(ids),
            "attention_mask": torch.tensor(mask),
            "labels": torch.tensor(labels),
            "pixel_values": torch.cat([each["pixel_values"] for _, _, each in rows]),
            "image_grid_thw": torch.cat([each["image_grid_thw"] for _, _, each in rows]),
        }
        kinds = [each["mm_token_type_ids"][0].tolist() for _, _, each in rows if "mm_token_type_ids" in each]
        if len(kinds) == len(rows):
            batch["mm_token_type_ids"] = torch.tensor([kind + [0] * (longest - len(kind)) for kind in kinds])
        return batch

    def row(self, sample):
        text = self.processor.apply_chat_template(sample["prompt"], add_generation_prompt=True, tokenize=False)
        inputs = self.processor(text=[text], images=[[sample["image"]]], return_tensors="pt")
        answer = f"<answer> {sample['answer']} </answer>"
        target = self.processor.tokenizer.encode(answer, add_special_tokens=False) + [self.end]
        return inputs["input_ids"][0].tolist(), target, inputs


class Trainer(WithoutPickle, SFTTrainer):
    """Records what Atelier records of a supervised step."""

    step_started = None
    lengths = []

    def training_step(self, model, inputs, num_items_in_batch=None):
        # A step may be computed in parts, and by several workers.
        self.step_started = self.step_started or time.perf_counter()
        self.lengths += gather_object((inputs["labels"] != IGNORED).sum(dim=1).tolist())
        return super().training_step(model, inputs, num_items_in_batch)

    def log(self, logs, start_time=None):
        super().log(logs, start_time)
        if "loss" not in logs or "grad_norm" not in logs:
            return
        seconds, lengths = time.perf_counter() - self.step_started, self.lengths
        self.step_started, self.lengths = None, []
        if not self.accelerator.is_main_process:
            return
        absent = ("reward", "rewardStd", "fracRewardZeroStd", "beta", "kl", "entropy", "truncatedRatio")
        metrics = {
            "step": self.state.global_step,
            **dict.fromkeys((*absent, "clipRatioLow", "clipRatioHigh", "thinkRate")),
            "rewards": [],
            "loss": logs["loss"],
            "gradNorm": logs["grad_norm"],
            "learningRate": logs["learning_rate"],
            "completionLengthMean": sum(lengths) / len(lengths),
            "completionLengthMin": min(lengths),
            "completionLengthMax": max(lengths),
            "secondsGenerate": 0,
            "secondsScore": 0,
            "secondsUpdate": seconds,
            "secondsTotal": seconds,
            "tokensGenerated": 0,
            "residentBytes": resident_bytes(),
        }
        self.results.step(metrics, [])
        self.results.status("running", self.state.global_step)


def make(recipe, samples, model, processor, peft_config, common, own):
    end = model.generation_config.eos_token_id
    fixed = dict(
        max_length=None,
        completion_only_loss=True,
        train_sampling_strategy="sequential",
        remove_unused_columns=False,
        dataset_kwargs={"skip_prepare_dataset": True},
        **common,
    )
    config = SFTConfig(**with_own(fixed, own))
    return Trainer(
        model=model,
        args=config,
        train_dataset=samples,
        processing_class=processor,
        peft_config=peft_config,
        data_collator=Collator(processor, end[0] if isinstance(end, list) else end),
    )


