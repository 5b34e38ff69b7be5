"""A module that takes for ever to import in a container."""

import time

import modal

app = modal.App("slow-start")

if not modal.is_local():
    time.sleep(300)


@app.function(timeout=4)
def never() -> str:
    return "ready after all"


@app.local_entrypoint()
def main():
    try:
        print("came back:", never.remote())
    except Exception as problem:
        print(f"not ready: {type(problem).__name__}: {problem}")
