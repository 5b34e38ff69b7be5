"""An image whose recipe comes by the environment, line by line."""

import os

import modal

app = modal.App("wrong-recipe")

lines = os.environ["PROGRAM_LINES"].split(";")
image = modal.Image.debian_slim().dockerfile_commands(*lines)


@app.function(image=image)
def nothing():
    pass


@app.local_entrypoint()
def main():
    nothing.remote()
