"""Builds the image of a Dockerfile by asking the server as the client does, and says how long it took.

    images_on_slipway.py DIRECTORY          cold, last step changed, nothing changed
    images_on_slipway.py --chain LAYERS     asks for an unchanged chain of so many images

Times count from the request to the end of the build, on a connection that is open already.
"""

import asyncio
import os
import sys
import time
import uuid
from pathlib import Path

from modal.client import _Client
from modal_proto import api_pb2

BUILDER = "2025.06"
UNCHANGED = 7


async def image(client, app, lines, files=(), bases=()):
    """The id of the image of these lines, when it is built."""
    request = api_pb2.ImageGetOrCreateRequest(
        app_id=app,
        image=api_pb2.Image(
            dockerfile_commands=lines,
            context_files=files,
            base_images=[api_pb2.BaseImage(docker_tag="base", image_id=base) for base in bases],
        ),
        builder_version=BUILDER,
    )
    response = await client._stub.ImageGetOrCreate(request)
    result, last_entry = response.result, ""
    while result.status == api_pb2.GenericResult.GENERIC_STATUS_UNSPECIFIED:
        join = api_pb2.ImageJoinStreamingRequest(
            image_id=response.image_id, timeout=55, last_entry_id=last_entry
        )
        async for update in client._stub.ImageJoinStreaming.unary_stream(join):
            last_entry = update.entry_id or last_entry
            if os.environ.get("SHOW_LOG"):
                print("".join(entry.data for entry in update.task_logs), end="", file=sys.stderr)
            if update.result.status:
                result = update.result
                break
    if result.status != api_pb2.GenericResult.GENERIC_STATUS_SUCCESS:
        raise SystemExit(f"the build failed: {result.exception}")
    return response.image_id


async def timed(what, awaitable):
    begun = time.monotonic()
    await awaitable
    print(f"{what} {(time.monotonic() - begun) * 1000:.1f}", flush=True)


async def build_dockerfile(client, app, directory):
    lines = (directory / "Dockerfile").read_text().splitlines()
    files = [
        api_pb2.ImageContextFile(filename=str(path.relative_to(directory)), data=path.read_bytes())
        for path in sorted(directory.rglob("*"))
        if path.is_file() and path.name != "Dockerfile"
    ]
    # The base is there for both sides before anything is measured.
    await image(client, app, lines[:1])
    # A mark makes the recipe one that was never built.
    mark = uuid.uuid4().hex
    fresh = [line.replace("COLD_MARK", mark).replace("LAST_MARK", mark) for line in lines]
    changed = [line.replace("COLD_MARK", mark).replace("LAST_MARK", "changed") for line in lines]
    await timed("cold", image(client, app, fresh, files))
    await timed("last", image(client, app, changed, files))
    for _ in range(UNCHANGED):
        await timed("nothing", image(client, app, changed, files))


async def chain(client, app, length):
    mark = uuid.uuid4().hex

    async def resolve():
        base = await image(client, app, ["FROM python:3.11-slim-bookworm"])
        for i in range(length):
            lines = ["FROM base", f"ENV LAYER_{i}={mark}"]
            base = await image(client, app, lines, bases=[base])

    await resolve()
    await resolve()
    for _ in range(5):
        await timed("chain", resolve())


async def main():
    client = await _Client.from_env()
    created = await client._stub.AppCreate(api_pb2.AppCreateRequest(description="images", app_state=api_pb2.APP_STATE_EPHEMERAL))
    if sys.argv[1] == "--chain":
        await chain(client, created.app_id, int(sys.argv[2]))
    else:
        await build_dockerfile(client, created.app_id, Path(sys.argv[1]))


if __name__ == "__main__":
    asyncio.run(main())
