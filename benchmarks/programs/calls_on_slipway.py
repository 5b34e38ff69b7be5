"""The workload of `./slipway bench call` through the official client. Prints one JSON object."""

import json
import sys
import time

import modal

app = modal.App("bench-call")


@app.function()
def nothing(number: int) -> int:
    return number


# Leaves almost at once when idle, so that the next call finds no container.
@app.function(scaledown_window=2)
def first_in_its_container(number: int) -> str:
    import os

    return os.environ["MODAL_TASK_ID"]


def timed(call) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def cold_starts(count: int) -> list:
    tasks, times = set(), []
    for number in range(count):
        times.append(timed(lambda: tasks.add(first_in_its_container.remote(number))))
        time.sleep(6)
    if len(tasks) != count:
        sys.exit(f"{count} cold starts ran in {len(tasks)} containers: not all were cold")
    return times


def main(cold: int, warm: int, mapped: int):
    with app.run():
        nothing.remote(0)
        for number in range(warm // 10):
            nothing.remote(number)
        warm_ms = []
        for number in range(warm):
            started = time.perf_counter()
            nothing.remote(number)
            warm_ms.append((time.perf_counter() - started) * 1000)
        started = time.perf_counter()
        total = sum(nothing.map(range(mapped)))
        map_s = time.perf_counter() - started
        if total != mapped * (mapped - 1) // 2:
            sys.exit("the map lost something")
        cold_ms = cold_starts(cold)
        # Once more by calls whose ids the client tells: the server knows where their time went.
        cold_calls = [spawned(first_in_its_container)]
        warm_calls = [spawned(nothing) for _ in range(20)]
    print(
        json.dumps(
            {
                "cold_ms": cold_ms,
                "warm_ms": warm_ms,
                "map_s": map_s,
                "mapped": mapped,
                "warm_calls": warm_calls,
                "cold_calls": cold_calls,
            }
        )
    )


def spawned(function) -> str:
    call = function.spawn(1)
    call.get()
    return call.object_id


if __name__ == "__main__":
    main(*[int(word) for word in sys.argv[1:4]])
