"""An image that nobody has built before, with packages that somebody has downloaded before."""

import os

import modal

mark = os.environ.get("PROGRAM_MARK", "none")
app = modal.App("shared-downloads")
image = (
    modal.Image.debian_slim()
    .env({"MARK": mark})
    .pip_install("tabulate==0.9.0")
    .apt_install("tree")
    .run_commands("ls /var/cache/apt/archives/*.deb /root/.cache 2>&1 || echo nothing of it is in the image")
)


@app.function(image=image)
def table() -> str:
    import tabulate

    return tabulate.tabulate([["bread", 3]], tablefmt="plain")


@app.local_entrypoint()
def main():
    print("table:", table.remote())
