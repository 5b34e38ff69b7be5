"""Carries a container's most frequent calls over a socket of their own.

Asking for inputs and putting outputs happens once for each input. The client's HTTP/2 is written in
Python and costs more than everything else about them, so these two go as plain frames to the worker,
which speaks for the container. Whatever is in the way (a library of another kind, no such socket, a
connection that cannot be made) leaves the client on its own path, where every call works as well.

Frames, numbers in network order: length of what follows (4 bytes), id of the call (4), kind or
status (1), message. To the worker the kind says what is called; from it the status is gRPC's.

A container that works on one input at a time does not wait until a small output was put: it tells the
worker, which sees to the rest, and asks for the next input. Should the platform refuse the output, that
question fails with the reason.
"""

import os
import sys

_LIBRARY = "grpclib.client"
_CANCEL = 0
_GET = 1
_PUT = 2
_TELL = 3
_KINDS = {
    "/modal.client.ModalClient/FunctionGetInputs": _GET,
    "/modal.client.ModalClient/FunctionPutOutputs": _PUT,
}

# How large an output may be that is told, and all together that have no answer yet.
_TOLD_BYTES = 1 << 16
_TOLD_TOGETHER_BYTES = 1 << 20


def install(path):
    """Prepares this process to use the lane as soon as it imports the gRPC library."""
    sys.meta_path.insert(0, _Watcher(path))


class _Watcher:
    """Finds no module itself: it sees one go by and has it changed once it is loaded."""

    def __init__(self, path):
        self.path = path

    def find_spec(self, name, path=None, target=None):
        if name != _LIBRARY:
            return None
        sys.meta_path.remove(self)
        for finder in sys.meta_path:
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                self._change(spec)
                return spec
        return None

    def _change(self, spec):
        execute = spec.loader.exec_module

        def then_change(module):
            execute(module)
            try:
                _use_lane(module, self.path)
            except (AttributeError, ImportError) as reason:
                print(f"slipway: calls go without the lane: {reason}", file=sys.stderr)

        spec.loader.exec_module = then_change


def _use_lane(library, path):
    import asyncio
    import struct

    from grpclib.const import Status
    from grpclib.exceptions import GRPCError, StreamTerminatedError

    method_class = library.UnaryUnaryMethod
    own_path = method_class.__call__
    frame = struct.Struct(">IIB")
    after_length = frame.size - 4

    class Lane(asyncio.Protocol):
        def __init__(self):
            self.loop = asyncio.get_running_loop()
            self.process = os.getpid()
            self.open = True
            self.received = bytearray()
            self.waiting = {}
            self.last_call = 0
            self.one_at_a_time = False
            self.told = {}
            self.told_bytes = 0

        def connection_made(self, transport):
            self.transport = transport

        def data_received(self, data):
            self.received += data
            while len(self.received) >= frame.size:
                length, call, status = frame.unpack_from(self.received)
                end = 4 + length
                if len(self.received) < end:
                    return
                message = bytes(memoryview(self.received)[frame.size : end])
                del self.received[:end]
                answer = self.waiting.pop(call, None)
                if answer is None:
                    self.told_bytes -= self.told.pop(call, 0)
                    continue
                if answer.done():
                    continue
                if status == 0:
                    answer.set_result(message)
                else:
                    answer.set_exception(
                        GRPCError(Status(status), message.decode("utf-8", "replace"))
                    )

        def connection_lost(self, reason):
            self.open = False
            waiting, self.waiting = self.waiting, {}
            for answer in waiting.values():
                if not answer.done():
                    # The client asks again after this one, and then finds a new lane or none.
                    answer.set_exception(StreamTerminatedError("the lane to the worker broke"))

        def usable(self):
            return self.open and self.process == os.getpid() and self.loop is asyncio.get_running_loop()

        def next_call(self):
            self.last_call = (self.last_call + 1) & 0xFFFFFFFF
            return self.last_call

        def may_tell(self, size):
            return (
                self.one_at_a_time
                and size <= _TOLD_BYTES
                and self.told_bytes + size <= _TOLD_TOGETHER_BYTES
                # What is not in the socket yet could be lost with the process.
                and self.transport.get_write_buffer_size() == 0
            )

        def tell(self, message):
            call = self.next_call()
            self.told[call] = len(message)
            self.told_bytes += len(message)
            self.send(call, _TELL, message)

        def send(self, call, kind, message):
            self.transport.write(frame.pack(after_length + len(message), call, kind) + message)

        async def ask(self, kind, message, timeout):
            call = self.next_call()
            answer = self.waiting[call] = self.loop.create_future()
            self.send(call, kind, message)
            try:
                if timeout is None:
                    return await answer
                return await asyncio.wait_for(answer, timeout)
            finally:
                if self.waiting.pop(call, None) is not None and self.open:
                    self.send(call, _CANCEL, b"")

    lane = None

    async def find_lane():
        nonlocal lane
        if lane is None or not lane.usable():
            try:
                _, lane = await asyncio.get_running_loop().create_unix_connection(Lane, path)
            except OSError:
                return None
        return lane

    async def call(self, message, *, timeout=None, metadata=None):
        kind = _KINDS.get(self.name)
        found = None if kind is None else await find_lane()
        if found is None:
            return await own_path(self, message, timeout=timeout, metadata=metadata)
        if kind == _GET:
            found.one_at_a_time = message.input_concurrency == 1 and message.batch_max_size <= 1
        packed = message.SerializeToString()
        if kind == _PUT and found.may_tell(len(packed)):
            found.tell(packed)
            return self.reply_type()
        return self.reply_type.FromString(await found.ask(kind, packed, timeout))

    method_class.__call__ = call
