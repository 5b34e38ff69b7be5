"""Fifty megabytes there, fifty megabytes back."""

import hashlib
import random

import modal

app = modal.App("heavy")

MEGABYTE = 1 << 20


@app.function()
def reverse(data: bytes) -> bytes:
    print(f"got {len(data) // MEGABYTE} MB, {digest(data)}")
    return data[::-1]


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


@app.local_entrypoint()
def main(megabytes: int = 50):
    data = random.Random(7).randbytes(megabytes * MEGABYTE)
    print("sent", digest(data))
    answer = reverse.remote(data)
    print(f"came back {len(answer) // MEGABYTE} MB, {'reversed' if answer == data[::-1] else 'damaged'}")
