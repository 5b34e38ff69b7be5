"""Work that says how far it is, so that others can break things meanwhile.

`python never_lost.py INPUTS` maps, `python never_lost.py one` and `modal run never_lost.py` wait for
one call after the other.
"""

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


@app.function()
def brew(number: int, seconds: float) -> int:
    print(f"brewing {number}.", flush=True)
    time.sleep(seconds)
    return number * 7


@app.local_entrypoint()
def one_after_the_other():
    for number in range(2):
        print(f"brewed {number}: {brew.remote(number, 3.0)}", flush=True)


def main(inputs: int):
    results = []
    for result in triple.map(range(inputs), order_outputs=False):
        results.append(result)
        print(f"result {len(results)}.", flush=True)
    print("complete:", sorted(results) == [3 * number for number in range(inputs)])


if __name__ == "__main__":
    if sys.argv[1] == "one":
        with modal.enable_output(), app.run():
            one_after_the_other()
    else:
        with app.run():
            main(int(sys.argv[1]))
