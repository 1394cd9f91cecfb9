"""The work that is compared: the same checkpoint, images, words and lengths as our side's."""

import torch
from peft import LoraConfig, get_peft_model
from PIL import Image
from transformers import AutoTokenizer, Qwen2VLForConditionalGeneration
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
from transformers.models.qwen2_vl.processing_qwen2_vl import Qwen2VLProcessor

TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


class StillsProcessor(Qwen2VLProcessor):
    """The model's processor without its video part, which alone would need torchvision."""

    def check_argument_for_proper_class(self, name, argument):
        return None if argument is None else super().check_argument_for_proper_class(name, argument)


def load_processor(path):
    tokenizer = AutoTokenizer.from_pretrained(path)
    images = Qwen2VLImageProcessorPil.from_pretrained(path)
    return StillsProcessor(images, tokenizer, None, chat_template=tokenizer.chat_template)


def contiguous_input(module, inputs):
    """
    Hugging Face hands the output layer a slice of the hidden states. On a CPU torch then multiplies batch by batch and
    copies the whole output matrix for every sequence: 10 s and gigabytes at a vocabulary of 151,936. A contiguous copy of
    the slice avoids it; the peers are measured with this help.
    """
    return (inputs[0].contiguous(),)


class Work:
    def __init__(self, job):
        self.job = job
        # Only beside our own work on a card, and if torch has one.
        self.on_card = job.get("card", False) and torch.cuda.is_available()
        self.device = torch.cuda.get_device_name(0) if self.on_card else "cpu"
        self.prompts = job["prompts"]
        self.group_size = job["groupSize"]
        self.completion_tokens = job["completionTokens"]
        self.dtype = torch.float32 if job["dtype"] == "F32" else torch.bfloat16
        self.processor = load_processor(job["modelPath"])
        self.images = [Image.open(path).convert("RGB") for path in job["imagePaths"]]
        self.texts = job["texts"]

    def messages(self, index):
        text = self.texts[index % len(self.texts)]
        return [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": text}]}]

    def image(self, index):
        return self.images[index % len(self.images)]

    def lora(self):
        if self.job["adapter"] == "full":
            return None
        rank = self.job["loraRank"]
        return LoraConfig(
            r=rank, lora_alpha=2 * rank, lora_dropout=0.0, target_modules=TARGETS, task_type="CAUSAL_LM"
        )

    def load(self):
        model = Qwen2VLForConditionalGeneration.from_pretrained(
            self.job["modelPath"], dtype=self.dtype, attn_implementation=self.job["attention"]
        )
        if self.job["adapter"] == "full":
            # As on our side: the vision tower stays as it is.
            model.model.visual.requires_grad_(False)
        if self.job["contiguousHead"]:
            model.lm_head.register_forward_pre_hook(contiguous_input)
        return model

    def load_with_adapter(self):
        model = self.load()
        return model if self.lora() is None else get_peft_model(model, self.lora())

    def batch(self, indices):
        """Processor output for those samples: left-padded prompts, pixel values and grids."""
        texts = [
            self.processor.apply_chat_template(self.messages(i), add_generation_prompt=True, tokenize=False)
            for i in indices
        ]
        batch = self.processor(
            text=texts, images=[[self.image(i)] for i in indices], return_tensors="pt", padding=True
        )
        expected = self.job["promptTokens"]
        if batch["input_ids"].shape[1] != expected:
            raise ValueError(f"a prompt has {batch['input_ids'].shape[1]} tokens, not {expected}")
        return batch

    def never_drawn(self):
        """Image tokens, drawn by accident, would claim places that no image fills; the end token is among them."""
        config = self.load_config()
        names = ["image_token_id", "video_token_id", "vision_start_token_id", "vision_end_token_id"]
        return sorted({getattr(config, name) for name in names} | {self.processor.tokenizer.eos_token_id})

    def answer_ids(self):
        """The answer of a supervised sample with its end token: as long as a rollout."""
        tokenizer = self.processor.tokenizer
        ids = tokenizer.encode(self.job["answer"], add_special_tokens=False) + [tokenizer.eos_token_id]
        if len(ids) != self.completion_tokens:
            raise ValueError(f"the answer has {len(ids)} tokens, not {self.completion_tokens}")
        return ids

    def autocast(self):
        """bfloat16 products, as `bf16=True` of the trainers does it."""
        wanted = self.dtype == torch.bfloat16 and self.job["autocast"]
        return torch.autocast("cpu", torch.bfloat16, enabled=wanted)

    def load_config(self):
        from transformers import AutoConfig

        return AutoConfig.from_pretrained(self.job["modelPath"])
