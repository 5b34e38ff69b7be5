"""An image that starts from one in a registry. Where it is and who may read it comes by the environment."""

import os

import modal

app = modal.App("registry-image")

if modal.is_local():
    names = {"REGISTRY_USERNAME": "PROGRAM_USER", "REGISTRY_PASSWORD": "PROGRAM_PASSWORD"}
    login = modal.Secret.from_dict({name: os.environ[here] for name, here in names.items()})
    image = modal.Image.from_registry(
        os.environ["PROGRAM_IMAGE"], secret=login if os.environ["PROGRAM_USER"] else None, add_python="3.11"
    )
else:
    image = modal.Image.debian_slim()


@app.function(image=image)
def inspect() -> str:
    with open("/opt/loaf") as loaf:
        return f"{loaf.read().strip()}, login {'REGISTRY_PASSWORD' in os.environ}"


@app.local_entrypoint()
def main():
    print("pulled: " + inspect.remote())
