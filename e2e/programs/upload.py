"""Uploads some megabytes as the client does before a large call, and prints how that went.

`python upload.py put 32` prints `stored ID` or the server's refusal; `python upload.py get ID` reads
one back.
"""

import asyncio
import base64
import hashlib
import os
import random
import sys
import urllib.error
import urllib.request
from urllib.parse import urlparse

from grpclib.client import Channel
from grpclib.exceptions import GRPCError
from modal_proto import api_grpc, api_pb2

SERVER = urlparse(os.environ["MODAL_SERVER_URL"])
METADATA = {
    "x-modal-client-version": "1.6.4",
    "x-modal-client-type": "1",
    "x-modal-token-id": os.environ["MODAL_TOKEN_ID"],
    "x-modal-token-secret": os.environ["MODAL_TOKEN_SECRET"],
}


async def put(client, megabytes: int):
    data = random.Random(megabytes).randbytes(megabytes << 20)
    request = api_pb2.BlobCreateRequest(
        content_md5=base64.b64encode(hashlib.md5(data).digest()).decode(),
        content_sha256_base64=base64.b64encode(hashlib.sha256(data).digest()).decode(),
        content_length=len(data),
    )
    created = await client.BlobCreate(request, metadata=METADATA, timeout=30)
    parts = created.multipart
    if parts.upload_urls:
        tags = []
        for number, url in enumerate(parts.upload_urls):
            start = number * parts.part_length
            tags.append(send("PUT", url, data[start : start + parts.part_length]))
        listed = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>"
            for number, tag in enumerate(tags, 1)
        )
        send("POST", parts.completion_url, f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode())
    else:
        send("PUT", created.upload_url, data)
    print("stored", created.blob_id)


def send(method: str, url: str, body: bytes) -> str:
    request = urllib.request.Request(url, data=body, method=method)
    with urllib.request.urlopen(request, timeout=120) as response:
        return (response.headers["ETag"] or "").strip('"')


async def get(client, blob_id: str):
    answer = await client.BlobGet(api_pb2.BlobGetRequest(blob_id=blob_id), metadata=METADATA, timeout=30)
    with urllib.request.urlopen(answer.download_url, timeout=120) as response:
        data = response.read()
    megabytes = len(data) >> 20
    print("read", megabytes, "intact" if data == random.Random(megabytes).randbytes(megabytes << 20) else "damaged")


async def main(verb: str, what: str):
    channel = Channel(SERVER.hostname, SERVER.port)
    try:
        client = api_grpc.ModalClientStub(channel)
        await (put(client, int(what)) if verb == "put" else get(client, what))
    except urllib.error.HTTPError as refusal:
        print(f"refused: HTTP {refusal.code}: {refusal.read().decode()}")
    except GRPCError as refusal:
        print(f"refused: {refusal.status.name}: {refusal.message}")
    finally:
        channel.close()


asyncio.run(main(*sys.argv[1:]))
