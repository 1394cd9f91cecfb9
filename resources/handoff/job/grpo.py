"""GRPO and GRPO-D with TRL's GRPOTrainer. GRPO-D is a plan: the KL weight of each step, drawn by Atelier."""

import time

from accelerate.utils import gather_object
from transformers import TrainerCallback
from trl import GRPOConfig, GRPOTrainer

from .results import WithoutPickle, resident_bytes, with_own

# TRL computes no reference log-probs at a KL weight of exactly 0, and then measures no KL. Atelier does.
ALMOST_ZERO = 1e-12


class PlannedBeta(TrainerCallback):
    """Sets the KL weight of each step before the step begins, and after a resume too."""

    def __init__(self, plan, needs_reference):
        self.plan = plan
        self.needs_reference = needs_reference
        self.trainer = None

    def on_step_begin(self, args, state, control, **kwargs):
        planned = self.plan[state.global_step]
        self.trainer.beta = ALMOST_ZERO if planned == 0 and self.needs_reference else planned


def reward_function(key, column, dataset, judge):
    """
    One reward of one dataset as TRL wants it; it has no opinion on the answers to others. The first of a batch has the judge
    score all of them.
    """

    def score(completions, answer, task, part, **kwargs):
        items = [
            {"completion": completion[0]["content"], "answer": one, "task": kind, "part": place}
            for completion, one, kind, place in zip(completions, answer, task, part, strict=True)
        ]
        if judge.last_items != items:
            judge.last_items, judge.last = items, judge.score(items)
        return [row[column] if place == dataset else None for row, place in zip(judge.last["scores"], part, strict=True)]

    score.__name__ = key if dataset == 0 else f"{key}/{dataset}"
    return score


def reward_functions(plan, judge):
    """
    All rewards of every dataset, and the weight of each. TRL has one weight for a reward, and datasets may weigh the same one
    differently, so each has its own.
    """
    functions, weights = [], []
    for dataset, own in enumerate(plan["rewardWeights"]):
        for column, key in enumerate(plan["rewardKeys"]):
            functions.append(reward_function(key, column, dataset, judge))
            weights.append(own[column])
    return functions, weights


class Trainer(WithoutPickle, GRPOTrainer):
    """Records what Atelier records of a step."""

    judge = None
    step_started = None

    def _generate(self, prompts):
        started = time.perf_counter()
        made = super()._generate(prompts)
        self.seconds_generate = time.perf_counter() - started
        return made

    def _generate_and_score_completions(self, inputs):
        started = time.perf_counter()
        output = super()._generate_and_score_completions(inputs)
        self.seconds_score = time.perf_counter() - started - self.seconds_generate
        ends = set(self.eos_token_ids)
        records = []
        for row, (sample, ids) in enumerate(zip(inputs, output["completion_ids"].tolist(), strict=True)):
            length = next((place + 1 for place, token in enumerate(ids) if token in ends), None)
            records.append(
                {
                    "sampleId": sample["id"],
                    "part": sample["part"],
                    "text": self.judge.last_items[row]["completion"],
                    "tokens": self.lengths[row] if length is None else length,
                    "truncated": length is None,
                    "scores": self.judge.last["scores"][row],
                    "verdict": self.judge.last["verdicts"][row],
                    "thought": self.judge.last["thoughts"][row],
                    "advantage": float(output["advantages"][row]),
                }
            )
        self.records = gather_object(records)
        return output

    def _calculate_rewards(self, inputs, prompts, completions, completion_ids_list):
        self.lengths = [len(ids) for ids in completion_ids_list]
        return super()._calculate_rewards(inputs, prompts, completions, completion_ids_list)

    def training_step(self, model, inputs, num_items_in_batch):
        # A step may be computed in parts.
        self.step_started = self.step_started or time.perf_counter()
        self.applied_beta = float(self.beta)
        return super().training_step(model, inputs, num_items_in_batch)

    def log(self, logs, start_time=None):
        # One value for each part of the step.
        measured = {key: sum(values) / len(values) for key, values in self._metrics["train"].items() if values}
        super().log(logs, start_time)
        if "loss" not in logs or "grad_norm" not in logs or not self.accelerator.is_main_process:
            return
        total = time.perf_counter() - self.step_started
        self.step_started = None
        self.results.step(*self.record(logs, measured, total))
        self.results.status("running", self.state.global_step)

    def record(self, logs, measured, total):
        """The step as Atelier stores it: names and meanings are those of its contract."""
        step, rows = self.state.global_step, self.records
        statistics = self.judge.statistics([row["scores"] for row in rows], [row["part"] for row in rows])
        lengths = [row["tokens"] for row in rows]
        update = max(0.0, total - self.seconds_generate - self.seconds_score)
        metrics = {
            "step": step,
            "reward": statistics["reward"],
            "rewardStd": statistics["rewardStd"],
            "rewards": statistics["rewards"],
            "fracRewardZeroStd": statistics["fracRewardZeroStd"],
            "beta": self.applied_beta,
            "kl": measured.get("kl"),
            "loss": logs["loss"],
            "entropy": measured.get("entropy"),
            "gradNorm": logs["grad_norm"],
            "learningRate": logs["learning_rate"],
            "completionLengthMean": sum(lengths) / len(lengths),
            "completionLengthMin": min(lengths),
            "completionLengthMax": max(lengths),
            "truncatedRatio": sum(row["truncated"] for row in rows) / len(rows),
            "clipRatioLow": measured.get("clip_ratio/low_mean"),
            "clipRatioHigh": measured.get("clip_ratio/high_mean"),
            "thinkRate": sum(row["thought"] for row in rows) / len(rows),
            "secondsGenerate": self.seconds_generate,
            "secondsScore": self.seconds_score,
            "secondsUpdate": update,
            "secondsTotal": total,
            "tokensGenerated": sum(lengths),
            "accuracy": sum(row["verdict"] == "correct" for row in rows) / len(rows),
            "groupsUpdated": len(rows) // self.num_generations,
            "residentBytes": resident_bytes(),
        }
        completions = [
            {
                "step": step,
                "sampleId": row["sampleId"],
                "index": place % self.num_generations,
                "text": row["text"],
                "tokens": row["tokens"],
                "truncated": row["truncated"],
                "rewards": [
                    {"name": reward["name"], "value": value}
                    for reward, value in zip(statistics["rewards"], row["scores"], strict=True)
                ],
                "reward": statistics["totals"][place],
                "advantage": row["advantage"],
                "verdict": row["verdict"],
            }
            for place, row in enumerate(rows)
        ]
        return metrics, completions


def make(recipe, plan, samples, model, processor, peft_config, judge, common, own):
    """`common`: the arguments that both trainers share; `own`: those that the person gave. Gives the trainer."""
    grpo = recipe["grpo"]
    functions, weights = reward_functions(plan, judge)
    fixed = dict(
        num_generations=grpo["numGenerations"],
        steps_per_generation=common["gradient_accumulation_steps"],
        num_iterations=1,
        max_completion_length=grpo["maxCompletionLength"],
        temperature=grpo["temperature"],
        top_k=0,
        top_p=grpo["topP"],
        min_p=grpo.get("minP") or None,
        # With PEFT the reference is the model without its adapter, whatever the weight is at the start.
        beta=plan["beta"][0],
        loss_type=grpo["lossType"],
        scale_rewards=grpo["scaleRewards"],
        epsilon=grpo["epsilon"],
        epsilon_high=grpo["epsilonHigh"],
        mask_truncated_completions=grpo["maskTruncatedCompletions"],
        use_bias_correction_kl=grpo.get("useBiasCorrectionKl") or False,
        shuffle_dataset=False,
        reward_weights=weights,
        log_completions=False,
        **common,
    )
    config = GRPOConfig(**with_own(fixed, own))
    judge.last_items = None
    beta = PlannedBeta(plan["beta"], plan["needsReference"])
    trainer = Trainer(
        model=model,
        reward_funcs=functions,
        args=config,
        train_dataset=samples,
        processing_class=processor,
        peft_config=peft_config,
        callbacks=[beta],
    )
    beta.trainer = trainer
    trainer.judge = judge
    return trainer


