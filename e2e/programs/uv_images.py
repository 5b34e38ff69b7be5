"""Packages that uv installs: by name, and from a locked project."""

import pathlib

import modal

app = modal.App("uv-images")

image = modal.Image.debian_slim().uv_pip_install("humanize==4.9.0", extra_options="--no-deps")


@app.function(image=image)
def inspect() -> str:
    import humanize

    return humanize.intcomma(1234567)


@app.local_entrypoint()
def main():
    print("uv: " + inspect.remote())
