"""Puts the parts together: recipe, samples, model and trainer, from the start or from the last whole checkpoint."""

import copy
import json
import platform
import sys
from pathlib import Path

import torch
import transformers
import trl
from transformers import TrainerCallback, set_seed

from . import grpo, sft
from .folder import JOB, check_manifest, read_json, read_recipe, run_folder
from .judge import Judge
from .model import load_model, load_processor, lora, model_folder
from .results import Results
from .samples import part_of, read_rows, samples_of

SCHEDULERS = {"constant": "constant_with_warmup", "linear": "linear", "cosine": "cosine"}


def smaller(recipe, plan):
    """Two steps with few completions, enough to see that everything is in place."""
    recipe, plan = copy.deepcopy(recipe), copy.deepcopy(plan)
    recipe.update(steps=2, checkpointEvery=1)
    recipe["grpo"].update(promptsPerStep=2, numGenerations=min(4, recipe["grpo"]["numGenerations"]))
    recipe["grpo"]["maxCompletionLength"] = min(16, recipe["grpo"]["maxCompletionLength"])
    plan["beta"] = [plan["beta"][0], plan["beta"][-1]] if plan["beta"] else []
    return recipe, plan


def settings_of(options):
    """What `--trl KEY=VALUE` says: values as JSON, else as text."""
    found = {}
    for setting in options.trl:
        key, separator, value = setting.partition("=")
        if not separator:
            raise SystemExit(f"--trl {setting} has no value. Write it as KEY=VALUE, for example use_vllm=true.")
        try:
            found[key] = json.loads(value)
        except ValueError:
            found[key] = value
    return found


class StopAfter(TrainerCallback):
    def __init__(self, step):
        self.step = step

    def on_step_end(self, args, state, control, **kwargs):
        control.should_training_stop = control.should_training_stop or state.global_step >= self.step


def prepare(options):
    """Everything that a step needs: the trainer, the judge and the results."""
    check_manifest()
    place = run_folder(options.child)
    recipe, plan = read_recipe(place), read_json("plan.json", place)
    if options.smoke:
        recipe, plan = smaller(recipe, plan)
    root = Path(options.results) if options.results else place / ("smoke" if options.smoke else "results")
    results = Results(root, read_json("manifest.json", place)["recipeSha256"], plan["baseModel"])
    judge = Judge(JOB / plan["rewards"])
    rows = read_rows(plan["data"])
    drawn = recipe["steps"] * recipe["grpo"]["promptsPerStep"]
    # A smoke test may take more prompts at once than the recipe, so it draws the steps of a longer run.
    steps = drawn if options.smoke else recipe["steps"]
    order = [index for step in judge.order(steps, [part_of(row) for row in rows]) for index in step]
    samples = samples_of(recipe, rows, order[:drawn])
    # Before the adapter is made: its start is drawn too.
    set_seed(recipe["seed"])
    folder = model_folder(options.model)
    model, processor = load_model(folder, options.dtype), load_processor(folder, plan["processor"])
    trainer = make_trainer(options, recipe, plan, samples, model, processor, judge, root)
    trainer.results = results
    if options.stop_after is not None:
        trainer.add_callback(StopAfter(options.stop_after))
    return trainer, judge, results, recipe


def make_trainer(options, recipe, plan, samples, model, processor, judge, root):
    supervised = recipe["method"] == "sft"
    grpo_settings = recipe["grpo"]
    rows = grpo_settings["promptsPerStep"] * (1 if supervised else grpo_settings["numGenerations"])
    parts = options.workers * options.accumulate
    if rows % parts != 0:
        raise SystemExit(f"A step has {rows} rows, which {parts} parts (workers × accumulate) do not divide evenly.")
    optimiser = recipe["optimiser"]
    common = {
        # Only for what the trainer insists on; the results are written by results.py.
        "output_dir": str(root / "trainer"),
        "use_cpu": options.smoke or options.cpu or not torch.cuda.is_available(),
        "bf16": options.dtype == "bfloat16",
        "per_device_train_batch_size": rows // parts,
        "gradient_accumulation_steps": options.accumulate,
        "learning_rate": optimiser["learningRate"],
        "lr_scheduler_type": SCHEDULERS[optimiser["lrScheduler"]],
        "warmup_steps": optimiser["warmupSteps"],
        "weight_decay": optimiser["weightDecay"],
        "adam_beta1": optimiser["adamBeta1"],
        "adam_beta2": optimiser["adamBeta2"],
        "adam_epsilon": optimiser["adamEpsilon"],
        "max_grad_norm": optimiser["maxGradNorm"],
        "max_steps": recipe["steps"],
        "seed": recipe["seed"],
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "save_strategy": "steps",
        "save_steps": recipe["checkpointEvery"],
        "report_to": "none",
        "disable_tqdm": True,
        "dataloader_num_workers": 0,
        "ddp_find_unused_parameters": False,
    }
    own = settings_of(options)
    if supervised:
        return sft.make(recipe, samples, model, processor, lora(recipe, model), common, own)
    return grpo.make(recipe, plan, samples, model, processor, lora(recipe, model), judge, common, own)


def run(options):
    trainer, judge, results, recipe = prepare(options)
    is_first = trainer.accelerator.is_main_process
    resumed = results.newest_whole()
    if is_first:
        results.environment(
            {
                "python": platform.python_version(),
                "torch": torch.__version__,
                "transformers": transformers.__version__,
                "trl": trl.__version__,
                "device": trainer.args.device.type,
                "workers": trainer.accelerator.num_processes,
                "accumulate": options.accumulate,
                "dtype": options.dtype,
                "trlSettings": options.trl,
            }
        )
        results.status("running", resumed or 0)
    try:
        if resumed is not None and resumed >= recipe["steps"]:
            print(f"Step {resumed} of {recipe['steps']} is already there: nothing is left to do.")
        else:
            if resumed is not None and is_first:
                print(f"Resumes from the checkpoint of step {resumed}.")
            trainer.train(resume_from_checkpoint=None if resumed is None else str(results.folder("state", resumed)))
        reached = max(resumed or 0, trainer.state.global_step)
        if is_first:
            results.status("completed" if reached >= recipe["steps"] else "stopped", reached)
            print(f"Step {reached} of {recipe['steps']}. The results are in {results.root.name}/.")
    except BaseException as error:
        if is_first:
            results.status("failed", trainer.state.global_step, f"{type(error).__name__}: {error}"[:500])
        raise
    finally:
        judge.close()
        sys.stdout.flush()
