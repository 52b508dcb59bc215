"""Compiles every .py below a folder without running any, and prints what does not compile.

One JSON object per line: {"file": ...} before a file is compiled, so that a crash of the compiler
can be laid at its door, then {"file", "line", "message"} if it does not compile.
"""

import json
import os
import sys
import warnings
from pathlib import Path

MAX_ERRORS = 20


def show(**fields: object) -> None:
    """Prints one line at once; undecodable names must not break the report."""
    print(json.dumps(fields), flush=True)


def problem(path: Path, name: str) -> dict[str, object] | None:
    """What is wrong with a file, or None."""
    try:
        compile(path.read_bytes(), name, "exec", dont_inherit=True)
    except SyntaxError as error:
        return {"line": error.lineno, "message": error.msg}
    except (ValueError, UnicodeError) as error:
        return {"line": None, "message": str(error)}
    except (RecursionError, MemoryError):
        return {"line": None, "message": "the code is nested too deeply"}
    return None


def main() -> None:
    """Compiles all files below the folder named by the last argument, in order."""
    warnings.simplefilter("ignore")
    root = Path(sys.argv[-1])
    files = [
        Path(folder) / name
        for folder, _, names in os.walk(root)
        for name in names
        if name.endswith(".py")
    ]
    errors = 0
    for path in sorted(files):
        name = str(path.relative_to(root))
        show(file=name)
        found = problem(path, name)
        if found:
            show(file=name, **found)
            errors += 1
        if errors >= MAX_ERRORS:
            break


main()
