"""An image of the builder version that the environment names."""

import os
import sys

import modal

app = modal.App("builder-version")
python = os.environ.get("PROGRAM_PYTHON")
image = modal.Image.debian_slim(python).pip_install("six==1.16.0")


@app.function(image=image)
def inspect() -> str:
    import six

    with open("/etc/os-release") as release:
        names = dict(line.strip().split("=", 1) for line in release if "=" in line)
    return f"{names['VERSION_CODENAME']} {sys.version_info[0]}.{sys.version_info[1]} {six.__version__}"


@app.local_entrypoint()
def main():
    print("built on: " + inspect.remote())
