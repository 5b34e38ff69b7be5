"""The steps that clients have methods for."""

import os
import pathlib

import modal

app = modal.App("image-chain")

HERE = pathlib.Path(__file__).parent
MARK = os.environ.get("PROGRAM_MARK", "none")

image = (
    modal.Image.debian_slim()
    .env({"PROGRAM_MARK": MARK, "QUOTED": "it's \"$HOME\""})
    .workdir("/srv/shop")
    .apt_install("tree")
    .pip_install("humanize==4.9.0", extra_options="--no-deps")
    .pip_install_from_requirements(str(HERE / "shop" / "requirements.txt"))
    .pip_install_from_pyproject(str(HERE / "shop" / "pyproject.toml"), ["nice"])
    .add_local_file(HERE / "shop" / "requirements.txt", "/opt/copied.txt", copy=True)
    .add_local_dir(HERE / "shop", "/opt/shop", copy=True, ignore=["*.toml"])
    .shell(["/bin/bash", "-ec"])
    .run_commands("[[ -f /opt/copied.txt ]] && echo $0 > shell")
    .dockerfile_commands(
        "RUN echo from a dockerfile command > /opt/command",
        "ADD https://pypi.org/simple/six/ /opt/from-the-web.html",
        "USER root",
    )
    .entrypoint([])
    .cmd(["python", "--version"])
    .add_local_dir(HERE / "shop", "/opt/mounted")
    .add_local_python_source("recipes_shelf")
)


@app.function(image=image)
def inspect() -> str:
    import iniconfig
    import humanize
    import recipes_shelf
    import six
    import tabulate

    def text(path: str) -> str:
        with open(path) as file:
            return file.read().strip()

    return " | ".join(
        [
            os.getcwd(),
            text("/srv/shop/shell"),
            text("/opt/command"),
            os.environ["QUOTED"],
            " ".join(sorted(os.listdir("/opt/shop"))),
            " ".join(sorted(os.listdir("/opt/mounted"))),
            str(os.path.exists("/usr/bin/tree")),
            str("six-1.16.0" in text("/opt/from-the-web.html")),
            " ".join(m.__name__ for m in (iniconfig, humanize, recipes_shelf, six, tabulate)),
        ]
    )


@app.local_entrypoint()
def main():
    print("chain: " + inspect.remote())
