"""An image with large packages, built once: several gigabytes, some minutes.

    modal run examples/torch_and_transformers.py
"""

import modal

image = (
    modal.Image.debian_slim(python_version="3.10")
    .apt_install("git")
    .pip_install("torch==2.2.0", "transformers")
)
app = modal.App("torch-and-transformers", image=image)


@app.function()
def versions() -> dict:
    import torch
    import transformers

    # Plain types: the machine that prints them needs no torch.
    return {
        "torch": str(torch.__version__),
        "transformers": transformers.__version__,
        "sum": int(torch.ones(2, 3).sum()),
    }


@app.local_entrypoint()
def main():
    for name, value in versions.remote().items():
        print(f"{name}: {value}")
