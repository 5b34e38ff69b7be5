"""The workload of `./slipway bench calls` through the official client. Prints when a phase begins and
ends, and in the end one JSON object."""

import asyncio
import json
import sys
import time

import modal

app = modal.App("bench-calls")


@app.function()
def nothing(number: int) -> int:
    return number


# Each call has a container of its own, and fifty of them have room on a small machine.
@app.function(single_use_containers=True, cpu=0.02, memory=64)
def alone(number: int) -> str:
    import os

    return os.environ["MODAL_TASK_ID"]


class Phase:
    def __init__(self, name: str):
        self.name = name

    def __enter__(self):
        print("begin", self.name, flush=True)
        time.sleep(0.3)
        self.started = time.perf_counter()
        return self

    def __exit__(self, *failure):
        self.seconds = time.perf_counter() - self.started
        print("end", self.name, flush=True)
        # Whoever measures looks at the processes now.
        time.sleep(0.7)


async def timed(call) -> tuple:
    started = time.perf_counter()
    value = await call
    return (time.perf_counter() - started) * 1000, value


async def caller(calls: int) -> list:
    return [(await timed(nothing.remote.aio(number)))[0] for number in range(calls)]


async def callers(count: int, calls: int) -> list:
    each = await asyncio.gather(*[caller(max(1, calls // count)) for _ in range(count)])
    return [ms for one in each for ms in one]


async def burst(count: int) -> tuple:
    answers = await asyncio.gather(*[timed(alone.remote.aio(number)) for number in range(count)])
    tasks = {task for _, task in answers}
    if len(tasks) != count:
        sys.exit(f"{count} calls ran in {len(tasks)} containers: not all were cold")
    return [ms for ms, _ in answers]


async def mapped(count: int):
    total = 0
    async for value in nothing.map.aio(range(count)):
        total += value
    if total != count * (count - 1) // 2:
        sys.exit("the map lost something")


async def spawned() -> str:
    call = await nothing.spawn.aio(1)
    await call.get.aio()
    return call.object_id


async def main(calls: int, map_inputs: int, cold: int):
    measured = {"warm_ms": {}, "mapped": map_inputs}
    async with app.run.aio():
        # First, while no container of other calls takes the room.
        await burst(1)
        with Phase("burst"):
            measured["cold_ms"] = await burst(cold)
        await callers(1, 100)
        for count in (1, 10, 100):
            await callers(count, 2 * count)
            with Phase(f"{count} callers"):
                measured["warm_ms"][str(count)] = await callers(count, calls)
        with Phase("map") as phase:
            await mapped(map_inputs)
        measured["map_s"] = phase.seconds
        # Once more by calls whose ids the client tells: the server knows where their time went.
        measured["warm_calls"] = [await spawned() for _ in range(50)]
    print(json.dumps(measured))


if __name__ == "__main__":
    asyncio.run(main(*[int(word) for word in sys.argv[1:4]]))
