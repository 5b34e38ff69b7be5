"""Builds the image of a Dockerfile by asking the server as the client does, and says how long it took.

    images_on_slipway.py DIRECTORY          cold, last step changed, nothing changed
    images_on_slipway.py --chain LAYERS     asks for an unchanged chain of so many images

Times count from the first request to the end of the build, on a connection that is open already. What
is asked for a Dockerfile is what `Image.from_dockerfile` asks: which files of the context are missing, a
mount of them, the image, and the one above it. What the client does with its processor before, such as
reading and digesting the files, is not counted: see client_builds_on_slipway.py.
"""

import asyncio
import hashlib
import os
import sys
import time
import uuid
from pathlib import Path

from modal.client import _Client
from modal_proto import api_pb2

BUILDER = "2025.06"
UNCHANGED = 7

# How many files the client asks about at once.
CHECKED = 64


async def context_mount(client, app, files):
    """The id of a mount of the files, each with its digest, path and bytes."""
    for begin in range(0, len(files), CHECKED):
        batch = {digest: data for digest, _, data in files[begin : begin + CHECKED]}
        check = api_pb2.MountBatchedCheckExistenceRequest(sha256_hex_hashes=list(batch))
        answer = await client._stub.MountBatchedCheckExistence(check)
        for missing in answer.missing_sha256_hex_hashes:
            put = api_pb2.MountPutFileRequest(sha256_hex=missing, data=batch[missing])
            await client._stub.MountPutFile(put)
    request = api_pb2.MountGetOrCreateRequest(
        object_creation_type=api_pb2.OBJECT_CREATION_TYPE_ANONYMOUS_OWNED_BY_APP,
        files=[api_pb2.MountFile(filename=path, sha256_hex=digest, mode=0o644) for digest, path, _ in files],
        app_id=app,
    )
    return (await client._stub.MountGetOrCreate(request)).mount_id


async def image(client, app, lines, mount="", bases=()):
    """The id of the image of these lines, when it is built."""
    request = api_pb2.ImageGetOrCreateRequest(
        app_id=app,
        image=api_pb2.Image(
            dockerfile_commands=lines,
            context_mount_id=mount,
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


async def with_context(client, app, lines, files):
    """What the client asks for a Dockerfile with these files."""
    built = await image(client, app, lines, await context_mount(client, app, files))
    return await image(client, app, ["FROM base"], bases=[built])


async def build_dockerfile(client, app, directory):
    lines = (directory / "Dockerfile").read_text().splitlines()
    files = [
        (hashlib.sha256(path.read_bytes()).hexdigest(), f"/{path.relative_to(directory)}", path.read_bytes())
        for path in sorted(directory.rglob("*"))
        if path.is_file() and path.name != "Dockerfile"
    ]
    # The base and the files are there for both sides before anything is measured.
    await image(client, app, lines[:1])
    await context_mount(client, app, files)
    # A mark makes the recipe one that was never built.
    mark = uuid.uuid4().hex
    fresh = [line.replace("COLD_MARK", mark).replace("LAST_MARK", mark) for line in lines]
    changed = [line.replace("COLD_MARK", mark).replace("LAST_MARK", "changed") for line in lines]
    await timed("cold", with_context(client, app, fresh, files))
    await timed("last", with_context(client, app, changed, files))
    for _ in range(UNCHANGED):
        await timed("nothing", with_context(client, app, changed, files))


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
