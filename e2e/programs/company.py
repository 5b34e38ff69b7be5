"""An image with a step that takes its time, says a word of its own and knows a secret."""

import os

import modal

app = modal.App("company")

image = modal.Image.debian_slim().run_commands(
    f"echo {os.environ.get('PROGRAM_MARK')} > /opt/mark && cat /proc/sys/kernel/random/uuid > /opt/word"
    ' && echo "the word is $(cat /opt/word)" && test -n "$OVEN_KEY" && sleep 7',
    secrets=[modal.Secret.from_dict({"OVEN_KEY": os.environ.get("PROGRAM_VALUE", "")})],
)


@app.function(image=image)
def inspect() -> str:
    with open("/opt/word") as word:
        return word.read().strip()


@app.local_entrypoint()
def main():
    print("inspected: " + inspect.remote())
