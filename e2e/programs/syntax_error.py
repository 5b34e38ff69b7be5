"""Its container reads a module with a mistake in it."""

import modal

app = modal.App("syntax-error")

image = modal.Image.debian_slim().add_local_python_source("misspelled")

if not modal.is_local():
    import misspelled


@app.function(image=image)
def read_recipe() -> str:
    return misspelled.RECIPE


@app.local_entrypoint()
def main():
    print("read:", read_recipe.remote())
