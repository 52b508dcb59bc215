"""Runs the demo again and again, each time on fresh data, and counts where the strongest led.

./arena bench demo_runs [--runs 20] [--port-offset 3000]
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import describe

ROOT = Path(__file__).resolve().parents[1]
FIGURES = {
    "all parts ready": r"all parts were ready after ([\d.]+) s",
    "first rated match, after ready": r"first match after ([\d.]+) s",
    "12th match, after ready": r"12 matches after ([\d.]+) s",
}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--port-offset", type=int, default=3000)
    options = parser.parse_args()
    figures: dict[str, list[float]] = {name: [] for name in FIGURES}
    seconds, passed = [], 0
    for number in range(1, options.runs + 1):
        with tempfile.TemporaryDirectory(prefix="arena-demo-") as folder:
            Path(folder).chmod(0o755)
            command = [str(ROOT / "arena"), "demo", "--exit", "--state", f"{folder}/state"]
            command += ["--port-offset", str(options.port_offset)]
            begun = time.monotonic()
            done = subprocess.run(command, capture_output=True, text=True)
            seconds.append(time.monotonic() - begun)
        for name, pattern in FIGURES.items():
            figures[name] += [float(value) for value in re.findall(pattern, done.stdout)]
        failures = re.findall(r"^FAILED: (.*)$", done.stdout, re.MULTILINE)
        if done.returncode == 0:
            passed += 1
        elif not failures:
            failures = [done.stdout[-500:] + done.stderr[-500:]]
        print(f"run {number}: {seconds[-1]:.0f} s {'; '.join(failures) or 'passed'}", flush=True)
    print(describe("demo", seconds, "s"))
    for name, values in figures.items():
        if values:
            print(describe(name, values, "s"))
    print(f"{passed} of {options.runs} passed: the strongest sample led in both environments")
    return 0 if passed >= options.runs * 0.95 else 1


if __name__ == "__main__":
    sys.exit(main())
