"""Asks for a Python that is not there yet."""

import modal

app = modal.App("no-such-python")


@app.function(image=modal.Image.from_registry("python:3.99-slim-bookworm"))
def never():
    pass


@app.local_entrypoint()
def main():
    never.remote()
