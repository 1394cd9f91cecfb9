"""What a job writes: metrics and completions as JSON lines, PEFT folders, and the state from which it resumes."""

import json
import os
import random
import resource
import shutil
from datetime import datetime, timezone

import torch
from safetensors.torch import load_file, save_file

from .folder import append_line, sha256_of, write_whole

KEPT_STATES = 2


def with_own(fixed, own):
    """The arguments of a trainer, with the person's own. What the recipe decides stays as it is."""
    taken = sorted(set(fixed) & set(own))
    if taken:
        raise SystemExit(f"--trl cannot set {', '.join(taken)}: the recipe decides it, or the job needs it.")
    return {"gradient_checkpointing": False, **fixed, **own}


class Results:
    """`recipe_sha256` goes with every line, so that lines of another job are found out."""

    def __init__(self, root, recipe_sha256, base_name):
        self.root = root
        self.recipe_sha256 = recipe_sha256
        self.base_name = base_name

    def status(self, state, step, message=None):
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        said = {"recipeSha256": self.recipe_sha256, "status": state, "step": step, "at": now, "message": message}
        write_whole(self.root / "status.json", json.dumps(said, indent=2) + "\n")

    def environment(self, facts):
        write_whole(self.root / "environment.json", json.dumps(facts, indent=2) + "\n")

    def step(self, metrics, completions):
        """The completions first: a step counts when its metrics are there. The last line of a step counts."""
        marked = {"recipeSha256": self.recipe_sha256}
        append_line(self.root / "completions.jsonl", {**marked, "step": metrics["step"], "completions": completions})
        append_line(self.root / "metrics.jsonl", {**marked, **metrics})

    def folder(self, kind, step):
        return self.root / kind / f"step-{step:06d}"

    def newest_whole(self):
        """The last step with a whole checkpoint and a whole state, or None."""
        steps = [
            int(path.name.removeprefix("step-"))
            for path in (self.root / "state").glob("step-*")
            if not path.name.endswith(".partial")
        ]
        return max((step for step in steps if self.folder("checkpoints", step).is_dir()), default=None)

    def place(self, partial, final):
        """A folder that was left by an earlier try of the same step is replaced."""
        if final.exists():
            shutil.rmtree(final)
        os.replace(partial, final)

    def forget_old_states(self):
        states = sorted(path for path in (self.root / "state").glob("step-*") if not path.name.endswith(".partial"))
        for path in states[:-KEPT_STATES]:
            shutil.rmtree(path)

    def save_adapter(self, model, step):
        """A PEFT folder: settings and safetensors, and a note that says which step of which recipe it is."""
        final = self.folder("checkpoints", step)
        partial = final.with_name(final.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        model.save_pretrained(str(partial), save_embedding_layers=False)
        (partial / "README.md").unlink(missing_ok=True)
        config = json.loads((partial / "adapter_config.json").read_text(encoding="utf-8"))
        # PEFT names the folder of this machine.
        config["base_model_name_or_path"] = self.base_name
        (partial / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
        names = ("adapter_config.json", "adapter_model.safetensors")
        note = {
            "recipeSha256": self.recipe_sha256,
            "step": step,
            "files": [
                {"name": name, "sha256": sha256_of(partial / name), "sizeBytes": (partial / name).stat().st_size}
                for name in names
            ],
        }
        (partial / "checkpoint.json").write_text(json.dumps(note, indent=2) + "\n", encoding="utf-8")
        self.place(partial, final)


class WithoutPickle:
    """
    For a trainer: checkpoints as a PEFT folder, and its state as safetensors and JSON. transformers would write pickles,
    which run code when they are opened. Set `results` before training.
    """

    results = None

    def _save_checkpoint(self, model, trial):
        step = self.state.global_step
        final = self.results.folder("state", step)
        partial = final.with_name(final.name + ".partial")
        if self.args.should_save:
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True)
        self.accelerator.wait_for_everyone()
        save_random_state(partial, self.args.process_index)
        self.accelerator.wait_for_everyone()
        if self.args.should_save:
            save_optimiser(self.optimizer, self.lr_scheduler, partial)
            self.state.save_to_json(str(partial / "trainer_state.json"))
            self.results.save_adapter(self.accelerator.unwrap_model(self.model), step)
            self.results.place(partial, final)
            self.results.forget_old_states()
        self.accelerator.wait_for_everyone()

    def _load_from_checkpoint(self, resume_from_checkpoint, model=None):
        folder = self.results.folder("checkpoints", self.results.newest_whole())
        super()._load_from_checkpoint(str(folder), model)

    def _load_optimizer_and_scheduler(self, checkpoint):
        if checkpoint is not None:
            load_optimiser(self.optimizer, self.lr_scheduler, checkpoint)

    def _load_rng_state(self, checkpoint):
        if checkpoint is not None:
            load_random_state(checkpoint, self.args.process_index)

    def _load_scaler(self, checkpoint):
        pass


def save_optimiser(optimizer, scheduler, folder):
    state = optimizer.state_dict()
    tensors = {
        f"{index}.{name}": value.detach().cpu().contiguous()
        for index, values in state["state"].items()
        for name, value in values.items()
    }
    save_file(tensors, str(folder / "optimiser.safetensors"))
    rest = {"param_groups": state["param_groups"], "scheduler": scheduler.state_dict()}
    (folder / "optimiser.json").write_text(json.dumps(rest, default=float), encoding="utf-8")


def load_optimiser(optimizer, scheduler, folder):
    state = {}
    for key, tensor in load_file(os.path.join(folder, "optimiser.safetensors")).items():
        index, name = key.split(".", 1)
        state.setdefault(int(index), {})[name] = tensor
    with open(os.path.join(folder, "optimiser.json"), encoding="utf-8") as file:
        rest = json.load(file)
    for group in rest["param_groups"]:
        group["betas"] = tuple(group["betas"])
    optimizer.load_state_dict({"state": state, "param_groups": rest["param_groups"]})
    scheduler.load_state_dict(rest["scheduler"])


def save_random_state(folder, rank):
    states = {"cpu": torch.random.get_rng_state()}
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.random.get_rng_state()
    save_file(states, str(folder / f"random-{rank}.safetensors"))
    version, words, gauss = random.getstate()
    (folder / f"random-{rank}.json").write_text(json.dumps([version, list(words), gauss]), encoding="utf-8")


def load_random_state(folder, rank):
    path = os.path.join(folder, f"random-{rank}.safetensors")
    if not os.path.exists(path):
        raise SystemExit("This job was started with another number of workers. Resume it with the same number.")
    states = load_file(path)
    torch.random.set_rng_state(states["cpu"])
    if "cuda" in states and torch.cuda.is_available():
        torch.cuda.random.set_rng_state(states["cuda"])
    with open(os.path.join(folder, f"random-{rank}.json"), encoding="utf-8") as file:
        version, words, gauss = json.load(file)
    random.setstate((version, tuple(words), gauss))


def resident_bytes():
    """The most memory that this process has had. Linux counts in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
