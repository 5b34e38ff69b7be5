"""An image of one's own: packages, a command, a variable. It is built once and then reused.

    modal run image_with_packages.py
"""

import modal

app = modal.App("image-with-packages")

image = (
    modal.Image.debian_slim(python_version="3.12")
    .pip_install("humanize==4.9.0")
    .run_commands("date -u > /built-at")
    .env({"SPEAKER": "the container"})
)


@app.function(image=image)
def describe(number_of_bytes: int) -> str:
    import os
    from pathlib import Path

    import humanize

    size = humanize.naturalsize(number_of_bytes)
    built = Path("/built-at").read_text().strip()
    return f"{os.environ['SPEAKER']} says: {size} (image built {built})"


@app.local_entrypoint()
def main(size: int = 123_456_789):
    print(describe.remote(size))
