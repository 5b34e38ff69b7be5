"""Generators, coroutines, and functions that call functions."""

import asyncio
import sys
import time

import modal

app = modal.App("streams")


def say(*words):
    """In one piece, so that no line of a container's log gets into it."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


@app.function()
def countdown(start: int):
    for number in range(start, 0, -1):
        yield number
        time.sleep(0.5)


@app.function()
async def letters(word: str):
    for letter in word:
        await asyncio.sleep(0)
        yield letter


@app.function()
def broken_stream():
    yield "first"
    raise RuntimeError("the belt stopped")


@app.function()
async def add(left: int, right: int) -> int:
    await asyncio.sleep(0.01)
    return left + right


@app.function()
def fibonacci(number: int) -> int:
    """Calls `add` in another container for every sum."""
    before, current = 0, 1
    for _ in range(number - 1):
        before, current = current, add.remote(before, current)
    return current


@app.function()
async def sum_of_squares(numbers: list) -> int:
    total = 0
    async for product in multiply.starmap.aio([(n, n) for n in numbers]):
        total = await add.remote.aio(total, product)
    return total


@app.function()
def multiply(left: int, right: int) -> int:
    return left * right


@app.local_entrypoint()
async def main():
    arrivals = []
    async for number in countdown.remote_gen.aio(4):
        arrivals.append(time.monotonic())
        say("countdown:", number)
    say("spread out:", arrivals[-1] - arrivals[0] > 1.0)
    say("letters:", "".join([letter async for letter in letters.remote_gen.aio("rye")]))
    try:
        async for word in broken_stream.remote_gen.aio():
            say("belt:", word)
    except RuntimeError as problem:
        say("belt:", problem)
    say("awaited:", await add.remote.aio(19, 23))
    say("together:", await asyncio.gather(*[add.remote.aio(n, n) for n in range(5)]))
    say("nested:", await fibonacci.remote.aio(10))
    say("nested async:", await sum_of_squares.remote.aio([1, 2, 3]))


@app.local_entrypoint()
def plain():
    say("plain generator:", list(countdown.remote_gen(3)))
