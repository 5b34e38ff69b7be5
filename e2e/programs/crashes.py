"""Ways in which a container ends without saying goodbye, each followed by an ordinary call."""

import ctypes
import os
import sys

import modal

app = modal.App("crashes")


def say(*words):
    """In one piece, so that no line of a container's log gets into it."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


@app.function(memory=(128, 256))
def crash(how: str) -> str:
    if how == "exit":
        os._exit(1)
    if how == "segfault":
        ctypes.string_at(0)
    if how == "memory":
        hoard = []
        while True:
            hoard.append(bytearray(os.urandom(1 << 20) * 8))
    return f"fine in {os.environ['MODAL_TASK_ID']}"


@app.local_entrypoint()
def main():
    before = crash.remote("not at all")
    say("before:", before)
    for how in ["exit", "segfault", "memory"]:
        try:
            say(f"{how}: came back with {crash.remote(how)}")
        except Exception as problem:
            say(f"{how}: {type(problem).__name__}: {problem}")
        after = crash.remote("not at all")
        say(f"after {how}: {after.split()[0]}, {'another' if after != before else 'the same'} container")
        before = after
