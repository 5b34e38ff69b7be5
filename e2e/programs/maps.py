"""Many inputs at once."""

import os
import sys
import time

import modal

app = modal.App("maps")


def say(*words):
    """In one piece, so that no line of a container's log gets into it."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


@app.function()
def square(number: int) -> int:
    return number * number


@app.function()
def power(base: int, exponent: int) -> int:
    return base**exponent


@app.function()
def picky(number: int) -> int:
    if number % 3 == 0:
        raise ValueError(f"{number} is a multiple of three")
    return number


@app.function(timeout=60)
def nap(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


@app.function(timeout=120)
def meet(who: str, door: modal.Queue) -> str:
    if who == "quick":
        door.put("I am through")
    else:
        door.get(timeout=100)
        time.sleep(2)
    return who


@app.function()
def note(word: str):
    say("noted", word)


@app.local_entrypoint()
def main():
    say("map:", sum(square.map(range(100))), list(square.map(range(5))))
    say("starmap:", list(power.starmap([(2, 3), (3, 2), (10, 4)])))
    say("zipped:", list(power.map([2, 3], [5, 4])))
    say("keywords:", list(power.map([2, 3], kwargs={"exponent": 2})))
    say("for_each:", note.for_each(["rye", "oats"]))
    say("unordered:", sorted(square.map(range(20), order_outputs=False)) == [n * n for n in range(20)])
    with modal.Queue.ephemeral(_heartbeat_sleep=3.0) as door:
        met = list(meet.map(["slow", "quick"], kwargs={"door": door}, order_outputs=False))
    say("quick one first:", met)
    say("same, in order:", list(nap.map([1.0, 0.0])))
    answers = list(picky.map(range(1, 7), return_exceptions=True))
    say("mixed:", [described(answer) for answer in answers])
    try:
        list(picky.map([1, 2, 3, 4]))
    except ValueError as problem:
        say("raised:", problem)
    say("empty:", list(square.map([])))


def described(answer) -> str:
    """Old clients wrap an exception that a map returns; what matters is the one inside."""
    answer = getattr(answer, "exc", answer)
    return f"{type(answer).__name__} {answer}"
