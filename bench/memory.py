"""The memory of a running suite: the sum of the proportional set sizes of all its processes.

    ./arena bench memory [--state DIR] [--seconds 60]

Looks once a second and prints the largest sum that was seen, by part.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from arena_local import commands, processes
from arena_local.layout import Layout


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--state")
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    state = str(Layout.of(options.state, 0).state)
    largest: Counter[str] = Counter()
    for _ in range(options.seconds):
        now: Counter[str] = Counter()
        for process in processes.marked(state):
            part = commands.part_of(process.pid)
            now[part] += processes.memory_of(process.pid)
        if now.total() > largest.total():
            largest = now
        time.sleep(1)
    for part, size in largest.most_common():
        print(f"{part:<22}{size / 2**20:>8.0f} MiB")
    print(f"{'sum of PSS':<22}{largest.total() / 2**20:>8.0f} MiB")
    return 0 if 0 < largest.total() < 4 * 2**30 else 1


if __name__ == "__main__":
    sys.exit(main())
