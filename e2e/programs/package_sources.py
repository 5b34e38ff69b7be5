"""A package that only indexes and pages of links inside the image have, in two versions."""

import pathlib
import tempfile
import types
import zipfile

import modal

app = modal.App("package-sources")
base = modal.Image.debian_slim()


def add_wheel(directory: pathlib.Path, version: str) -> str:
    name = f"loaf-{version}-py3-none-any.whl"
    about = f"loaf-{version}.dist-info"
    with zipfile.ZipFile(directory / name, "w") as wheel:
        wheel.writestr("loaf.py", f"version = {version!r}\n")
        wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: loaf\nVersion: {version}\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    return name


if modal.is_local():
    index = pathlib.Path(tempfile.mkdtemp())
    (index / "loaf").mkdir()
    links = [add_wheel(index / "loaf", version) for version in ("1.0", "2.0rc1")]
    page = "".join(f'<a href="{name}">{name}</a>\n' for name in links)
    (index / "loaf" / "index.html").write_text(f"<!DOCTYPE html><html><body>{page}</body></html>")
    base = base.add_local_dir(index, "/opt/index", copy=True)

sources = {
    "index": {"index_url": "file:///opt/index"},
    "early": {"index_url": "file:///opt/index", "pre": True},
    "links": {"find_links": "/opt/index/loaf", "extra_options": "--no-index"},
}


def inspect() -> str:
    import loaf

    return loaf.version


def add_function(name: str, image: modal.Image):
    function = types.FunctionType(inspect.__code__, globals(), name)
    function.__qualname__, function.__module__ = name, __name__
    globals()[name] = app.function(image=image)(function)
    return globals()[name]


functions = [add_function(f"pip_{name}", base.pip_install("loaf", **source)) for name, source in sources.items()]
# The first clients have no uv.
if hasattr(base, "uv_pip_install"):
    functions += [add_function(f"uv_{name}", base.uv_pip_install("loaf", **source)) for name, source in sources.items()]


@app.local_entrypoint()
def main():
    print("loaves: " + " ".join(function.remote() for function in functions))
