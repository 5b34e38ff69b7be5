"""Calls that are given up."""

import time

import modal

app = modal.App("cancels")


@app.function(timeout=300, max_containers=1)
def nap(seconds: float) -> float:
    print(f"napping for {seconds} s", flush=True)
    time.sleep(seconds)
    return seconds


def told(call) -> str:
    try:
        return f"came back with {call.get(timeout=60)}"
    except Exception as problem:
        return f"{type(problem).__name__}: {problem}"


@app.local_entrypoint()
def main():
    running = nap.spawn(200.0)
    waiting = nap.spawn(201.0)
    try:
        running.get(timeout=4)
    except TimeoutError:
        print("not there yet")
    waiting.cancel()
    print("waiting:", told(waiting))
    running.cancel()
    print("running:", told(running))
    doomed = nap.spawn(202.0)
    try:
        doomed.get(timeout=4)
    except TimeoutError:
        pass
    doomed.cancel(terminate_containers=True)
    print("with its container:", told(doomed))
    print("next:", nap.remote(0.0))
