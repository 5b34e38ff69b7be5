"""Starts work in an app that stays, and asks for the results in a second run.

`python later.py start` prints the ids of its calls; `python later.py fetch ID…` waits for them.
"""

import sys

import modal

NAME = "later"

app = modal.App(NAME)


@app.function()
def triple(number: int) -> int:
    return number * 3


def start():
    function = modal.Function.from_name(NAME, "triple")
    for number in range(10):
        print("call", function.spawn(number).object_id, flush=True)


def fetch(ids):
    print("results:", [modal.FunctionCall.from_id(one).get(timeout=60) for one in ids])


if __name__ == "__main__":
    start() if sys.argv[1] == "start" else fetch(sys.argv[2:])
