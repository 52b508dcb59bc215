"""The interpreter that agents run on."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

_PROBE = """
import json, os, sys, sysconfig
paths = sysconfig.get_paths()
print(json.dumps({
    "executable": os.path.realpath(sys.executable),
    "base_prefix": sys.base_prefix,
    "stdlib": sysconfig.get_path("stdlib", vars={"installed_base": sys.base_prefix}),
    "site_packages": sorted({paths["purelib"], paths["platlib"]}),
    "version": "%d.%d" % sys.version_info[:2],
    "platform": sysconfig.get_platform(),
}))
"""


class SandboxUnavailable(Exception):
    """A sandbox cannot be had on this machine; the message says what to do about it."""


@dataclass(frozen=True)
class AgentPython:
    """The interpreter agents run on, found once by probe().

    executable is the real file behind any link; site_packages are the folders of the packages that
    agents see (numpy, gymnasium, rl-arena, msgpack).
    """

    executable: str
    base_prefix: str
    stdlib: str
    site_packages: list[str]
    version: str
    platform: str

    @staticmethod
    def probe(python: str) -> AgentPython:
        """SandboxUnavailable if python does not start or lacks numpy or msgpack."""
        try:
            output = subprocess.run(
                [python, "-I", "-c", _PROBE], capture_output=True, check=True, timeout=60, text=True
            ).stdout
            subprocess.run(
                [python, "-I", "-c", "import numpy, msgpack"],
                capture_output=True,
                check=True,
                timeout=60,
                text=True,
            )
        except OSError as error:
            raise SandboxUnavailable(f"The agents' Python cannot be started: {error}") from None
        except subprocess.CalledProcessError as error:
            raise SandboxUnavailable(
                f"The agents' Python {python} lacks its packages; install "
                f"requirements-agent.txt into it. It said: {error.stderr.strip()[-300:]}"
            ) from None
        return AgentPython(**json.loads(output))

    def paths(self) -> list[str]:
        """What a sandbox mounts of it, read-only."""
        multiarch = sorted(str(path) for path in Path("/usr/lib").glob("*-linux-gnu*"))
        if self.base_prefix in ("/usr", "/usr/local"):
            own = [self.executable, self.stdlib]
            own += [str(p) for p in Path(self.base_prefix, "lib").glob("libpython3*.so*")]
        else:
            own = [self.base_prefix]
            if not self.executable.startswith(self.base_prefix + "/"):
                own.append(self.executable)
        return [*multiarch, *own]
