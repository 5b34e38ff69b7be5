"""The first version of an app that stays."""

import os
import time

import modal

app = modal.App("menu")


@app.function()
def dish() -> str:
    return "soup"


@app.function()
def slow() -> str:
    # Until somebody says so.
    modal.Queue.from_name("menu-landing", create_if_missing=True).get(timeout=120)
    return "slow soup"


@app.cls(scaledown_window=600)
class Cook:
    name: str = modal.parameter(default="anonymous")

    @modal.enter()
    def begin(self):
        self.task = os.environ["MODAL_TASK_ID"]

    @modal.method()
    def cook(self) -> str:
        return f"{self.name} cooks soup"

    @modal.method()
    def where(self) -> str:
        return self.task

    @modal.exit()
    def end(self):
        time.sleep(1)
        print("the cook of soup leaves", self.task, flush=True)


@app.function(scaledown_window=600)
def only_at_first() -> str:
    return f"crumbs of {os.environ['MODAL_TASK_ID']}"
