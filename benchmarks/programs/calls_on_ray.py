"""The workload of `./slipway bench call` on Ray. Prints one JSON object."""

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


def main(cold: int, warm: int, mapped: int):
    ray.init(include_dashboard=False, logging_level="ERROR", log_to_driver=False)
    ray.get(nothing.remote(0))
    for number in range(warm // 10):
        ray.get(nothing.remote(number))
    warm_ms = []
    for number in range(warm):
        started = time.perf_counter()
        ray.get(nothing.remote(number))
        warm_ms.append((time.perf_counter() - started) * 1000)

    started = time.perf_counter()
    total = sum(ray.get([nothing.remote(number) for number in range(mapped)]))
    map_s = time.perf_counter() - started
    if total != mapped * (mapped - 1) // 2:
        sys.exit("the map lost something")

    cold_ms, processes = [], set()
    for number in range(cold):
        started = time.perf_counter()
        fresh = Fresh.options(runtime_env={"env_vars": {"FRESH": str(number)}}).remote()
        processes.add(ray.get(fresh.process.remote()))
        cold_ms.append((time.perf_counter() - started) * 1000)
        ray.kill(fresh)
    if len(processes) != cold:
        sys.exit(f"{cold} cold starts ran in {len(processes)} processes: not all were cold")
    print(json.dumps({"cold_ms": cold_ms, "warm_ms": warm_ms, "map_s": map_s, "mapped": mapped}))


if __name__ == "__main__":
    main(*[int(word) for word in sys.argv[1:4]])
