"""The samples, with each picture's original bytes."""

import io

import pyarrow.parquet as pq
from datasets import Dataset
from PIL import Image, ImageOps

from .folder import JOB


def read_rows(name):
    """The samples of a file of the job folder."""
    return pq.read_table(JOB / name).to_pylist()


def picture(row):
    """RGB, turned as Atelier showed it."""
    image = Image.open(io.BytesIO(row["image"]["bytes"]))
    if row["upright"]:
        image = ImageOps.exif_transpose(image)
    return image.convert("RGB")


def part_of(row):
    """The place of its dataset in the recipe's mixture; 0 if the recipe names one dataset."""
    return row.get("part", 0)


def question(recipe, row):
    """In the words of the sample's own dataset, or else in those of the recipe."""
    own = recipe["mixture"][part_of(row)] if "mixture" in recipe else {}
    return own.get("promptTemplate", recipe["promptTemplate"]).replace("{question}", row["prompt"])


def samples_of(recipe, rows, order):
    """A dataset of the rows in the order in which the steps draw them. Pictures are decoded when they are asked for."""

    def decode(batch):
        drawn = [rows[place] for place in batch["row"]]
        return {
            "prompt": [conversation(recipe, row) for row in drawn],
            "image": [picture(row) for row in drawn],
            "id": [row["id"] for row in drawn],
            "answer": [row["answer"] for row in drawn],
            "task": [row["task"] for row in drawn],
            "part": [part_of(row) for row in drawn],
        }

    return Dataset.from_dict({"row": order}).with_transform(decode)


def conversation(recipe, row):
    content = [{"type": "image"}, {"type": "text", "text": question(recipe, row)}]
    system = recipe.get("systemPrompt")
    before = [] if system is None else [{"role": "system", "content": [{"type": "text", "text": system}]}]
    return [*before, {"role": "user", "content": content}]
