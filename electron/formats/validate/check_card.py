"""Runs the program on the card of an exported bundle, as its readers would: it must load the weights and print an answer.

Usage: python check_card.py BUNDLE BASE PICTURE. BASE is the base model's folder, which the card of a model from no hub
cannot name. Prints one line; ends with status 1 if the program fails.
"""

import json
import pathlib
import re
import subprocess
import sys


def program(card: str, places: dict[str, pathlib.Path]) -> str:
    """The card's block of Python, with its places filled in."""
    (code,) = re.findall(r"```python\n(.*?)```", card, re.DOTALL)
    for name, place in places.items():
        code, found = re.subn(rf"^{name} = .*$", lambda _: f"{name} = {json.dumps(str(place))}", code, flags=re.MULTILINE)
        assert found == 1 or (name == "BASE" and found == 0), f"the card has no place for {name}"
    return code


def main() -> int:
    bundle, base, picture = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
    code = program((bundle / "README.md").read_text(encoding="utf-8"), {"BASE": base, "FOLDER": bundle, "PICTURE": picture})
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if result.returncode != 0:
        print(f"  FAILED  the card's program: {result.stderr.strip()[-500:]}")
        return 1
    print(f"  ok      the card's program answers {result.stdout.strip()[:80]!r}")
    return 0


sys.exit(main())
