"""Works for a long time in two containers and says where."""

import os
import time

import modal

app = modal.App("patient")


@app.function(timeout=600)
def wait(number: int):
    print(f"working in {os.environ['MODAL_TASK_ID']}", flush=True)
    time.sleep(500)


@app.local_entrypoint()
def main():
    list(wait.map([1, 2]))
