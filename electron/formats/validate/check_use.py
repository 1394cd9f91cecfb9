"""Runs the programs in `use/` of an exported bundle, as a person would, and compares their answers with `atelier generate`.

Usage: python check_use.py BUNDLE BASE < CASE.json. BASE is the base model's folder, for an adapter. CASE: {"picture": PATH,
"question": TEXT, "asked": the question in the run's prompt, "system": TEXT or null, "tokens": the longest answer, "expected": what
`atelier generate` answers}. Where there is no llama-mtmd-cli, and for Ollama always, a stand-in records how it was called.
Prints one line a program; ends with status 1 if one fails.
"""

import base64
import contextlib
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading

STAND_IN = '#!{python}\nimport json, os, sys\nopen({log!r}, "a").write(json.dumps(sys.argv[1:] + [os.getcwd()]) + "\\n")\nprint({answer!r})\n'


def ask(program: pathlib.Path, *arguments: str, path: str | None = None) -> str:
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", **({} if path is None else {"PATH": path})}
    # Not in the folder of the bundle: the program must find it by itself.
    with tempfile.TemporaryDirectory() as elsewhere:
        result = subprocess.run(
            [sys.executable, program, *arguments], capture_output=True, text=True, cwd=elsewhere, env=environment, encoding="utf-8"
        )
    assert result.returncode == 0, (result.stdout + result.stderr).strip()[-600:]
    return result.stdout.strip()


def stand_in(folder: str, name: str, answer: str) -> tuple[str, pathlib.Path]:
    """A PATH on which `name` records its arguments, and the record."""
    log = pathlib.Path(folder, f"{name}.jsonl")
    program = pathlib.Path(folder, name)
    program.write_text(STAND_IN.format(python=sys.executable, log=str(log), answer=answer))
    program.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}", log


def same(case: dict, answer: str) -> str:
    assert answer == case["expected"].strip(), f"{answer!r}, where atelier generate says {case['expected']!r}"
    return f"answers as atelier generate: {answer[:60]!r}"


def transformers(program: pathlib.Path, base: str, case: dict) -> str:
    adapter = (program.parent.parent / "adapter_config.json").exists()
    return same(case, ask(program, case["picture"], case["question"], *([base] if adapter else [])))


def llama_cpp(program: pathlib.Path, base: str, case: dict) -> str:
    if shutil.which("llama-mtmd-cli") is not None:
        return same(case, ask(program, case["picture"], case["question"]))
    with tempfile.TemporaryDirectory() as aside:
        path, log = stand_in(aside, "llama-mtmd-cli", "fine")
        assert ask(program, case["picture"], case["question"], path=path) == "fine"
        (arguments,) = [json.loads(line) for line in log.read_text().splitlines()]
    of = lambda flag: arguments[arguments.index(flag) + 1]  # noqa: E731
    assert pathlib.Path(of("-m")).exists() and pathlib.Path(of("--mmproj")).exists() and of("--image") == case["picture"]
    assert of("-n") == str(case["tokens"]) and of("--temp") == "0" and "--no-escape" in arguments
    assert int(of("--image-min-tokens")) < int(of("--image-max-tokens"))
    text = of("-p")
    assert text.count("<__media__>") == 1 and case["asked"] in text and (case["system"] or "") in text, text
    return f"hands on the conversation ({len(text)} characters). There is no llama-mtmd-cli, so nothing answered"


def ollama(program: pathlib.Path, base: str, case: dict) -> str:
    asked = []

    class Answering(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"response": " three\n"}).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as aside, contextlib.closing(server.socket):
        path, log = stand_in(aside, "ollama", "")
        address = f"http://127.0.0.1:{server.server_port}"
        assert ask(program, case["picture"], case["question"], address, path=path) == "three"
        ((verb, name, flag, modelfile, where),) = [json.loads(line) for line in log.read_text().splitlines()]
        server.shutdown()
    assert (verb, flag) == ("create", "-f") and pathlib.Path(modelfile).exists()
    assert pathlib.Path(where).resolve() == program.parent.parent
    ((place, body),) = asked
    assert place == "/api/generate" and body["model"] == name and body["prompt"] == case["question"]
    assert base64.b64decode(body["images"][0]) == pathlib.Path(case["picture"]).read_bytes()
    assert body["options"]["num_predict"] == case["tokens"] and body["options"]["temperature"] == 0
    return f"makes {name} and asks it (a stand-in answered)"


CHECKS = {"ask_with_transformers.py": transformers, "ask_with_llama_cpp.py": llama_cpp, "ask_with_ollama.py": ollama}


def main() -> int:
    bundle, base = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    case = json.load(sys.stdin)
    programs = sorted((bundle / "use").glob("*.py"))
    failed = 0 if programs else 1
    for program in programs:
        try:
            text = program.read_text(encoding="utf-8")
            assert str(bundle.parent) not in text and str(base.parent) not in text, "it names a place on this machine"
            print(f"  ok      {program.name} {CHECKS[program.name](program, str(base), case)}")
        except (AssertionError, KeyError, ValueError) as fault:
            failed += 1
            print(f"  FAILED  {program.name}: {fault!r}")
    return 1 if failed else 0


sys.exit(main())
