"""Uses its own package by relative import, and modules beside it that the image adds by name."""

import modal

from .prices import price

app = modal.App("bakery")

image = modal.Image.debian_slim().add_local_python_source("recipes_shelf", "scales")


@app.function(image=image)
def offer(bread: str) -> str:
    import recipes_shelf.sweet.cakes
    import scales

    return f"{bread} {price(bread)} cents, {scales.weigh(bread)} g, cake: {recipes_shelf.sweet.cakes.NAME}"


@app.local_entrypoint()
def main():
    print("offer:", offer.remote("rye"))
    print("here:", price("roll"))
