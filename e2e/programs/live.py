"""Prints on both streams and goes on when a reader has seen it: lines arrive as they are written."""

import sys

import modal

app = modal.App("live")


@app.function(timeout=300)
def count(to: int):
    seen = modal.Queue.from_name("live-seen", create_if_missing=True)
    for number in range(1, to + 1):
        print(f"out {number}")
        print(f"err {number}", file=sys.stderr)
        seen.get(timeout=120)
    sys.stdout.write("no newline at the end")


@app.local_entrypoint()
def main():
    count.remote(2)
    print("the caller goes on")
