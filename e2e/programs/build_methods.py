"""A class that prepares itself while its image is built, as old clients have it."""

import modal

app = modal.App("build-methods")


@app.cls(image=modal.Image.debian_slim())
class Oven:
    @modal.build()
    def make(self):
        with open("/opt/oven", "w") as file:
            file.write("a stone oven")

    @modal.enter()
    def heat(self):
        with open("/opt/oven") as file:
            self.oven = file.read()

    @modal.method()
    def look(self) -> str:
        return self.oven


@app.local_entrypoint()
def main():
    print("built with its image: " + Oven().look.remote())
