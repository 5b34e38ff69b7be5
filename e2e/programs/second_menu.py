"""The second version of an app that stays."""

import os
import time

import modal

app = modal.App("menu")


@app.function()
def dish() -> str:
    return "stew"


@app.function()
def slow(seconds: float) -> str:
    time.sleep(seconds)
    return "slow stew"


@app.cls(scaledown_window=600)
class Cook:
    name: str = modal.parameter(default="anonymous")

    @modal.enter()
    def begin(self):
        self.task = os.environ["MODAL_TASK_ID"]

    @modal.method()
    def cook(self) -> str:
        return f"{self.name} cooks stew"

    @modal.method()
    def where(self) -> str:
        return self.task

    @modal.exit()
    def end(self):
        time.sleep(1)
        print("the cook of stew leaves", self.task, flush=True)
