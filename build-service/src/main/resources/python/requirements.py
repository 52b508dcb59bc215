"""Judges a requirements.txt and prints what pip may be asked for, as JSON.

Run with the path of the file; user text is parsed, never executed. The answer is either
{"requirements": [...]} or {"error": "<sentence>"}.
"""

import json
import re
import sys
from pathlib import Path

try:
    from packaging.requirements import InvalidRequirement, Requirement
except ImportError:  # an environment without it still has the copy that pip works with
    from pip._vendor.packaging.requirements import InvalidRequirement, Requirement

MAX_PACKAGES = 200
MAX_LINE = 1000
ADVICE = "Write one package of the package index on each line, such as numpy>=2."


class Refused(Exception):
    """A line that is not taken; the message is for the author."""


def parse_line(line: str) -> str | None:
    """The requirement of one line in normal form, or None if the line asks for nothing."""
    text = re.sub(r"(^|\s)#.*$", "", line).strip()
    if not text:
        return None
    if len(text) > MAX_LINE:
        raise Refused(f"the line is longer than {MAX_LINE} characters.")
    if text.endswith("\\"):
        raise Refused("a requirement may not go on in the next line.")
    if text.startswith("-") or re.search(r"\s--\w", text):
        raise Refused("options are not allowed.")
    if re.match(r"(git|hg|svn|bzr)\+", text) or "://" in text:
        raise Refused("addresses and version control are not allowed.")
    if text.startswith((".", "/", "~", "\\")) or re.search(r"\.(whl|zip|tar\.\w+|tgz)\b", text):
        raise Refused("files and folders are not allowed.")
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        raise Refused("this is not a requirement that pip understands.") from None
    if requirement.url:
        raise Refused("addresses and version control are not allowed.")
    if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
        return None
    requirement.marker = None
    return str(requirement)


def parse(content: bytes) -> list[str]:
    """All requirements of the file."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("requirements.txt is not UTF-8 text.") from None
    requirements: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            requirement = parse_line(line)
        except Refused as refused:
            raise Refused(f"requirements.txt, line {number}: {refused} {ADVICE}") from None
        except Exception:  # odd markers make the library raise what it does not document
            raise Refused(
                f"requirements.txt, line {number}: this is not a requirement that pip"
                f" understands. {ADVICE}"
            ) from None
        if requirement is not None and requirement not in requirements:
            requirements.append(requirement)
        if len(requirements) > MAX_PACKAGES:
            raise Refused(f"requirements.txt asks for more than {MAX_PACKAGES} packages.")
    return requirements


def main() -> None:
    """Prints the verdict on the file named by the last argument."""
    try:
        answer = {"requirements": parse(Path(sys.argv[-1]).read_bytes())}
    except Refused as refused:
        answer = {"error": str(refused)}
    print(json.dumps(answer))


main()
