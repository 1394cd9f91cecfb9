"""The base model, its processor, and the adapter that is trained."""

import json
import re
from pathlib import Path

import torch
from peft import LoraConfig
from transformers import AutoModelForImageTextToText, AutoTokenizer
from transformers.models.qwen2_5_vl.processing_qwen2_5_vl import Qwen2_5_VLProcessor
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
from transformers.models.qwen2_vl.processing_qwen2_vl import Qwen2VLProcessor
from transformers.models.qwen3_vl.processing_qwen3_vl import Qwen3VLProcessor

from .folder import JOB, sha256_of

PROCESSORS = {"qwen2_vl": Qwen2VLProcessor, "qwen2_5_vl": Qwen2_5_VLProcessor, "qwen3_vl": Qwen3VLProcessor}


def stills(base):
    """The model's processor without its part for films, which alone would need torchvision."""

    class StillsProcessor(base):
        def check_argument_for_proper_class(self, name, argument):
            return None if argument is None else super().check_argument_for_proper_class(name, argument)

    return StillsProcessor


def model_folder(named):
    """The base model: in the folder, or where `--model` says if only a reference was handed over."""
    if named is not None:
        check_reference(named)
        return named
    if (JOB / "model" / "config.json").exists():
        return str(JOB / "model")
    reference = json.loads((JOB / "model" / "reference.json").read_text(encoding="utf-8"))
    raise SystemExit(f"This job names its base model but does not hold it: {reference['name']}. Give it with --model DIR.")


def check_reference(folder):
    """Stops unless the model is, file by file, the one that was named."""
    path = JOB / "model" / "reference.json"
    if not path.exists():
        return
    for entry in json.loads(path.read_text(encoding="utf-8"))["files"]:
        file = Path(folder) / entry["name"]
        if not file.is_file() or sha256_of(file) != entry["sha256"]:
            raise SystemExit(f"{entry['name']} in {folder} is not the file of the base model that this job was made for.")


def load_processor(folder, settings):
    """`settings`: the job's folder of processor settings, which holds the recipe's limit of pixels."""
    with open(f"{folder}/config.json", encoding="utf-8") as file:
        kind = json.load(file)["model_type"]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    own = JOB / settings
    images = Qwen2VLImageProcessorPil.from_pretrained(str(own) if own.is_dir() else folder)
    return stills(PROCESSORS[kind])(images, tokenizer, None, chat_template=tokenizer.chat_template)


def load_model(folder, dtype):
    model = AutoModelForImageTextToText.from_pretrained(folder, dtype=getattr(torch, dtype))
    model.config.use_cache = True
    return model


def targets(adapter, model):
    """As in Atelier: of the language model the kinds that are named, of merger and vision tower every linear layer."""
    names = "|".join(adapter["targetModules"])
    parts = adapter.get("layers", ["language"])
    if parts == ["language"]:
        return rf".*language_model\..*\.({names})"
    patterns = {
        "language": rf"(.*\.)?language_model\..*\.({names})",
        "merger": r"(.*\.)?visual\.(merger|deepstack_merger_list)\..*",
        "vision": r"(.*\.)?visual\.blocks\..*",
    }
    return [
        name.removeprefix("model.")
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) and any(re.fullmatch(patterns[part], name) for part in parts)
    ]


def lora(recipe, model):
    adapter = recipe["adapter"]
    return LoraConfig(
        r=adapter["r"],
        lora_alpha=adapter["loraAlpha"],
        lora_dropout=0.0,
        target_modules=targets(adapter, model),
        task_type="CAUSAL_LM",
    )
