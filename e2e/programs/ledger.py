"""Writes to a queue and a dict that stay, and reads them in a second run.

`python ledger.py write` goes on while the server is away; `python ledger.py read` takes all out.
"""

import sys
import time

import modal

ENTRIES = 150
QUEUE = "ledger-queue"
DICT = "ledger-dict"


def write():
    before = modal.Dict.from_name(DICT, create_if_missing=True)
    before["opened"] = "yes"
    ledger = modal.Queue.from_name(QUEUE, create_if_missing=True)
    ledger.clear(all=True)
    for number in range(ENTRIES):
        # Without a limit of time: the client tries for as long as it takes.
        ledger.put(number)
        ledger.put_many([number, number], partition="twice")
        print("written", number, flush=True)
        time.sleep(0.02)
    print("closed", flush=True)


def read():
    print("opened:", modal.Dict.from_name(DICT)["opened"])
    ledger = modal.Queue.from_name(QUEUE)
    entries = []
    while some := ledger.get_many(40, block=False):
        entries += some
    twice = ledger.get_many(5000, block=False, partition="twice")
    print("entries, each once and in order:", entries == list(range(ENTRIES)))
    print("twice, each twice and in order:", twice == [number for number in range(ENTRIES) for _ in range(2)])
    if entries != list(range(ENTRIES)):
        print(entries)


if __name__ == "__main__":
    write() if sys.argv[1] == "write" else read()
