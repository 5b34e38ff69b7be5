"""How long the official client takes for an unchanged Dockerfile, with all that it does itself.

    client_builds_on_slipway.py DIRECTORY
"""

import sys
import time
from pathlib import Path

import modal

TIMES = 7


def build(app: modal.App, directory: Path):
    modal.Image.from_dockerfile(directory / "Dockerfile", context_dir=directory).build(app)


def main(directory: Path):
    app = modal.App.lookup("client-builds", create_if_missing=True)
    build(app, directory)
    for _ in range(TIMES):
        begun = time.monotonic()
        build(app, directory)
        print(f"client {(time.monotonic() - begun) * 1000:.1f}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
