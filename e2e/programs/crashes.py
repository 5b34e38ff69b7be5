"""Ways in which a container ends without saying goodbye, each followed by an ordinary call."""

import ctypes
import os

import modal

app = modal.App("crashes")


@app.function(memory=(128, 256))
def crash(how: str) -> str:
    if how == "exit":
        os._exit(1)
    if how == "segfault":
        ctypes.string_at(0)
    if how == "memory":
        hoard = []
        while True:
            hoard.append(bytearray(os.urandom(1 << 20) * 8))
    return f"fine in {os.environ['MODAL_TASK_ID']}"


@app.local_entrypoint()
def main():
    before = crash.remote("not at all")
    print("before:", before)
    for how in ["exit", "segfault", "memory"]:
        try:
            print(f"{how}: came back with {crash.remote(how)}")
        except Exception as problem:
            print(f"{how}: {type(problem).__name__}: {problem}")
        after = crash.remote("not at all")
        print(f"after {how}: {after.split()[0]}, {'another' if after != before else 'the same'} container")
        before = after
