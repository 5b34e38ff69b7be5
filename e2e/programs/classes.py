"""Classes: hooks around methods, parameters, variants, inheritance."""

import os
import sys
import time

import modal

app = modal.App("classes")


def say(*words):
    """In one piece, so that no line of anybody else gets into it."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


@app.cls(scaledown_window=6)
class Counter:
    @modal.enter()
    def open(self):
        self.count = 100
        self.task = os.environ.get("MODAL_TASK_ID", "here")
        say("entered")

    @modal.method()
    def add(self, number: int) -> int:
        self.count += number
        return self.count

    @modal.method()
    def where(self) -> str:
        return self.task

    @modal.method()
    async def read(self) -> int:
        return self.count

    @modal.method()
    def down(self):
        yield from range(self.count, self.count - 3, -1)

    @modal.exit()
    def close(self):
        say("left with", self.count)


@app.cls()
class Greeter:
    greeting: str = modal.parameter()
    times: int = modal.parameter(default=1)

    @modal.enter()
    def prepare(self):
        self.task = os.environ.get("MODAL_TASK_ID", "here")

    @modal.method()
    def greet(self, whom: str) -> str:
        return " ".join([self.greeting] * self.times + [whom])

    @modal.method()
    def where(self) -> str:
        return self.task


class Base:
    @modal.enter()
    def prepare(self):
        self.log = ["base entered"]

    @modal.method()
    def inherited(self) -> str:
        return "from the base: " + ", ".join(self.log)

    @modal.method()
    def replaced(self) -> str:
        return "never seen"


@app.cls()
class Derived(Base):
    @modal.enter()
    def prepare_more(self):
        self.log.append("derived entered")

    @modal.method()
    def replaced(self) -> str:
        return "from the derived class"


@app.cls()
class Worker:
    @modal.enter()
    def prepare(self):
        self.now = 0
        self.most = 0

    @modal.method()
    async def overlap(self, seconds: float) -> int:
        import asyncio

        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(seconds)
        self.now -= 1
        return self.most


@app.cls()
class Batcher:
    @modal.batched(max_batch_size=4, wait_ms=1000)
    def double(self, numbers: list[int]) -> list[str]:
        return [f"{number * 2} in a batch of {len(numbers)}" for number in numbers]


@app.local_entrypoint()
def main():
    counter = Counter()
    say("added:", counter.add.remote(5), counter.add.remote(1))
    say("read:", counter.read.remote(), list(counter.down.remote_gen()))
    say("one container:", counter.where.remote() == Counter().where.remote())
    say("local:", counter.add.local(7))

    hello = Greeter(greeting="hello")
    twice = Greeter(greeting="hey", times=2)
    say("greeted:", hello.greet.remote("you"), "/", twice.greet.remote("you"))
    say("mapped:", list(twice.greet.map(["a", "b"])))
    say("own containers:", hello.where.remote() != twice.where.remote())
    say(
        "same values, same container:",
        hello.where.remote() == Greeter(greeting="hello", times=1).where.remote(),
    )

    derived = Derived()
    say("inherited:", derived.inherited.remote())
    say("replaced:", derived.replaced.remote())

    busy = Worker.with_concurrency(max_inputs=3)()
    say("overlapping:", max(busy.overlap.map([1.0] * 3)))
    say("batched:", sorted(Batcher().double.map(range(4))))
    hasty = Worker.with_options(timeout=2)()
    try:
        hasty.overlap.remote(60.0)
    except modal.exception.FunctionTimeoutError as problem:
        say("hasty:", problem)
    time.sleep(4)
