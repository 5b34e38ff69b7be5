"""A map that prints each result when it arrives, so that others can break things meanwhile."""

import sys
import time

import modal

app = modal.App("never-lost")


@app.function(
    retries=modal.Retries(max_retries=10, initial_delay=0.0, backoff_coefficient=1.0),
    max_containers=3,
)
def triple(number: int) -> int:
    time.sleep(0.02)
    return number * 3


def main(inputs: int):
    results = []
    for result in triple.map(range(inputs), order_outputs=False):
        results.append(result)
        print(f"result {len(results)}.", flush=True)
    print("complete:", sorted(results) == [3 * number for number in range(inputs)])


if __name__ == "__main__":
    with app.run():
        main(int(sys.argv[1]))
