"""An app that stays, and tells its containers apart."""

import os
import sys
import time

import modal

app = modal.App("standing")


@app.function(min_containers=2, scaledown_window=600)
def ready() -> str:
    return os.environ["MODAL_TASK_ID"]


@app.function()
def patient(seconds: float) -> str:
    time.sleep(seconds)
    return os.environ["MODAL_TASK_ID"]


def running(function) -> int:
    return function.get_current_stats().num_running_inputs


if __name__ == "__main__":
    function = modal.Function.from_name("standing", "patient")
    call = function.spawn(float(sys.argv[1]))
    while running(function) == 0:
        time.sleep(0.1)
    print("it runs", flush=True)
    print("answered by", call.get(timeout=120), flush=True)
