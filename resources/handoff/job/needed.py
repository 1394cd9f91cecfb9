"""What a program must have before it starts. Nothing here needs more than Python itself."""

import importlib.util
import sys


def need(packages):
    """Ends with one sentence, instead of a failed import, where this Python lacks packages."""
    lacking = [name for name in packages if importlib.util.find_spec(name) is None]
    if lacking:
        raise SystemExit(
            f"The Python of this job, {sys.executable}, lacks {', '.join(lacking)}: install requirements.txt there, "
            "or start Ray with the right Python's folder first in PATH, as a whole path."
        )
