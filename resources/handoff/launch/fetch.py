"""
Prints what a job has written to its storage and the other side lacks, as lines of JSON with the bytes in base64: the way back
over a connection that carries nothing but logs. Atelier submits it; nobody else needs it.
"""

import argparse
import base64
import json
import re
import sys
from pathlib import Path

JOB = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(JOB))
MARK = "ATELIER-FILE "
# A piece in a line, and all that one job prints.
PIECE = 256 * 1024
MOST = 24 * 1024 * 1024
WANTED = re.compile(r"^(children/[^/]+/)?results/([a-z]+\.(json|jsonl)|checkpoints/step-\d+/[^/]+)$")


def wanted(folder):
    """Result files, with the small ones that say how far the job is last: what they name is there then."""
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    return sorted((name for name in names if WANTED.match(name)), key=lambda name: (name.endswith("status.json"), name))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--storage", required=True)
    parser.add_argument("--have", required=True, help="JSON: how many bytes of each file are there")
    options = parser.parse_args()
    from job.needed import need

    need(["yaml"])
    from job.folder import handoff_id

    folder, have, left = Path(options.storage) / handoff_id(), json.loads(options.have), MOST
    for name in wanted(folder):
        data = (folder / name).read_bytes()
        # Lines are only ever added; everything else is sent whole or not at all.
        start = min(have.get(name, 0), len(data)) if name.endswith(".jsonl") else 0
        if start == len(data) or ("/checkpoints/" in name and have.get(name) == len(data)):
            continue
        if left <= 0:
            print(MARK + json.dumps({"more": True}), flush=True)
            return
        for at in range(start, len(data), PIECE):
            piece = data[at : at + PIECE]
            line = {"name": name, "at": at, "size": len(data), "data": base64.b64encode(piece).decode("ascii")}
            print(MARK + json.dumps(line), flush=True)
        left -= len(data) - start
    print(MARK + json.dumps({"more": False}), flush=True)


if __name__ == "__main__":
    main()
