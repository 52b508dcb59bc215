"""How fast an agent starts from warm. Started by the executor's bench, as the runners' user.

agent_start.py AGENT_PYTHON_JSON CODE_DIR COUNT prints the seconds from asking the zygote until each
agent had loaded; then keeps ten of them, prints their process ids, and waits for its stdin to end.
"""

from __future__ import annotations

import json
import os
import sys
import time

from arena.agent_python import AgentPython
from arena.agents import AgentGroup, Answer
from arena.cage import SandboxSpec
from arena.nursery import Zygote
from arena.sandbox import ZygoteSandbox

KEPT = 10


def main() -> None:
    python = AgentPython(**json.loads(sys.argv[1]))
    code, count = sys.argv[2], int(sys.argv[3])
    core = min(os.sched_getaffinity(0))
    zygote = Zygote(python)
    zygote.probe()
    os.sched_setaffinity(0, {core})
    spec = SandboxSpec(python, code, 0)
    seconds, kept = [], []
    for number in range(count):
        begun = time.monotonic()
        group = AgentGroup([spec], lambda one: ZygoteSandbox(one, zygote.channel, core))
        (reply,) = group.load(60.0, time.monotonic() + 60.0).values()
        seconds.append(time.monotonic() - begun)
        assert isinstance(reply, Answer), reply
        if number < count - KEPT:
            group.close()
        else:
            kept.append(group)
    print(json.dumps(seconds), flush=True)
    print(json.dumps([group._agents[0].sandbox._first_process() for group in kept]), flush=True)
    sys.stdin.read()
    for group in kept:
        group.close()


if __name__ == "__main__":
    main()
