"""One app, three versions of Python: each function has an image of its own.

    modal run three_pythons.py
"""

import sys

import modal

app = modal.App("three-pythons")


def version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


@app.function(image=modal.Image.debian_slim(python_version="3.10"))
def on_310() -> str:
    return version()


@app.function(image=modal.Image.debian_slim(python_version="3.11"))
def on_311() -> str:
    return version()


@app.function(image=modal.Image.debian_slim(python_version="3.13"))
def on_313() -> str:
    return version()


@app.local_entrypoint()
def main():
    calls = [function.spawn() for function in (on_310, on_311, on_313)]
    print("ran on", ", ".join(modal.FunctionCall.gather(*calls)))
