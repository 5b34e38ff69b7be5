"""An image of several layers. What differs between runs comes by the environment."""

import os

import modal

app = modal.App("images")

MARK = os.environ.get("PROGRAM_MARK", "none")

image = (
    modal.Image.debian_slim()
    .pip_install("humanize==4.9.0")
    .run_commands(
        "echo the first line of the build && echo and one on stderr >&2",
        f"mkdir -p /opt/oven && echo {MARK} > /opt/oven/mark",
        force_build="PROGRAM_FORCE" in os.environ,
    )
    .env({"OVEN": "stone oven, 250°C", "PROGRAM_MARK": MARK})
)


@app.function(image=image)
def inspect() -> str:
    import humanize

    with open("/opt/oven/mark") as mark:
        return f"{humanize.intcomma(1234567)} | {mark.read().strip()} | {os.environ['OVEN']}"


@app.local_entrypoint()
def main():
    print("inspected:", inspect.remote())
