"""Imports something that exists in no container."""

import modal

app = modal.App("import-error")

if not modal.is_local():
    import ingredient_that_nobody_has


@app.function()
def taste() -> str:
    return str(ingredient_that_nobody_has)


@app.local_entrypoint()
def main():
    print("tasted:", taste.remote())
