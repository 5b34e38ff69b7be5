"""Fills the disk of its own, which nobody else notices."""

import errno
import os
import time

import modal

app = modal.App("own-disk")
MIB = 1 << 20


def written(path: str, most: int) -> str:
    with open(path, "wb", buffering=0) as file:
        for number in range(most):
            try:
                file.write(bytes(MIB))
            except OSError as error:
                return f"{errno.errorcode[error.errno]} ({error.strerror}) after {number} MiB"
    return f"{most} MiB"


@app.function(ephemeral_disk=48)
def fill() -> str:
    before = written("/tmp/fits", 40)
    return f"{before}, then {written('/tmp/too-much', 200)}"


@app.function(ephemeral_disk=48)
def again() -> str:
    return f"{os.path.exists('/tmp/fits')}, {written('/tmp/fits', 40)}"


@app.function()
def without() -> str:
    return written("/tmp/plenty", 100)


@app.function(ephemeral_disk=32)
def hold():
    print(f"holding a disk in {os.environ['MODAL_TASK_ID']}", flush=True)
    time.sleep(500)


@app.local_entrypoint()
def main(hold_on: bool = False):
    if hold_on:
        hold.remote()
    filling = fill.spawn()
    print(f"beside it: {without.remote()}")
    print(f"filled: {filling.get()}")
    print(f"another finds nothing of it: {again.remote()}")
