"""A function whose code travels by value: its container never sees this file."""

import os

import modal

app = modal.App("serialized")


@app.local_entrypoint()
def unused():
    pass


def build(factor: int):
    def scale(number: int):
        return number * factor, os.path.exists("/root/serialized.py")

    return scale


scale_by_seven = app.function(serialized=True, name="scale_by_seven")(build(7))


@app.local_entrypoint()
def main():
    print("scaled:", scale_by_seven.remote(6))
