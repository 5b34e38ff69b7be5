"""Exceptions travel home: classes of one's own, and the traceback of where they were raised."""

import sys
import traceback

import modal

app = modal.App("failures")


def say(*words):
    """In one piece, so that no line of a container's log gets into it."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


class OutOfFlour(Exception):
    def __init__(self, wanted: int, left: int):
        super().__init__(wanted, left)
        self.wanted = wanted
        self.left = left

    def __str__(self):
        return f"{self.wanted} kg wanted, {self.left} kg left"


def take_from_shelf(wanted: int):
    raise OutOfFlour(wanted, left=2)


@app.function()
def bake(kilograms: int):
    take_from_shelf(kilograms)


@app.function()
def divide(dividend: int, divisor: int) -> float:
    return dividend / divisor


@app.local_entrypoint()
def main():
    try:
        bake.remote(5)
    except OutOfFlour as problem:
        say(f"caught {type(problem).__name__}: {problem} ({problem.wanted}, {problem.left})")
        frames = [frame.name for frame in traceback.extract_tb(problem.__traceback__)]
        say("frames:", " ".join(frames))
    try:
        divide.remote(1, 0)
    except ZeroDivisionError as problem:
        say(f"caught {type(problem).__name__}: {problem}")
    say("after failures:", divide.remote(9, 2))


@app.local_entrypoint()
def uncaught():
    bake.remote(7)
