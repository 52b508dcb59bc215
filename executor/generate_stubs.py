"""Generates the gRPC stubs from contracts/grpc/executor.proto into src/arena_executor/generated.

Run once after installing requirements.txt, and again when the contract changes:
    python executor/generate_stubs.py [PROTO_FOLDER]
"""

import sys
from pathlib import Path

from grpc_tools import protoc

HERE = Path(__file__).resolve().parent
PACKAGE = "arena_executor/generated"


def main() -> int:
    contracts = sys.argv[1] if len(sys.argv) > 1 else str(HERE.parent / "contracts" / "grpc")
    target = HERE / "src" / PACKAGE
    target.mkdir(parents=True, exist_ok=True)
    (target / "__init__.py").write_text("")
    return protoc.main(
        [
            "protoc",
            # Seen below the package's path, so that the generated files import each other there.
            f"-I{PACKAGE}={contracts}",
            f"--python_out={HERE / 'src'}",
            f"--grpc_python_out={HERE / 'src'}",
            f"{PACKAGE}/executor.proto",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
