"""Checks a bundle with the tools of others: OpenSSF model_signing, huggingface_hub, safetensors, in-toto, securesystemslib,
mlcroissant, CycloneDX's Python library, and SPDX's bindings, JSON schema and SHACL shapes. None of it needs the network.

Usage: python check_bundle.py FOLDER [SPDX_MODEL]. SPDX_MODEL is a folder with the published spdx-context.jsonld and
spdx-model.ttl of SPDX 3.0.1, to apply them as well. Prints one line a check; ends with status 1 if one failed.
"""

import hashlib
import json
import logging
import pathlib
import shutil
import subprocess
import sys
import tempfile

import jsonschema
import lib4sbom
import mlcroissant
import pyshacl
import rdflib
import spdx_shapes as spdx_model
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from google.protobuf import json_format
from huggingface_hub import ModelCard
from in_toto_attestation.v1 import statement_pb2
from safetensors import safe_open
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey
from spdx3_validate.core import check_graph
from spdx3_validate.spdx_versions import find_version
from spdx_python_model import v3_0_1 as spdx

SPDX_SCHEMA_SHA256 = "582c64e809d5b3ef9bd0c4de13a32391b47b0284a3e8d199569fb96f649234b1"
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
    for key in ("license", "library_name", "pipeline_tag"):
        assert data.get(key), f"{key} is missing"
    # Only a model from the hub has an id there.
    assert (data.get("base_model") is None) == (data.get("base_model_relation") is None), "half of the base model"
    assert data.license == data.license.lower(), "the licence is not in lower case"
    results = data.eval_results or []
    # A run that nobody evaluated has none, and its card must not begin a list of them.
    claimed = "model-index:" in (folder / "README.md").read_text("utf-8")
    assert bool(results) == claimed, "the evaluation results were not read"
    return f"license {data.license}, base_model {data.get('base_model')}, {len(results)} results"


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


def envelope(folder: pathlib.Path) -> str:
    """The statement's signed envelope, as verifiers of SLSA provenance read it."""
    parsed = Envelope.from_dict(json.loads((folder / "provenance.intoto.jsonl").read_text(encoding="utf-8")))
    public = (folder / "atelier.pub.pem").read_bytes()
    key = SSlibKey.from_crypto(load_pem_public_key(public), keyid=hashlib.sha256(public).hexdigest())
    parsed.verify([key], threshold=1)
    assert parsed.payload == (folder / "provenance.slsa.json").read_bytes(), "it holds another statement"
    changed = Envelope(parsed.payload + b" ", parsed.payload_type, parsed.signatures)
    try:
        changed.verify([key], threshold=1)
    except VerificationError:
        return f"{parsed.payload_type}, signed; a changed copy was refused"
    raise AssertionError("a changed statement was accepted")


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


def spdx_schema(folder: pathlib.Path) -> str:
    """The published JSON schema of 3.0.1, which lib4sbom carries unchanged: its hash is that of SPDX's own file."""
    text = (pathlib.Path(lib4sbom.__file__).parent / "schemas/spdx/3.0-schema.json").read_bytes()
    assert hashlib.sha256(text).hexdigest() == SPDX_SCHEMA_SHA256, "lib4sbom carries another schema than SPDX's 3.0.1"
    validator = jsonschema.Draft202012Validator(json.loads(text))
    document = spdx_document(folder)
    faults = [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(document)]
    assert not faults, "; ".join(faults[:3])
    broken = {**document, "@graph": [{key: value for key, value in element.items() if key != "from"} for element in document["@graph"]]}
    assert not validator.is_valid(broken), "a document whose relationships begin nowhere was accepted"
    return f"{len(document['@graph'])} elements; a changed copy was refused"


def spdx_shapes(folder: pathlib.Path) -> str:
    """SHACL by pyshacl and spdx3-validate, with the shapes that SPDX's bindings hold."""
    # The changed copies below hold values on purpose that rdflib complains about.
    logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)
    shapes = spdx_model.shapes()
    document = spdx_document(folder)
    version = find_version(SPDX_CONTEXT)

    def faults_of(changed: dict) -> list[str]:
        graph = rdflib.Graph().parse(data=json.dumps({**changed, "@context": spdx_model.context()}), format="json-ld")
        spdx_model.individuals(graph)
        return check_graph(graph, shapes, version, True)

    faults = faults_of(document)
    assert not faults, faults[0][:1000]
    for field, value in (("relationshipType", None), ("dataset_datasetSize", "many"), ("suppliedBy", "_:creation")):
        elements = [dict(element) for element in document["@graph"]]
        for element in elements:
            if field in element:
                element.pop(field) if value is None else element.update({field: value})
        assert faults_of({**document, "@graph": elements}), f"a document with another {field} was accepted"
    return f"{len(shapes)} triples of shapes; three changed copies were refused"


def spdx_published(folder: pathlib.Path) -> str:
    """The same with the files as SPDX publishes them."""
    if len(sys.argv) < 3:
        raise Skipped("no folder with SPDX's spdx-context.jsonld and spdx-model.ttl (.cache/spdx-3.0.1 or ATELIER_SPDX_MODEL)")
    model = pathlib.Path(sys.argv[2])
    document = spdx_document(folder)
    assert document["@context"] == SPDX_CONTEXT
    context = json.loads((model / "spdx-context.jsonld").read_text(encoding="utf-8"))["@context"]
    graph = rdflib.Graph().parse(data=json.dumps({**document, "@context": context}), format="json-ld")
    shapes = rdflib.Graph().parse(model / "spdx-model.ttl")
    conforms, _, report = pyshacl.validate(graph, shacl_graph=shapes, ont_graph=shapes)
    assert conforms, report[:1000]
    return f"SHACL over {len(graph)} triples"


def spdx_document(folder: pathlib.Path) -> dict:
    return json.loads((folder / "sbom.spdx3.json").read_text(encoding="utf-8"))


CHECKS = (
    signature,
    tampering,
    card,
    weights,
    statement,
    envelope,
    croissant,
    bill_of_materials,
    spdx_bindings,
    spdx_schema,
    spdx_shapes,
    spdx_published,
)


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
