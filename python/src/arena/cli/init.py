"""`arena init`: a folder with an agent that plays at once."""

from __future__ import annotations

import argparse
from importlib import resources

from arena import environments
from arena.cli.failure import CliError

_README = """\
# An agent for {name}

{description} {rules}

Observation ({observation_type}): {observation}.

Action ({action_type}): {action}.

Score: {scoring}

    arena play . random -e {id} -n 20      # against random actions, seats swapped
    arena play . random -e {id} --html     # replay.html shows the match
    arena validate . -e {id}               # what the platform checks after an upload
    arena submit . -e {id} --watch         # upload it (arena login first)
{training}
numpy and gymnasium are there; other packages go into `requirements.txt`.
"""

_TRAINING = """
`train.py` trains a policy for about a minute and writes `weights.npz`, which `agent.py` plays from
then on:

    python train.py
"""


def run(options: argparse.Namespace) -> int:
    spec = environments.create(options.environment).spec
    folder = options.folder
    files = {"agent.py": str(spec.config["quickStartCode"])}
    templates = resources.files("arena.cli").joinpath("templates", options.environment)
    if templates.is_dir():
        files |= {
            file.name: file.read_text("utf-8")
            for file in templates.iterdir()
            if file.name.endswith(".py")
        }
    files["README.md"] = _README.format(
        id=spec.id,
        name=spec.name,
        description=spec.description,
        rules=spec.config["rules"],
        observation_type=spec.config["observationSpace"]["type"],
        observation=spec.config["observationSpace"]["description"],
        action_type=spec.config["actionSpace"]["type"],
        action=spec.config["actionSpace"]["description"],
        scoring=spec.config["scoringSystem"],
        training=_TRAINING if "train.py" in files else "",
    )
    taken = [name for name in files if (folder / name).exists()]
    if taken:
        raise CliError(f"{folder} already has {', '.join(taken)}: nothing was written.")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    print(f"Wrote {', '.join(files)} to {folder}. Try:")
    print(f"  arena play {folder} random -e {spec.id} -n 10")
    return 0
