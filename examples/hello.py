"""The first program: a function that runs in a container, called once and many times.

    modal run hello.py
    modal run hello.py --name Ada --upto 20
"""

import platform

import modal

app = modal.App("hello")


@app.function()
def greet(name: str) -> str:
    print(f"a container on {platform.system()} with Python {platform.python_version()} greets {name}")
    return f"Hello, {name}!"


@app.function()
def square(number: int) -> int:
    return number * number


@app.local_entrypoint()
def main(name: str = "world", upto: int = 10):
    print(greet.remote(name))
    squares = list(square.map(range(1, upto + 1)))
    print(f"squares up to {upto}: {squares}")
