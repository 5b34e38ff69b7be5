"""Functions, a class and an image that get secrets. The values come from outside, by the environment:
nothing of them is in this file."""

import os
import time

import modal

app = modal.App("secretive")

VALUE = os.environ.get("PROGRAM_VALUE", "")
TWIST = os.environ.get("PROGRAM_TWIST", "")
MARK = os.environ.get("PROGRAM_MARK", "none")

named = modal.Secret.from_name("bakery", required_keys=["OVEN_TOKEN"])
inline = modal.Secret.from_dict({"INLINE": VALUE, "SHARED": "inline"})
last = modal.Secret.from_dict({"SHARED": "last", "NOTHING": None, "EMPTY": ""})
forged = modal.Secret.from_dict(
    {"MODAL_TASK_ID": "ta-forged", "MODAL_SERVER_URL": "http://forged", "SLIPWAY_X": "y", "MODAL_EXTRA": "mine"}
)

image = modal.Image.debian_slim().run_commands(
    f"echo mark {MARK} && printf %s \"$INLINE\" | sha256sum && echo \"task ${{MODAL_TASK_ID:-none}}\" && echo \"shared $SHARED\" > /opt/shared",
    secrets=[inline, last, forged],
)


@app.function(secrets=[inline, named, last])
def look() -> dict:
    return {name: os.environ.get(name) for name in ["INLINE", "OVEN_TOKEN", "SHARED", "EMPTY", "NOTHING"]}


@app.function()
def look_without() -> list:
    return [name for name in ["INLINE", "OVEN_TOKEN", "SHARED", "EMPTY"] if name in os.environ]


@app.function(secrets=[forged])
def look_forged() -> dict:
    return {
        "task": os.environ["MODAL_TASK_ID"] != "ta-forged",
        "server": os.environ["MODAL_SERVER_URL"].startswith("unix:"),
        "ours": "SLIPWAY_X" in os.environ,
        "extra": os.environ.get("MODAL_EXTRA"),
    }


@app.function(image=image)
def look_into_image() -> list:
    with open("/opt/shared") as file:
        return [file.read().strip(), "INLINE" in os.environ, "SHARED" in os.environ]


@app.function(secrets=[named])
def sleep(seconds: float) -> str:
    print("sleeping with it", flush=True)
    time.sleep(seconds)
    return os.environ["OVEN_TOKEN"]


@app.cls(secrets=[inline])
class Oven:
    @modal.enter()
    def heat(self):
        self.token = os.environ.get("INLINE", "")

    @modal.method()
    def same(self) -> bool:
        return self.token == os.environ["INLINE"] != ""

    @modal.method()
    def shared(self) -> str:
        return os.environ["SHARED"]


@app.local_entrypoint()
def main():
    seen = look.remote()
    print("inline:", seen["INLINE"] == VALUE)
    print("named:", seen["OVEN_TOKEN"] == TWIST)
    print("the later one wins:", seen["SHARED"])
    print("empty:", repr(seen["EMPTY"]), repr(seen["NOTHING"]))
    print("without:", look_without.remote())
    print("forged:", look_forged.remote())
    print("class:", Oven().same.remote())
    print("other options:", Oven.with_options(secrets=[modal.Secret.from_dict({"SHARED": "last"})])().shared.remote())


@app.local_entrypoint()
def build():
    print("built:", look_into_image.remote())


@app.local_entrypoint()
def wait(seconds: float):
    print("slept:", sleep.remote(seconds) == TWIST)
