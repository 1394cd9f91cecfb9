"""A supervised step of TRL's SFTTrainer on prompt and completion."""

import tempfile

from datasets import Dataset, Image
from trl import SFTConfig, SFTTrainer

from grpo import ENDLESS, Turns
from work import Work


def run(job):
    work = Work(job)
    turns = Turns(work.device)
    answer = [{"role": "assistant", "content": [{"type": "text", "text": work.job["answer"]}]}]
    count = range(max(len(work.images), job["supervisedBatch"]))
    columns = {
        "prompt": [work.messages(i) for i in count],
        "completion": [answer for _ in count],
        "image": [work.image(i) for i in count],
    }
    with tempfile.TemporaryDirectory() as folder:
        config = SFTConfig(
            output_dir=folder,
            use_cpu=not work.on_card,
            bf16=job["dtype"] == "BF16" and job["autocast"],
            per_device_train_batch_size=job["supervisedBatch"],
            gradient_accumulation_steps=1,
            learning_rate=1e-5,
            lr_scheduler_type="constant",
            max_grad_norm=1.0,
            max_steps=ENDLESS,
            max_length=None,
            completion_only_loss=True,
            gradient_checkpointing=job["checkpointing"],
            logging_steps=ENDLESS,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            dataloader_num_workers=0,
        )
        trainer = SFTTrainer(
            model=work.load(),
            args=config,
            train_dataset=Dataset.from_dict(columns).cast_column("image", Image()),
            processing_class=work.processor,
            peft_config=work.lora(),
            callbacks=[turns],
        )
        trainer.train()
