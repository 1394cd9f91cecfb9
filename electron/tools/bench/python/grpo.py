"""Whole steps of TRL's GRPOTrainer: rollouts, reference log-probs, loss, backward and AdamW."""

import tempfile
import time

import torch
from datasets import Dataset, Image
from transformers import TrainerCallback
from trl import GRPOConfig, GRPOTrainer

from turns import goodbye, say, wait_for_go
from work import Work

ENDLESS = 1_000_000


class Turns(TrainerCallback):
    """Waits for its turn before a step and answers after it. A step begins when its batch is asked for."""

    def __init__(self, device):
        self.device = device
        self.started = None
        self.parts = {}

    def wait(self):
        if not wait_for_go():
            goodbye()
            raise SystemExit(0)
        self.parts = {}
        self.started = time.perf_counter()

    def on_train_begin(self, args, state, control, **kwargs):
        say({"ready": True, "device": self.device})
        self.wait()

    def on_step_end(self, args, state, control, **kwargs):
        if self.device != "cpu":
            # A card works on by itself.
            torch.cuda.synchronize()
        seconds = time.perf_counter() - self.started
        say({"seconds": seconds, "entries": self.parts})
        self.wait()


def timed(turns, name, function):
    """The function, with its time added to the running step's parts."""

    def wrapper(*args, **kwargs):
        start = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            part = turns.parts.setdefault(name, {"calls": 0, "seconds": 0.0})
            part["calls"] += 1
            part["seconds"] += time.perf_counter() - start

    return wrapper


def length_reward(completions, **kwargs):
    """Differs from completion to completion even where the text is noise."""
    texts = [c if isinstance(c, str) else c[0]["content"] for c in completions]
    return [-len(text) / 1000 for text in texts]


def dataset(work):
    count = range(len(work.images))
    columns = {"prompt": [work.messages(i) for i in count], "image": [work.image(i) for i in count]}
    return Dataset.from_dict(columns).cast_column("image", Image())


def run(job):
    work = Work(job)
    rows = work.prompts * work.group_size
    turns = Turns(work.device)
    with tempfile.TemporaryDirectory() as folder:
        config = GRPOConfig(
            output_dir=folder,
            use_cpu=not work.on_card,
            bf16=job["dtype"] == "BF16" and job["autocast"],
            per_device_train_batch_size=rows,
            gradient_accumulation_steps=1,
            steps_per_generation=1,
            num_iterations=1,
            num_generations=work.group_size,
            max_completion_length=work.completion_tokens,
            temperature=1.0,
            top_k=0,
            top_p=1.0,
            generation_kwargs={"min_new_tokens": work.completion_tokens, "suppress_tokens": work.never_drawn()},
            beta=job["beta"],
            loss_type="grpo",
            learning_rate=1e-5,
            lr_scheduler_type="constant",
            max_grad_norm=1.0,
            max_steps=ENDLESS,
            gradient_checkpointing=job["checkpointing"],
            logging_steps=ENDLESS,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            log_completions=False,
            dataloader_num_workers=0,
        )
        trainer = GRPOTrainer(
            model=work.load(),
            reward_funcs=length_reward,
            args=config,
            train_dataset=dataset(work),
            processing_class=work.processor,
            peft_config=work.lora(),
            callbacks=[turns],
        )
        trainer._generate_single_turn = timed(turns, "generate", trainer._generate_single_turn)
        trainer._get_per_token_logps_and_entropies = timed(
            turns, "forward", trainer._get_per_token_logps_and_entropies
        )
        trainer.compute_loss = timed(turns, "loss", trainer.compute_loss)
        trainer.accelerator.backward = timed(turns, "backward", trainer.accelerator.backward)
        trainer.train()
