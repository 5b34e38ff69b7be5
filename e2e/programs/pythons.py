"""One app whose functions run on different Pythons at the same time.

The versions come by the environment, because old and new clients offer different ones.
"""

import os
import sys

import modal

app = modal.App("pythons")

VERSIONS = os.environ.get("PROGRAM_PYTHONS", "3.10 3.11").split()


def image(version: str) -> modal.Image:
    return modal.Image.debian_slim(python_version=version).env({"PROGRAM_PYTHONS": " ".join(VERSIONS)})


def version_here() -> str:
    import ssl
    import sqlite3

    assert ssl.OPENSSL_VERSION and sqlite3.sqlite_version
    return f"{sys.version_info.major}.{sys.version_info.minor}"


@app.function(image=image(VERSIONS[0]))
def first(word: str) -> str:
    return f"{version_here()} {word}"


@app.function(image=image(VERSIONS[-1]))
def last(word: str) -> str:
    return f"{version_here()} {word}"


@app.function(image=image(VERSIONS[len(VERSIONS) // 2]))
def middle(word: str) -> str:
    """Is called here and calls both others, so three containers run at once."""
    return f"{version_here()} between {first.remote(word)} and {last.remote(word)}"


@app.local_entrypoint()
def main():
    print("answer:", middle.remote("hello"))
