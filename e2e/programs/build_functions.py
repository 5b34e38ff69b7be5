"""An image whose step is a function."""

import asyncio
import os
import time

import modal

app = modal.App("build-functions")

SIZE = 3
TIMEOUT = int(os.environ.get("PROGRAM_TIMEOUT", "300"))


async def bake(loaves: int, kind: str = "rye"):
    print(f"baking {loaves} loaves of {kind} with {os.environ['OVEN_KEY']}")
    await asyncio.sleep(0 if TIMEOUT > 1 else 60)
    if loaves > 1000:
        with open("/opt/flour", "wb") as flour:
            os.posix_fallocate(flour.fileno(), 0, loaves << 20)
        time.sleep(300)
    if loaves > 100:
        raise ValueError("the oven is too small for " + os.environ["OVEN_KEY"])
    os.makedirs("/opt/bakery", exist_ok=True)
    with open("/opt/bakery/bread", "w") as bread:
        bread.write(f"{loaves} {kind} {SIZE} {os.environ['PROGRAM_MARK']}")


image = (
    modal.Image.debian_slim()
    .env({name: os.environ.get(name, "300") for name in ("PROGRAM_MARK", "PROGRAM_TIMEOUT")})
    .run_function(
        bake,
        args=(int(os.environ.get("PROGRAM_LOAVES", "2")),),
        kwargs={"kind": "spelt"},
        secrets=[modal.Secret.from_dict({"OVEN_KEY": os.environ.get("PROGRAM_VALUE", "")})],
        timeout=TIMEOUT,
    )
)


@app.function(image=image)
def inspect() -> str:
    with open("/opt/bakery/bread") as bread:
        return f"{bread.read()} {sorted(os.listdir('/opt'))}"


@app.local_entrypoint()
def main():
    print("bread: " + inspect.remote())
