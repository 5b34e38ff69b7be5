"""Calls that are started now and asked about later."""

import sys
import time

import modal

app = modal.App("handles")


def say(*words):
    """In one piece, so that no line of a container's log gets into it."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


@app.function()
def slow_double(number: int, seconds: float) -> int:
    time.sleep(seconds)
    return number * 2


@app.function()
def fail(reason: str):
    raise LookupError(reason)


@app.local_entrypoint()
def main():
    call = slow_double.spawn(21, 3.0)
    try:
        call.get(timeout=0)
        say("early: finished too soon")
    except TimeoutError:
        say("early: not yet")
    started = time.monotonic()
    try:
        call.get(timeout=0.5)
    except TimeoutError:
        say("short wait: not yet, when its time was over:", time.monotonic() - started > 0.4)
    say("waited:", call.get(timeout=60))
    say("again:", call.get())
    say("from id:", modal.FunctionCall.from_id(call.object_id).get(timeout=10))

    calls = [slow_double.spawn(number, 0.1) for number in range(4)]
    say("gathered:", modal.FunctionCall.gather(*calls))

    failing = fail.spawn("no such shelf")
    try:
        failing.get(timeout=60)
    except LookupError as problem:
        say("failed:", problem)

    cancelled = slow_double.spawn(1, 300.0)
    time.sleep(1.0)
    cancelled.cancel()
    try:
        cancelled.get(timeout=20)
        say("cancelled: came back with a value")
    except TimeoutError:
        say("cancelled: never came back")
    except Exception as problem:
        say("cancelled:", type(problem).__name__)
