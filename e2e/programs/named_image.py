"""Runs on images that were built before: one by its name, one by its id."""

import os

import modal

app = modal.App("named-image")
named = modal.Image.from_name("bakery:v1")
known = modal.Image.from_id(os.environ.get("PROGRAM_IMAGE", "im-none"))


@app.function(image=named)
def by_name() -> str:
    with open("/opt/bread") as bread:
        return bread.read().strip()


@app.function(image=known)
def by_id() -> str:
    with open("/opt/bread") as bread:
        return bread.read().strip()


@app.local_entrypoint()
def main():
    print("bread: " + by_name.remote() + " | " + by_id.remote())
