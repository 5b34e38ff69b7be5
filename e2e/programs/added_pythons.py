"""Pythons in images that come without: in one that has little more than a shell, and in Debian's."""

import os
import sys

import modal

app = modal.App("added-pythons")

bare = modal.Image.from_dockerfile("bare/Dockerfile", context_dir="bare", add_python="3.11")
debian = modal.Image.from_registry(
    "debian:bookworm-slim",
    add_python="3.11",
    setup_dockerfile_commands=["RUN command -v python3 > /opt/setup"],
).pip_install("six==1.16.0")


def describe() -> str:
    import bz2, ctypes, curses, lzma, readline, sqlite3, ssl, uuid  # noqa: E401, F401

    answer = sqlite3.connect(":memory:").execute("select 6 * 7").fetchone()[0]
    return f"{sys.version_info[0]}.{sys.version_info[1]} in {sys.prefix}, {answer}"


@app.function(image=bare)
def in_bare() -> str:
    return f"{describe()} {sorted(os.listdir('/opt/shelf'))}"


@app.function(image=debian)
def in_debian() -> str:
    import six

    with open("/opt/setup") as setup:
        return f"{describe()}, six {six.__version__}, set up with {setup.read().strip()}"


@app.local_entrypoint()
def main():
    print("bare: " + in_bare.remote())
    print("debian: " + in_debian.remote())
