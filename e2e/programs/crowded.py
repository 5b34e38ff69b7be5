"""One app has work for longer than anybody would wait; another one wants a single answer."""

import time

import modal

greedy = modal.App("greedy")
modest = modal.App("modest")


def part_of_the_memory() -> int:
    """MiB of which no machine has room for four."""
    with open("/proc/meminfo") as lines:
        total = next(int(line.split()[1]) for line in lines if line.startswith("MemTotal"))
    return int(total / 1024 * 0.3)


@greedy.function(memory=part_of_the_memory() if modal.is_local() else None)
def work(number: int) -> int:
    time.sleep(1)
    return number


@modest.function(memory=part_of_the_memory() if modal.is_local() else None)
def answer() -> int:
    return 42


if __name__ == "__main__":
    with greedy.run():
        calls = [work.spawn(number) for number in range(200)]
        # The machine is full.
        while work.get_current_stats().num_total_runners < 2:
            time.sleep(0.2)
        with modest.run():
            print("answer:", answer.remote(), flush=True)
        print("still waiting:", work.get_current_stats().backlog > 0, flush=True)
        for call in calls:
            call.cancel()
