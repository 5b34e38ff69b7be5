"""What a dict and a queue can do, and what they refuse: `python pantry.py features|limits`."""

import sys
import time

import modal

# Often enough for a server that waits seconds, not minutes, for the next one.
BEAT = 1


def failure(what, action):
    try:
        print(f"{what}: gave {action()!r}")
    except Exception as problem:
        print(f"{what}: {type(problem).__name__}: {problem}")


def shelves():
    with modal.Dict.ephemeral(_heartbeat_sleep=BEAT) as shelf:
        shelf["rye"] = 2
        shelf[("two", "words")] = {"nested": [1, 2]}
        print("written and read:", shelf["rye"], shelf.get(("two", "words")), shelf.get("none", "default"))
        print("there or not:", "rye" in shelf, shelf.contains("oats"), shelf.len())
        print("only if missing:", shelf.put("rye", 3, skip_if_exists=True), shelf.put("oats", 1, skip_if_exists=True))
        shelf.update({"rye": 5}, salt=7)
        print("updated:", shelf["rye"], shelf["salt"])
        print("keys:", sorted(map(str, shelf.keys())))
        print("values:", sorted(map(str, shelf.values())))
        print("items:", sorted((str(key), str(value)) for key, value in shelf.items()))
        print("popped:", shelf.pop("salt"))
        failure("popped again", lambda: shelf.pop("salt"))
        failure("not there", lambda: shelf["salt"])
        large = bytes(range(256)) * (20 << 12)
        shelf["large"] = large
        print("20 MiB:", shelf["large"] == large)
        shelf.clear()
        print("cleared:", shelf.len(), list(shelf.items()))


def belts():
    with modal.Queue.ephemeral(_heartbeat_sleep=BEAT) as belt:
        belt.put("first")
        belt.put_many(["second", "third"])
        belt.put("red one", partition="red", partition_ttl=3600)
        print("lengths:", belt.len(), belt.len(partition="red"), belt.len(total=True))
        print("looked at:", list(belt.iterate()), list(belt.iterate(partition="red")))
        print("got:", belt.get(), belt.get_many(5), belt.get(partition="red"))
        print("nothing:", belt.get(block=False), belt.get_many(3, block=False))
        started = time.monotonic()
        failure("waited", lambda: belt.get(timeout=1.5))
        print("waited for a second and a half or more:", 1.4 < time.monotonic() - started)
        belt.put_many(list(range(250)))
        print("looked at all:", list(belt.iterate(item_poll_timeout=0.5)) == list(range(250)))
        belt.put("other", partition="blue")
        belt.clear()
        print("cleared one:", belt.len(), belt.len(total=True))
        belt.clear(all=True)
        print("cleared all:", belt.len(total=True))
        belt.put("short-lived", partition="brief", partition_ttl=1)
        time.sleep(1.5)
        print("after its time:", belt.len(partition="brief"), belt.get(block=False, partition="brief"))


def limits():
    with modal.Dict.ephemeral(_heartbeat_sleep=BEAT) as shelf:
        failure("110 MiB", lambda: shelf.put("huge", bytes(110 << 20)))
    with modal.Queue.ephemeral(_heartbeat_sleep=BEAT) as belt:
        failure("item of 2 MiB", lambda: belt.put(bytes(2 << 20)))
        failure("6000 items", lambda: belt.put_many([0] * 6000))
        failure("a time below zero", lambda: belt.put(1, partition_ttl=-5))
        failure("a time of 9 days", lambda: belt.put(1, partition_ttl=9 * 86400))
        failure("no items asked for", lambda: belt.get_many(0, block=False))
        failure("fewer than none", lambda: belt.get_many(-1, block=False))
        failure("long key", lambda: belt.put(1, partition="k" * 65))
        belt.put_many(list(range(5000)))
        failure("full", lambda: belt.put("one too many", block=False))
        failure("full for three seconds", lambda: belt.put("one too many", timeout=3))
        failure("room elsewhere", lambda: belt.put("fits", partition="red"))
        print("nothing was added:", belt.len())
    failure("unknown dict", lambda: modal.Dict.from_name("pantry-nowhere").len())
    failure("unknown queue", lambda: modal.Queue.from_name("pantry-nowhere").len())
    failure("elsewhere", lambda: modal.Dict.from_name("pantry", environment_name="nowhere").len())


if __name__ == "__main__":
    if sys.argv[1] == "limits":
        limits()
    else:
        shelves()
        belts()
