"""One function, called in every way that a terminal offers."""

import os

import modal

app = modal.App("calls")


@app.function()
def area(width: int, height: int = 2) -> int:
    where = "container" if os.environ.get("MODAL_IS_REMOTE") == "1" else "laptop"
    print(f"area of {width} x {height} measured in the {where}")
    return width * height


@app.function()
def label(name: str, price: float = 1.5, fresh: bool = True, copies: int = 1):
    for copy in range(copies):
        print(f"label {copy + 1}: {name} at {price:.2f}, {'fresh' if fresh else 'frozen'}")


@app.local_entrypoint()
def main(width: int, height: int = 3, unit: str = "m", twice: bool = False):
    print(f"remote: {area.remote(width, height=height)} {unit}²")
    print(f"local: {area.local(width)} {unit}²")
    print(f"argument types: {type(width).__name__} {type(unit).__name__} {type(twice).__name__} {twice}")
