"""Prints slowly on both streams, so that a reader can see whether lines arrive as they are written."""

import sys
import time

import modal

app = modal.App("live")


@app.function()
def count(to: int):
    for number in range(1, to + 1):
        print(f"out {number}")
        print(f"err {number}", file=sys.stderr)
        time.sleep(1.0)
    sys.stdout.write("no newline at the end")


@app.local_entrypoint()
def main():
    count.remote(4)
    print("the caller goes on")
