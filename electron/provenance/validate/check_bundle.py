"""Checks a bundle with the tools of others: OpenSSF model_signing, huggingface_hub, safetensors, in-toto, mlcroissant,
CycloneDX's Python library, SPDX's own bindings, and SPDX's schema and shapes where they are at hand.

Usage: python check_bundle.py FOLDER [SPDX_MODEL]. SPDX_MODEL is a folder with the published schema.json,
spdx-context.jsonld and spdx-model.ttl of SPDX 3.0.1. Prints one line a check; ends with status 1 if one failed.
"""

import json
import logging
import pathlib
import shutil
import subprocess
import sys
import tempfile

import jsonschema
import mlcroissant
import pyshacl
import rdflib
from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from google.protobuf import json_format
from huggingface_hub import ModelCard
from in_toto_attestation.v1 import statement_pb2
from safetensors import safe_open
from spdx_python_model import v3_0_1 as spdx

SPDX_CONTEXT = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"


class Skipped(Exception):
    """A check that cannot be made here; its text says why."""


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
        for key in ("atelier.run_id", "atelier.dataset_sha256", "atelier.recipe_sha256", "atelier.records_sha256"):
            assert metadata[key], f"{path.name} does not say {key}"
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


def croissant(folder: pathlib.Path) -> str:
    """The description must load, every file must have its stated hash, and every record must come out."""
    logging.getLogger("absl").setLevel(logging.ERROR)
    dataset = mlcroissant.Dataset(folder / "croissant.json")
    issues = dataset.metadata.issues
    assert not issues.errors, issues.report()
    lines = (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    images = list(dataset.records("images"))
    assert len(images) == len(lines), f"{len(images)} records, {len(lines)} images"
    credits = list(dataset.records("credits"))
    with tempfile.TemporaryDirectory() as aside:
        copy = pathlib.Path(aside) / "changed"
        shutil.copytree(folder, copy)
        (copy / "manifest.jsonl").write_text("\n".join(lines[1:] + ["{}"]), encoding="utf-8")
        try:
            list(mlcroissant.Dataset(copy / "croissant.json").records("images"))
        except Exception as refusal:
            assert "hash" in str(refusal.__cause__ or refusal).lower(), "it was refused for another reason than its hash"
            return f"{len(images)} images, {len(credits)} credits, {len(issues.warnings)} warnings; a changed list was refused"
    raise AssertionError("a changed manifest.jsonl was accepted")


def bill_of_materials(folder: pathlib.Path) -> str:
    text = (folder / "bom.cdx.json").read_text(encoding="utf-8")
    errors = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    assert errors is None, str(errors)[:500]
    bom = Bom.from_json(json.loads(text))
    bom.validate()
    return f"strict CycloneDX 1.6; {len(bom.components)} components around {bom.metadata.component.name!r}"


def spdx_bindings(folder: pathlib.Path) -> str:
    """SPDX's own bindings, generated from the shapes, refuse unknown types, fields and values."""
    objects = spdx.SHACLObjectSet()
    with open(folder / "sbom.spdx3.json", encoding="utf-8") as file:
        spdx.JSONLDDeserializer().read(file, objects)
    missing = {name for name in objects.missing_ids if "NoAssertion" not in str(name)}
    assert not missing, f"these are named but not there: {missing}"
    return f"{sum(1 for _ in objects.objects)} objects"


def spdx_shapes(folder: pathlib.Path) -> str:
    if len(sys.argv) < 3:
        raise Skipped(
            "no folder with SPDX's schema.json, spdx-context.jsonld and spdx-model.ttl (.cache/spdx-3.0.1 or ATELIER_SPDX_MODEL)"
        )
    model = pathlib.Path(sys.argv[2])
    document = json.loads((folder / "sbom.spdx3.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, json.loads((model / "schema.json").read_text(encoding="utf-8")))
    assert document["@context"] == SPDX_CONTEXT
    context = json.loads((model / "spdx-context.jsonld").read_text(encoding="utf-8"))["@context"]
    graph = rdflib.Graph().parse(data=json.dumps({**document, "@context": context}), format="json-ld")
    shapes = rdflib.Graph().parse(model / "spdx-model.ttl")
    conforms, _, report = pyshacl.validate(graph, shacl_graph=shapes, ont_graph=shapes)
    assert conforms, report[:1000]
    return f"JSON schema, and SHACL over {len(graph)} triples"


CHECKS = (signature, tampering, card, weights, statement, croissant, bill_of_materials, spdx_bindings, spdx_shapes)


def main() -> int:
    folder = pathlib.Path(sys.argv[1]).resolve()
    failed = 0
    for check in CHECKS:
        try:
            print(f"  ok      {check.__name__}: {check(folder)}")
        except Skipped as reason:
            print(f"  SKIPPED {check.__name__}: {reason}")
        except Exception as fault:  # every fault of another tool is a finding, whatever its kind
            failed += 1
            print(f"  FAILED  {check.__name__}: {type(fault).__name__}: {fault}")
    return 1 if failed else 0


sys.exit(main())
