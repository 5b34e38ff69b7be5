"""Calls that are given up."""

import sys
import time

import modal

app = modal.App("cancels")


@app.function(timeout=300, max_containers=1)
def nap(seconds: float) -> float:
    say(f"napping for {seconds} s")
    time.sleep(seconds)
    return seconds


def told(call) -> str:
    try:
        return f"came back with {call.get(timeout=60)}"
    except Exception as problem:
        return f"{type(problem).__name__}: {problem}"


def say(line: str):
    """In one piece, so that no line of a container's log gets into it."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@app.local_entrypoint()
def main():
    running = nap.spawn(200.0)
    waiting = nap.spawn(201.0)
    try:
        running.get(timeout=4)
    except TimeoutError:
        say("not there yet")
    waiting.cancel()
    say(f"waiting: {told(waiting)}")
    running.cancel()
    say(f"running: {told(running)}")
    doomed = nap.spawn(202.0)
    try:
        doomed.get(timeout=4)
    except TimeoutError:
        pass
    doomed.cancel(terminate_containers=True)
    say(f"with its container: {told(doomed)}")
    say(f"next: {nap.remote(0.0)}")
