"""Functions that hang where nothing reaches them, and a function that is late."""

import os
import signal
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


@app.local_entrypoint()
def main():
    for how in ["deaf", "stopped"]:
        try:
            print(f"{how}: came back with {hang.remote(how)}")
        except Exception as problem:
            print(f"{how}: {type(problem).__name__}: {problem}")
        print(f"after {how}: {hang.remote('no')}")
