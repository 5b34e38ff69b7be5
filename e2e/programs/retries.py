"""Functions that fail before they succeed."""

import os
import sys
import time

import modal

app = modal.App("retries")
tries = {}


def try_again(word: str) -> int:
    tries[word] = tries.get(word, 0) + 1
    return tries[word]


@app.function(retries=3, max_containers=1)
def third_time_lucky(word: str) -> str:
    attempt = try_again(word)
    if attempt < 3:
        raise ValueError(f"{word}: attempt {attempt} fails")
    return f"{word} after {attempt} attempts"


@app.function(
    retries=modal.Retries(max_retries=2, initial_delay=1.0, backoff_coefficient=2.0),
    max_containers=1,
)
def moments(word: str) -> list:
    tries.setdefault(word, []).append(time.time())
    if len(tries[word]) < 3:
        raise ValueError("not yet")
    return tries[word]


@app.function(retries=2, max_containers=1)
def hopeless() -> str:
    raise ValueError(f"attempt {try_again('hope')} fails")


@app.function(retries=1)
def leave(unwanted: str) -> str:
    if os.environ["MODAL_TASK_ID"] == unwanted:
        os._exit(3)
    return os.environ["MODAL_TASK_ID"]


def say(line: str):
    """In one piece, so that no line of a container's log gets into it."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@app.local_entrypoint()
def main():
    say(f"remote: {third_time_lucky.remote('rye')}")
    say(f"map: {list(third_time_lucky.map(['oats', 'corn']))}")
    say(f"spawn: {third_time_lucky.spawn('barley').get(timeout=60)}")
    first, second, third = moments.remote("bread")
    say(f"delays grow: {second - first >= 1.0} {third - second >= 2.0}")
    try:
        say(f"came back: {hopeless.remote()}")
    except ValueError as problem:
        say(f"gave up: {problem}")
    task = leave.remote("nobody")
    say(f"crashed and went on in another container: {leave.remote(task) != task}")
