"""Puts the schemas of all events into an Apicurio Registry (REST API v3), for those who look there.

    ./arena schemas publish --registry URL [--group rl-arena] [--token-file FILE]

Nothing of the suite reads the registry. Safe to repeat: a schema that is there in the same words
makes no new version. A registry that holds to its rules may refuse one, which is told at the end.
Exit status 1: it refused at least one schema; 2: it did not answer as a registry does.
"""

from __future__ import annotations

import argparse
import json
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote

import promises

SECONDS = 30
#: CloudEvents types of our events begin so.
TYPES = "org.rlarena."


class NoRegistry(Exception):
    """It cannot be reached, or is something else."""


class Registry:
    def __init__(self, url: str, group: str, token: str | None = None) -> None:
        if not url.startswith(("http://", "https://")):
            raise NoRegistry(f"--registry wants a URL with http or https, not {url!r}")
        self._artifacts = (
            f"{url.rstrip('/')}/apis/registry/v3/groups/{quote(group, safe='')}/artifacts"
        )
        self._token = token

    def publish(self, event: str, schema: dict[str, Any]) -> str | None:
        """Why the registry refuses the schema; None if it holds it now. NoRegistry if the answer is
        none of a registry's."""
        artifact = {
            "artifactId": TYPES + event,
            "artifactType": "JSON",
            "name": schema["title"],
            "description": schema["description"],
            "firstVersion": {
                "content": {
                    "content": json.dumps(schema, indent=2),
                    "contentType": "application/json",
                }
            },
        }
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        request = urllib.request.Request(
            # Canonical: other spaces or another order make no other version.
            f"{self._artifacts}?ifExists=FIND_OR_CREATE_VERSION&canonical=true",
            data=json.dumps(artifact).encode(),
            headers=headers,
            method="POST",
        )
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                json.load(answer)["version"]["version"]
        except urllib.error.HTTPError as error:
            if error.code in (400, 409, 422):
                return _complaint(error)
            raise NoRegistry(f"it answers {error.code}: {_complaint(error)}") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NoRegistry(str(error)) from None
        return None


def _complaint(error: urllib.error.HTTPError) -> str:
    """What the registry says, cut: it is shown on a terminal."""
    try:
        body = json.load(error)
        said = str(body.get("title") or body.get("detail") or body)
    except (ValueError, AttributeError):
        said = error.reason
    return "".join(c for c in said[:500] if c.isprintable())


def publish_all(registry: Registry, schemas: dict[str, dict[str, Any]]) -> dict[str, str]:
    """What was refused, by event, and why."""
    said = {event: registry.publish(event, schema) for event, schema in sorted(schemas.items())}
    return {event: why for event, why in said.items() if why}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="./arena schemas")
    parser.add_argument("action", choices=("publish",))
    parser.add_argument("--registry", required=True, help="its address, before /apis")
    parser.add_argument("--group", default="rl-arena")
    parser.add_argument("--token-file", type=Path, help="holds a bearer token for the registry")
    options = parser.parse_args(arguments)
    schemas = promises.current()
    try:
        token = options.token_file.read_text("utf-8").strip() if options.token_file else None
        refused = publish_all(Registry(options.registry, options.group, token), schemas)
    except (NoRegistry, OSError) as error:
        print(f"The registry {options.registry} cannot be used: {error}", file=sys.stderr)
        return 2
    for event, why in refused.items():
        print(f"{event}: refused: {why}", file=sys.stderr)
    print(f"{len(schemas) - len(refused)} of {len(schemas)} schemas are in {options.group}")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
