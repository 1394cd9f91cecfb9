"""The job folder: what it gives, and where results go. Nothing here knows torch."""

import hashlib
import json
import os
import re
from pathlib import Path

import yaml

JOB = Path(__file__).resolve().parent.parent


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2's core schema, in which the recipe is written: `1e-08` is a number, and `no` is a text."""


CoreLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("null", r"null|~|", ["n", "~", ""]),
    ("bool", r"true|false", ["t", "f"]),
    ("int", r"-?[0-9]+", list("-0123456789")),
    ("float", r"-?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?", list("-0123456789")),
):
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), first)


def read_json(name, folder=JOB):
    return json.loads((folder / name).read_text(encoding="utf-8"))


def read_recipe(folder=JOB):
    return yaml.load((folder / "recipe.yaml").read_text(encoding="utf-8"), CoreLoader)["recipe"]


def handoff_id():
    return read_json("manifest.json")["handoffId"]


def children():
    """The names of the runs of an experiment, in order; none for a job of one run."""
    return sorted(path.parent.name for path in (JOB / "children").glob("*/recipe.yaml"))


def run_folder(child):
    """The folder of a run: a child by its name or number, or the job folder itself."""
    names = children()
    if not names:
        return JOB
    if child is not None and child.isdecimal() and int(child) < len(names):
        return JOB / "children" / names[int(child)]
    if child in names:
        return JOB / "children" / child
    raise SystemExit(f"This job has {len(names)} runs. Choose one with --child: a number from 0, or one of {', '.join(names)}.")


def sha256_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_manifest():
    """Stops unless every file is as it was handed over."""
    manifest = read_json("manifest.json")
    for entry in manifest["files"]:
        path = JOB / entry["name"]
        if not path.is_file():
            raise SystemExit(f"{entry['name']} is missing. Copy the job folder again.")
        if path.stat().st_size != entry["sizeBytes"] or sha256_of(path) != entry["sha256"]:
            raise SystemExit(f"{entry['name']} is not the file that was handed over. Copy the job folder again.")
    return manifest


def write_whole(path, text):
    """Writes a file under another name first: present means whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    with open(partial, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def append_line(path, value):
    """Appends one JSON line and does not come back before the disk has it. Ends a line that a kill cut off."""
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"
    with open(path, "ab+") as file:
        if file.tell() > 0:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                line = "\n" + line
        file.write(line.encode("utf-8"))
        file.flush()
        os.fsync(file.fileno())
