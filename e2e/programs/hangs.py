"""Functions that hang where nothing reaches them, and a function that is late."""

import os
import signal
import sys
import time

import modal

app = modal.App("hangs")


@app.function(timeout=4)
def hang(how: str) -> str:
    if how == "deaf":
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64))
        while True:
            time.sleep(1)
    if how == "stopped":
        os.kill(os.getpid(), signal.SIGSTOP)
        time.sleep(100)
    return "fine"


def say(line: str):
    """In one piece, so that no line of a container's log gets into it."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@app.local_entrypoint()
def main():
    for how in ["deaf", "stopped"]:
        try:
            say(f"{how}: came back with {hang.remote(how)}")
        except Exception as problem:
            say(f"{how}: {type(problem).__name__}: {problem}")
        say(f"after {how}: {hang.remote('no')}")
