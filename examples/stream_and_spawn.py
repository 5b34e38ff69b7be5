"""Results that arrive one by one, and work that is started now and fetched later.

    modal run stream_and_spawn.py
"""

import time

import modal

app = modal.App("stream-and-spawn")


@app.function()
def countdown(start: int):
    for number in range(start, 0, -1):
        yield number
        time.sleep(0.3)


@app.function()
def think(seconds: float) -> str:
    time.sleep(seconds)
    return f"thought for {seconds} s"


@app.local_entrypoint()
def main():
    thought = think.spawn(2.0)
    print(f"started {thought.object_id}; meanwhile:")
    for number in countdown.remote_gen(3):
        print(number)
    print(thought.get(timeout=60))
