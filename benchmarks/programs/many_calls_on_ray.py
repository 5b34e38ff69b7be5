"""The workload of `./slipway bench calls` on Ray. Prints one JSON object."""

import asyncio
import json
import sys
import time

import ray


@ray.remote
def nothing(number: int) -> int:
    return number


@ray.remote(num_cpus=0)
class Fresh:
    """An actor with an environment that no process has yet: always a new interpreter."""

    def process(self) -> int:
        import os

        return os.getpid()


async def timed(call) -> tuple:
    started = time.perf_counter()
    value = await call
    return (time.perf_counter() - started) * 1000, value


async def answer(reference):
    return await reference


async def caller(calls: int) -> list:
    return [(await timed(answer(nothing.remote(number))))[0] for number in range(calls)]


async def callers(count: int, calls: int) -> list:
    each = await asyncio.gather(*[caller(max(1, calls // count)) for _ in range(count)])
    return [ms for one in each for ms in one]


async def cold_start(number: int, kept: list) -> int:
    fresh = Fresh.options(runtime_env={"env_vars": {"FRESH": str(number)}}).remote()
    kept.append(fresh)
    return await fresh.process.remote()


async def burst(count: int) -> list:
    kept = []
    answers = await asyncio.gather(*[timed(cold_start(number, kept)) for number in range(count)])
    processes = {process for _, process in answers}
    if len(processes) != count:
        sys.exit(f"{count} cold starts ran in {len(processes)} processes: not all were cold")
    return [ms for ms, _ in answers]


async def main(calls: int, map_inputs: int, cold: int):
    measured = {"warm_ms": {}, "mapped": map_inputs, "warm_calls": []}
    await burst(1)
    measured["cold_ms"] = await burst(cold)
    await callers(1, 100)
    for count in (1, 10, 100):
        await callers(count, 2 * count)
        measured["warm_ms"][str(count)] = await callers(count, calls)
    started = time.perf_counter()
    total = sum(ray.get([nothing.remote(number) for number in range(map_inputs)]))
    measured["map_s"] = time.perf_counter() - started
    if total != map_inputs * (map_inputs - 1) // 2:
        sys.exit("the map lost something")
    print(json.dumps(measured))


if __name__ == "__main__":
    ray.init(include_dashboard=False, logging_level="ERROR", log_to_driver=False)
    asyncio.run(main(*[int(word) for word in sys.argv[1:4]]))
