"""A function that may take less than no time."""

import modal

app = modal.App("negative-limit")


@app.function(timeout=-5)
def nap():
    pass


@app.local_entrypoint()
def main():
    nap.remote()
