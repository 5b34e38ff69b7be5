"""A function that takes longer than it may."""

import sys
import time

import modal

app = modal.App("timeouts")


def say(*words):
    """In one piece, so that no line of a container's log gets into it."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


@app.function(timeout=3)
def dawdle(seconds: float) -> str:
    time.sleep(seconds)
    return f"slept {seconds}"


@app.local_entrypoint()
def main():
    try:
        say("came back:", dawdle.remote(60.0))
    except Exception as problem:
        say(f"too long: {type(problem).__name__}: {problem}")
    say("next:", dawdle.remote(0.0))
