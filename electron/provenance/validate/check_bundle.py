"""Checks a bundle with the tools of others: OpenSSF model_signing, huggingface_hub, safetensors, in-toto.

Usage: python check_bundle.py FOLDER. Prints one line a check; ends with status 1 if one failed.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

from huggingface_hub import ModelCard
from in_toto_attestation.v1 import statement_pb2
from google.protobuf import json_format
from safetensors import safe_open


def signature(folder: pathlib.Path) -> str:
    program = pathlib.Path(sys.executable).with_name("model_signing")
    command = [program, "verify", "key", folder, "--signature", folder / "model.sig"]
    command += ["--public_key", folder / "atelier.pub.pem"]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise AssertionError(result.stderr.strip() or f"status {result.returncode}")
    return result.stdout.strip()


def tampering(folder: pathlib.Path) -> str:
    """The same tool must refuse a copy in which one byte was added."""
    with tempfile.TemporaryDirectory() as aside:
        copy = pathlib.Path(aside) / folder.name
        shutil.copytree(folder, copy)
        with open(copy / "NOTICE", "a") as notice:
            notice.write("x")
        try:
            signature(copy)
        except AssertionError as refusal:
            return f"refused: {str(refusal)[:80]}"
    raise AssertionError("a changed NOTICE was accepted")


def card(folder: pathlib.Path) -> str:
    data = ModelCard.load(folder / "README.md").data
    for key in ("license", "base_model", "base_model_relation", "library_name", "pipeline_tag"):
        assert data.get(key), f"{key} is missing"
    assert data.license == data.license.lower(), "the licence is not in lower case"
    assert data.eval_results, "no evaluation results were read"
    return f"license {data.license}, base_model {data.base_model}, {len(data.eval_results)} results"


def weights(folder: pathlib.Path) -> str:
    counted = []
    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, "numpy") as tensors:
            names = list(tensors.keys())
            for name in names:
                tensors.get_tensor(name)
            metadata = tensors.metadata()
        assert metadata["atelier.run_id"], f"{path.name} does not name its run"
        counted.append(f"{path.name}: {len(names)} tensors")
    assert counted, "there are no weights"
    return ", ".join(counted)


def statement(folder: pathlib.Path) -> str:
    """Strict parse of the in-toto statement; its predicate is free-form there and checked for SLSA's required fields."""
    text = (folder / "provenance.slsa.json").read_text(encoding="utf-8")
    parsed = json_format.Parse(text, statement_pb2.Statement())
    predicate = json.loads(text)["predicate"]
    assert predicate["buildDefinition"]["buildType"] and predicate["runDetails"]["builder"]["id"]
    return f"{len(parsed.subject)} subjects, {parsed.predicate_type}"


def main() -> int:
    folder = pathlib.Path(sys.argv[1]).resolve()
    failed = 0
    for check in (signature, tampering, card, weights, statement):
        try:
            print(f"  ok      {check.__name__}: {check(folder)}")
        except Exception as fault:  # every fault of another tool is a finding, whatever its kind
            failed += 1
            print(f"  FAILED  {check.__name__}: {type(fault).__name__}: {fault}")
    return 1 if failed else 0


sys.exit(main())
