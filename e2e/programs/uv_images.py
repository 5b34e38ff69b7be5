"""Packages that uv installs, by name and for a project, and those of a project of poetry."""

import pathlib

import modal

app = modal.App("uv-images")

HERE = pathlib.Path(__file__).parent

image = modal.Image.debian_slim().uv_pip_install("humanize==4.9.0", extra_options="--no-deps")


locked = modal.Image.debian_slim().uv_sync(str(HERE / "loaves"))

poetic = modal.Image.debian_slim().poetry_install_from_file(
    str(HERE / "rolls" / "pyproject.toml"), ignore_lockfile=True
)


@app.function(image=locked)
def inspect_locked() -> str:
    import sys

    import humanize

    return f"{humanize.intcomma(7654321)} in {sys.prefix}"


@app.function(image=poetic)
def inspect_poetic() -> str:
    from importlib.metadata import version

    return f"{version('poetry').split('.')[0]}, six {version('six')}"


@app.function(image=image)
def inspect() -> str:
    import humanize

    return humanize.intcomma(1234567)


@app.local_entrypoint()
def main():
    print("uv: " + inspect.remote())
    print("locked: " + inspect_locked.remote())
    print("poetry: " + inspect_poetic.remote())
