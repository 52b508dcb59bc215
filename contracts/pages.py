"""The page on which people read what `asyncapi.yaml` and the schemas say.

    ./arena asyncapi           writes asyncapi.html anew
    ./arena asyncapi --check   whether it is what the contract says now

One file without scripts and without anything from elsewhere. The gateway serves it at /asyncapi.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import yaml

import promises

HERE = Path(__file__).parent
PAGE = HERE / "asyncapi.html"
DAY_MS = 86_400_000

STYLE = """\
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0; display: flex; }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; flex: 0 0 17em; padding: 1em;
  box-sizing: border-box; border-right: 1px solid #8884; font-size: 14px; }
nav ul { list-style: none; padding: 0 0 0 .8em; margin: 0 0 .6em; }
nav > ul { padding: 0; }
main { padding: 1em 2em 4em; max-width: 62em; min-width: 0; }
code, pre { font: 13px/1.45 ui-monospace, monospace; }
a { color: #2a66c8; text-decoration: none; }
a:hover { text-decoration: underline; }
section { border-top: 2px solid #8886; margin-top: 2.5em; }
article { margin: 1.5em 0 0; padding-left: 1em; border-left: 3px solid #2a66c866; }
h3 { margin: 0; }
.about td:first-child { font-weight: 600; width: 9em; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: .25em .8em .25em 0;
  border-bottom: 1px solid #8883; }
pre { background: #8881; padding: .8em; overflow-x: auto; }
@media (max-width: 50em) { body { display: block; } nav { position: static; height: auto; } }
"""


def render(contract: Path = HERE) -> str:
    """The whole page; the same text for the same files."""
    document = yaml.safe_load((contract / "asyncapi.yaml").read_text("utf-8"))
    channels, messages = document["channels"], document["components"]["messages"]
    info = document["info"]
    lines = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{escape(info['title'])}</title>",
        f"<style>\n{STYLE}</style>",
        "</head>",
        "<body>",
        *_navigation(channels),
        "<main>",
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>",
        f"<p>{escape(info['description'])}</p>",
        '<p>The same for programs: <a href="asyncapi.yaml">asyncapi.yaml</a> (AsyncAPI 3).</p>',
        '<h2 id="headers">Headers of every record</h2>',
        *_fields(document["components"]["schemas"]["cloudEventHeaders"]),
    ]
    for name, channel in channels.items():
        lines += _topic(name, channel)
        for message in channel["messages"]:
            lines += _message(contract, message, messages[message])
        lines.append("</section>")
    return "\n".join([*lines, "</main>", "</body>", "</html>", ""])


def _navigation(channels: dict[str, Any]) -> Iterator[str]:
    yield "<nav><ul>"
    yield '<li><a href="#headers">Headers</a></li>'
    for name, channel in channels.items():
        yield f'<li><a href="#{escape(name)}"><b>{escape(name)}</b></a><ul>'
        for message in channel["messages"]:
            yield f'<li><a href="#{escape(message)}">{escape(message)}</a></li>'
        yield "</ul></li>"
    yield "</ul></nav>"


def _topic(name: str, channel: dict[str, Any]) -> Iterator[str]:
    kafka = channel["bindings"]["kafka"]
    readers = channel["x-readers"]
    yield f'<section id="{escape(name)}">'
    yield f"<h2>{escape(name)}</h2>"
    yield '<table class="about">'
    for label, text in (
        ("Topic", channel["address"]),
        ("Writer", channel["x-writer"]),
        ("Readers", ", ".join(readers) or "none in the suite beside the gateway's live stream"),
        ("Key", f"{channel['x-key']}; order holds among records of one key"),
        ("Partitions", str(kafka["partitions"])),
        ("Kept", _retention(kafka["topicConfiguration"])),
        ("Dead letters", ", ".join(f"{channel['address']}.{r}.dlq" for r in readers) or "none"),
    ):
        yield f"<tr><td>{label}</td><td>{escape(text)}</td></tr>"
    yield "</table>"


def _retention(configuration: dict[str, Any]) -> str:
    if "compact" in configuration["cleanup.policy"]:
        return "compacted: the last record of each key, for ever"
    milliseconds = configuration["retention.ms"]
    return "for ever" if milliseconds < 0 else f"{milliseconds / DAY_MS:g} days"


def _message(contract: Path, name: str, message: dict[str, Any]) -> Iterator[str]:
    file = contract / message["payload"]["$ref"]
    schema = json.loads(file.read_text("utf-8"))
    link = message["payload"]["$ref"].removeprefix("./")
    yield f'<article id="{escape(name)}">'
    yield f"<h3>{escape(message['title'])}</h3>"
    yield (
        f"<p><code>ce_type: {escape(message['name'])}</code>"
        f' (<a href="{escape(link)}">schema</a>)</p>'
    )
    yield f"<p>{escape(schema['description'])}</p>"
    yield from _fields(schema)
    for example in sorted((file.parent / "examples").glob(f"{name}*.json")):
        text = escape(example.read_text("utf-8").strip())
        yield f"<details><summary>Example</summary><pre>{text}</pre></details>"
    yield "</article>"


def _fields(schema: dict[str, Any]) -> Iterator[str]:
    yield "<table><thead><tr><th>Field</th><th>Type</th><th>Meaning</th></tr></thead><tbody>"
    for path, field, mandatory in _walk(schema, "", schema):
        optional = "" if mandatory else " (optional)"
        yield (
            f"<tr><td><code>{escape(path)}</code>{optional}</td><td>{escape(_type(field))}</td>"
            f"<td>{escape(field.get('description', ''))}{_values(field)}</td></tr>"
        )
    yield "</tbody></table>"


def _walk(
    schema: dict[str, Any], path: str, root: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Every field below a schema with its path, and whether it is always there."""
    for name, given in schema.get("properties", {}).items():
        field = promises.resolved(given, root)
        where = f"{path}.{name}" if path else name
        yield where, field, name in schema.get("required", ())
        yield from _walk(field, where, root)
    if "items" in schema:
        yield from _walk(promises.resolved(schema["items"], root), f"{path}[]", root)


def _type(field: dict[str, Any]) -> str:
    kinds = field.get("type", "any")
    text = kinds if isinstance(kinds, str) else " or ".join(kinds)
    return f"{text} ({field['format']})" if "format" in field else text


def _values(field: dict[str, Any]) -> str:
    """What a field may hold today; readers take others for unknown."""
    values = field.get("x-values") or field.get("enum")
    if not values:
        return ""
    return " One of " + ", ".join(f"<code>{escape(str(value))}</code>" for value in values) + "."


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="./arena asyncapi",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--check", action="store_true")
    page = render()
    if not parser.parse_args().check:
        PAGE.write_text(page, "utf-8")
    elif not PAGE.exists() or PAGE.read_text("utf-8") != page:
        print("contracts/asyncapi.html is not of today's contract: ./arena asyncapi")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
