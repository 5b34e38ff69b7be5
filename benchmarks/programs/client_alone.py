"""A map through the official client whose containers cost nothing: what the client itself can take.
Prints when it begins and ends, and in the end one JSON object."""

import asyncio
import json
import sys
import time

import modal

app = modal.App("client-alone")


@app.function()
def nothing(number: int) -> int:
    return number


async def mapped(count: int) -> float:
    started = time.perf_counter()
    answers = 0
    # Whoever answers gives the arguments back.
    async for _ in nothing.map.aio(range(count)):
        answers += 1
    if answers != count:
        sys.exit(f"{count} inputs had {answers} answers")
    return time.perf_counter() - started


async def main(count: int):
    async with app.run.aio():
        await mapped(1_000)
        print("begin map", flush=True)
        time.sleep(0.3)
        seconds = await mapped(count)
        print("end map", flush=True)
        time.sleep(0.7)
    print(json.dumps({"per_second": count / seconds}))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
