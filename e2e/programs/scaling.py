"""Every way to say how many containers a function should have, and what it has then."""

import os
import time

import modal

app = modal.App("scaling")

# The oldest client knows the same under another name.
NEWEST = modal.__version__ >= "1.1"
ONCE = {"single_use_containers": True} if NEWEST else {"max_inputs": 1}


def here() -> str:
    return os.environ["MODAL_TASK_ID"]


@app.function()
def quick(number: int) -> str:
    return here()


@app.function(max_containers=2)
def limited(number: int) -> str:
    time.sleep(0.3)
    return here()


@app.function(min_containers=2, scaledown_window=2)
def warm() -> str:
    return here()


@app.function(scaledown_window=2)
def brief() -> str:
    return here()


@app.function(buffer_containers=1, scaledown_window=2)
def buffered(seconds: float) -> str:
    time.sleep(seconds)
    return here()


@app.function(**ONCE)
def once(number: int) -> str:
    return here()


@app.function(max_containers=1)
@modal.concurrent(max_inputs=4)
def together(number: int) -> tuple[str, float, float]:
    began = time.time()
    time.sleep(1)
    return here(), began, time.time()


@app.function(max_containers=1)
@modal.batched(max_batch_size=3, wait_ms=1000)
def in_batches(numbers: list[int]) -> list[str]:
    return [f"{number} of {len(numbers)}" for number in numbers]


@app.function(max_containers=1)
def in_line(seconds: float) -> str:
    time.sleep(seconds)
    return here()


@app.function(scaledown_window=2)
def adjusted(seconds: float) -> str:
    time.sleep(seconds)
    return here()


def scale(function, **settings):
    if NEWEST:
        function.autoscaler.update(**settings)
    else:
        function.update_autoscaler(**settings)


def containers(function) -> int:
    return function.get_current_stats().num_total_runners


def until(condition, seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


@app.local_entrypoint()
def limits():
    print(f"warm: {until(lambda: containers(warm) == 2)}, before any call")
    print(f"at most 2: {len(set(limited.map(range(12)))) <= 2}")
    print(f"few for many short inputs: {len(set(quick.map(range(40)))) <= 4}")
    brief.remote()
    print(f"brief: {containers(brief)}, and gone after its window: {until(lambda: containers(brief) == 0)}")
    print(f"still warm: {containers(warm)}")
    call = buffered.spawn(8)
    print(f"buffered: {until(lambda: containers(buffered) == 2)}, while one works")
    call.get()
    print(f"no buffer without work: {until(lambda: containers(buffered) == 0)}")
    print(f"once: {len(set(once.map(range(3))))} containers for 3 inputs")


@app.local_entrypoint()
def sharing():
    runs = list(together.map(range(4)))
    last_began = max(began for _, began, _ in runs)
    first_ended = min(ended for _, _, ended in runs)
    print(f"together: {len({task for task, _, _ in runs})} container, all at once: {last_began < first_ended}")
    print(f"batches: {sorted(in_batches.map(range(6)))}")


@app.local_entrypoint()
def adjusting():
    calls = [in_line.spawn(4) for _ in range(3)]
    until(lambda: containers(in_line) == 1 and in_line.get_current_stats().backlog == 2)
    stats = in_line.get_current_stats()
    print(f"in line: backlog {stats.backlog}, containers {stats.num_total_runners}")
    if NEWEST:
        print(f"in line: running {stats.num_running_inputs}, room for {stats.input_headroom}")
    scale(in_line, max_containers=3)
    print(f"more after a change: {until(lambda: containers(in_line) == 3)}")
    print(f"all: {len({call.get() for call in calls})} containers")

    if NEWEST:
        scale(adjusted, min_containers=1)
    else:
        adjusted.keep_warm(1)
    print(f"kept warm without a call: {until(lambda: containers(adjusted) == 1)}")
    scale(adjusted, min_containers=0)
    print(f"and let go: {until(lambda: containers(adjusted) == 0)}")

    scale(adjusted, max_containers=3)
    calls = [adjusted.spawn(6) for _ in range(3)]
    until(lambda: containers(adjusted) == 3 and adjusted.get_current_stats().backlog == 0)
    scale(adjusted, max_containers=1)
    print(f"fewer, when they are through: {until(lambda: containers(adjusted) <= 1)}")
    print(f"none was hurt: {len({call.get() for call in calls})} containers")
    try:
        scale(adjusted, min_containers=5)
    except Exception as error:
        print(f"refused: {error}")
