"""Asks pip for something that nobody has published."""

import modal

app = modal.App("no-such-package")

image = modal.Image.debian_slim().pip_install("slipway-package-that-nobody-published==1.2.3")


@app.function(image=image)
def never():
    pass


@app.local_entrypoint()
def main():
    never.remote()
