"""Calls that are started now and asked about later."""

import time

import modal

app = modal.App("handles")


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
        print("early: finished too soon")
    except TimeoutError:
        print("early: not yet")
    started = time.monotonic()
    try:
        call.get(timeout=0.5)
    except TimeoutError:
        print(f"short wait: not yet, after about {time.monotonic() - started:.0f} s")
    print("waited:", call.get(timeout=60))
    print("again:", call.get())
    print("from id:", modal.FunctionCall.from_id(call.object_id).get(timeout=10))

    calls = [slow_double.spawn(number, 0.1) for number in range(4)]
    print("gathered:", modal.FunctionCall.gather(*calls))

    failing = fail.spawn("no such shelf")
    try:
        failing.get(timeout=60)
    except LookupError as problem:
        print("failed:", problem)

    cancelled = slow_double.spawn(1, 300.0)
    time.sleep(1.0)
    cancelled.cancel()
    try:
        cancelled.get(timeout=20)
        print("cancelled: came back with a value")
    except TimeoutError:
        print("cancelled: never came back")
    except Exception as problem:
        print("cancelled:", type(problem).__name__)
