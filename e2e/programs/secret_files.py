"""Secrets from a file beside the program and from the local environment."""

import os

import modal

app = modal.App("secret-files")


@app.function(
    secrets=[
        modal.Secret.from_dotenv(os.environ.get("PROGRAM_DIRECTORY", "/")),
        modal.Secret.from_local_environ(["PROGRAM_TWIST"]),
    ]
)
def look() -> list:
    return [os.environ.get(name) for name in ["FROM_FILE", "QUOTED", "PROGRAM_TWIST"]]


@app.local_entrypoint()
def main():
    print("files:", look.remote())
