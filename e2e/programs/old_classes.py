"""A class with a constructor of its own, as clients before 1.6 allow it."""

import os

import modal

app = modal.App("old-classes")


@app.cls()
class Pot:
    def __init__(self, tea: str = "black", cups: int = 1):
        self.tea = tea
        self.cups = cups

    @modal.method()
    def pour(self) -> str:
        return f"{self.cups} of {self.tea}"

    @modal.method()
    def where(self) -> str:
        return os.environ["MODAL_TASK_ID"]


@app.local_entrypoint()
def main():
    print("default:", Pot().pour.remote())
    green = Pot("green", cups=2)
    print("with values:", green.pour.remote())
    print("own containers:", green.where.remote() != Pot().where.remote())
