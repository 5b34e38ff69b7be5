"""Ephemeral objects: there for as long as their program says so, gone when it has left."""

import time

import modal

BEAT = 1
# Longer than the server lets a silent program keep its objects.
STAY = 15
PATIENCE = 90


def gone(thing) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            thing.len()
        except Exception as problem:
            print("answer:", type(problem).__name__, problem)
            return thing.object_id in str(problem)
        time.sleep(1)
    return False


if __name__ == "__main__":
    with modal.Dict.ephemeral(_heartbeat_sleep=BEAT) as room, modal.Queue.ephemeral(_heartbeat_sleep=BEAT) as table:
        room["guest"] = "Ann"
        table.put("soup")
        time.sleep(STAY)
        print("still there:", room["guest"], table.get())
    print("the dict is gone:", gone(room))
    print("the queue is gone:", gone(table))
