"""An image from a Dockerfile of several stages."""

import inspect as introspection
import os
import stat

import modal

app = modal.App("dockerfiles")

# Clients of the first releases have no build arguments.
parameters = introspection.signature(modal.Image.from_dockerfile).parameters
arguments = {"build_args": {"FLOUR": "rye"}} if "build_args" in parameters else {}

image = modal.Image.from_dockerfile(
    "dough/Dockerfile", context_dir="dough", **arguments
).run_commands("touch /opt/as-root")


@app.function(image=image)
def inspect() -> str:
    import humanize

    def text(path: str) -> str:
        with open(path) as file:
            return file.read().strip()

    dough = os.stat("/opt/dough/kneaded")
    shelf = os.stat("/etc/shelf.ini")
    private = os.stat("/opt/private")
    return " | ".join(
        [
            text("/opt/dough/kneaded"),
            text("/opt/dough/program"),
            text("/opt/recipe/steps/first"),
            text("/etc/shelf.ini").replace("\n", " "),
            f"{dough.st_uid}:{dough.st_gid} {stat.S_IMODE(shelf.st_mode):o}",
            " ".join(sorted(os.listdir("/opt/dough"))),
            humanize.intcomma(1234567),
            os.environ["PYTHONPATH"].split(":")[-2:][0],
            f"{os.environ['KIND']} in a bowl {' '.join(text('/opt/bowl').split())}, {stat.S_IMODE(private.st_mode):o}",
            f"oven {os.environ.get('OVEN')}, user {os.getuid()}, in {os.getcwd()}",
        ]
    )


@app.local_entrypoint()
def main():
    print("dough: " + inspect.remote())
