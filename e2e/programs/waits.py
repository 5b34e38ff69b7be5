"""Inputs that have to wait, for reasons of several kinds."""

import time

import modal

app = modal.App("waits")


@app.function(max_containers=1, retries=modal.Retries(max_retries=1, initial_delay=60.0))
def in_line(seconds: float) -> float:
    if seconds < 0:
        raise ValueError("no time runs backwards")
    time.sleep(seconds)
    return seconds


@app.function(memory=3_000_000, ephemeral_disk=3_000_000)
def enormous() -> str:
    return "it ran"


def until(condition):
    while not condition(in_line.get_current_stats()):
        time.sleep(0.1)


@app.local_entrypoint()
def main():
    # From here on there is a container.
    in_line.remote(0)
    failing = in_line.spawn(-1)
    time.sleep(2)
    until(lambda now: now.num_running_inputs == 0)
    print(f"delayed {failing.object_id}", flush=True)
    first, second = in_line.spawn(60), in_line.spawn(0)
    until(lambda now: now.num_running_inputs == 1)
    print(f"working {first.object_id}", flush=True)
    print(f"waiting {second.object_id}", flush=True)
    try:
        enormous.remote()
    except Exception as error:
        print(f"refused: {error}", flush=True)
