"""Functions that work together through queues and dicts, each in a container of its own."""

import os
import time

import modal

app = modal.App("kitchen")

# Often enough for a server that waits seconds, not minutes, for the next one.
BEAT = 1
ORDERS = 60
COOKS = 2


@app.function(timeout=120)
def take_orders(orders: modal.Queue, first: int, count: int):
    for number in range(first, first + count):
        orders.put(number)


@app.function(timeout=120, max_containers=COOKS)
def cook(orders: modal.Queue, dishes: modal.Dict, cook_number: int) -> int:
    cooked = 0
    while (order := orders.get(timeout=60)) is not None:
        assert dishes.put(order, cook_number, skip_if_exists=True), f"order {order} was cooked before"
        cooked += 1
    return cooked


@app.function(timeout=120)
def wait_for_the_bell(bell: modal.Queue, ready: modal.Queue):
    ready.put(os.environ["MODAL_TASK_ID"])
    rung_at = bell.get(timeout=60)
    return time.time() - rung_at


@app.function(timeout=120)
def ring_the_bell(bell: modal.Queue, ready: modal.Queue):
    waiting = ready.get(timeout=60)
    # Long enough that whoever asks again from time to time would be in the middle of a pause.
    time.sleep(3)
    bell.put(time.time())
    return waiting != os.environ["MODAL_TASK_ID"]


@app.function(timeout=120)
def note_where_this_ran():
    # Nobody says which environment: it is that of the container.
    notes = modal.Dict.from_name("kitchen-notes", create_if_missing=True)
    notes["task"] = os.environ["MODAL_TASK_ID"]


@app.local_entrypoint()
def main():
    with modal.Queue.ephemeral(_heartbeat_sleep=BEAT) as orders, modal.Dict.ephemeral(_heartbeat_sleep=BEAT) as dishes:
        cooks = [cook.spawn(orders, dishes, number) for number in range(COOKS)]
        half = ORDERS // 2
        list(take_orders.starmap([(orders, 0, half), (orders, half, half)]))
        orders.put_many([None] * COOKS)
        cooked = [one.get() for one in cooks]
        print("every order was cooked once:", sum(cooked) == ORDERS and sorted(dishes.keys()) == list(range(ORDERS)))

    with modal.Queue.ephemeral(_heartbeat_sleep=BEAT) as bell, modal.Queue.ephemeral(_heartbeat_sleep=BEAT) as ready:
        waiting = wait_for_the_bell.spawn(bell, ready)
        print("rung from another container:", ring_the_bell.remote(bell, ready))
        seconds = waiting.get()
        # Nobody who was not woken would look again so soon.
        print("woken at once:", seconds < 20, f"({seconds:.3f} s)")

    note_where_this_ran.remote()
    notes = modal.Dict.from_name("kitchen-notes")
    print("noted in a container, read outside:", notes["task"].startswith("ta-"))
    notes.clear()
