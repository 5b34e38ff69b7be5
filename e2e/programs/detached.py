"""Goes on when its client has left."""

import time

import modal

app = modal.App("detached")


@app.function()
def work(seconds: float):
    for second in range(int(seconds)):
        print("worked", second + 1, flush=True)
        time.sleep(1)
    print("work is done", flush=True)


@app.local_entrypoint()
def main(seconds: float = 8):
    call = work.spawn(seconds)
    print("spawned", call.object_id, flush=True)
    call.get()
