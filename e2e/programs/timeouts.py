"""A function that takes longer than it may."""

import time

import modal

app = modal.App("timeouts")


@app.function(timeout=3)
def dawdle(seconds: float) -> str:
    time.sleep(seconds)
    return f"slept {seconds}"


@app.local_entrypoint()
def main():
    try:
        print("came back:", dawdle.remote(60.0))
    except Exception as problem:
        print(f"too long: {type(problem).__name__}: {problem}")
    print("next:", dawdle.remote(0.0))
