"""Asks for less disk than a container can start on."""

import modal

app = modal.App("tiny-disk")


@app.function(ephemeral_disk=3)
def tiny() -> str:
    return "it ran"


@app.local_entrypoint()
def main():
    tiny.remote()
