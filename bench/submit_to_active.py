"""How long a one-file agent takes from upload to active, on a running suite.

./arena bench submit_to_active [--count 20] [--port-offset N]
"""

from __future__ import annotations

import argparse
import sys
import time

from arena_local.layout import Layout
from figures import describe
from suite import Suite, sample
from user import User


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--state")
    parser.add_argument("--port-offset", type=int)
    parser.add_argument("--count", type=int, default=20)
    options = parser.parse_args()
    suite = Suite(Layout.of(options.state, options.port_offset))
    user = User.register(suite, "bench")
    seconds = []
    for number in range(options.count):
        agent = user.create_agent(f"Bench {number}", "tic-tac-toe")
        begun = time.monotonic()
        version = user.submit(agent, "agent.py", sample("tic-tac-toe", "random_mover").read_bytes())
        row = user.await_built(version)
        seconds.append(time.monotonic() - begun)
        if row["status"] != "active":
            print(f"not active but {row['status']}: {row.get('errorMessage')}")
            return 1
        # Its matches would take the time of the next build.
        user.http.delete(f"/api/v1/agents/{agent}")
    print(describe("upload to active", seconds, "s"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
