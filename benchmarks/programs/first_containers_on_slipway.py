"""How long the first container of an image takes that was built just now, and the next one of the same image.

Every image has a layer of its own with many files. Each call is the first of its function, so each starts a container.
"""

import time
import types
import uuid

import modal

IMAGES = 7
FILES = 2000

app = modal.App("first-containers")


def look() -> int:
    import os

    return len(os.listdir("/opt/many"))


def add_function(name: str, image: modal.Image):
    function = types.FunctionType(look.__code__, globals(), name)
    function.__qualname__, function.__module__ = name, __name__
    globals()[name] = app.function(image=image)(function)
    return globals()[name]


def image(mark: str) -> modal.Image:
    many = f"mkdir -p /opt/many && for i in $(seq {FILES}); do echo {mark} $i > /opt/many/$i; done"
    return modal.Image.debian_slim().run_commands(many)


# Containers import this file: their names of functions must not depend on the mark.
mark = uuid.uuid4().hex if modal.is_local() else "none"
pairs = []
for number in range(IMAGES):
    built = image(f"{mark}-{number}")
    pairs.append((add_function(f"first_{number}", built), add_function(f"next_{number}", built)))


def timed(what: str, function):
    begun = time.monotonic()
    found = function.remote()
    took = time.monotonic() - begun
    if found != FILES:
        raise SystemExit(f"{found} files instead of {FILES}")
    print(f"{what} {took * 1000:.1f}", flush=True)


if __name__ == "__main__":
    with app.run():
        for first, following in pairs:
            timed("first", first)
            timed("next", following)
