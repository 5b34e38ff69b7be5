"""A crowd of short inputs with three among them that are not like the others."""

import os

import modal

app = modal.App("uneven")


@app.function(max_containers=2)
def grind(number: int, ground: modal.Queue) -> int:
    if number == 150:
        # It waits for the one that comes next, whoever has that one.
        ground.get(timeout=60)
    if number == 151:
        ground.put("151")
    if number == 250:
        os._exit(3)
    if number == 350:
        raise ValueError("a stone")
    return number


@app.local_entrypoint()
def main():
    with modal.Queue.ephemeral() as ground:
        results = list(
            grind.map(range(400), kwargs={"ground": ground}, return_exceptions=True)
        )
    ordinary = [number for number, result in enumerate(results) if result == number]
    print("ordinary:", len(ordinary))
    for number, result in enumerate(results):
        if result != number:
            print(f"{number}: {type(result).__name__}")
