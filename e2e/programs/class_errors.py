"""What goes wrong with classes, and how it is told."""

import sys

import modal

app = modal.App("class-errors")


@app.cls()
class Jar:
    size: int = modal.parameter()

    @modal.method()
    def fill(self) -> int:
        return self.size


@app.cls()
class Broken:
    @modal.enter()
    def open(self):
        raise RuntimeError("the lid does not open")

    @modal.method()
    def look(self) -> str:
        return "never seen"


def attempt(what, call):
    try:
        print(f"{what}: went through with {call()}")
    except Exception as problem:
        print(f"{what}: {type(problem).__name__}: {problem}".replace("\n", " "))


def say_it_raw():
    """What the client itself would never send."""
    import asyncio

    from modal.client import _Client
    from modal_proto import api_pb2

    async def raw():
        client = await _Client.from_env()
        stub = getattr(client, "_stub", None) or client.stub
        jar = await stub.FunctionGet(
            api_pb2.FunctionGetRequest(app_name="class-errors", object_tag="Jar.*")
        )

        async def refused(what, call):
            try:
                await call
                print(f"{what}: went through")
            except Exception as problem:
                print(f"{what}: {getattr(problem, 'message', problem)}")

        def bind(*parameters):
            values = api_pb2.ClassParameterSet(parameters=parameters).SerializeToString()
            return stub.FunctionBindParams(
                api_pb2.FunctionBindParamsRequest(
                    function_id=jar.function_id, serialized_params=values
                )
            )

        value = api_pb2.ClassParameterValue
        text = api_pb2.PARAM_TYPE_STRING
        number = api_pb2.PARAM_TYPE_INT
        await refused("wrong type", bind(value(name="size", type=text, string_value="big")))
        await refused("no value", bind())
        await refused(
            "unknown name",
            bind(
                value(name="size", type=number, int_value=1),
                value(name="shape", type=text, string_value="round"),
            ),
        )
        await refused(
            "no parameters at all",
            stub.FunctionBindParams(
                api_pb2.FunctionBindParamsRequest(
                    function_id=jar.function_id, serialized_params=b"\xff\xff"
                )
            ),
        )
        bound = await bind(value(name="size", type=number, int_value=7))
        await refused(
            "method of another class",
            stub.FunctionMap(
                api_pb2.FunctionMapRequest(
                    function_id=bound.bound_function_id,
                    function_call_type=api_pb2.FUNCTION_CALL_TYPE_UNARY,
                    function_call_invocation_type=api_pb2.FUNCTION_CALL_INVOCATION_TYPE_SYNC,
                    pipelined_inputs=[
                        api_pb2.FunctionPutInputsItem(
                            input=api_pb2.FunctionInput(args=b"", method_name="look")
                        )
                    ],
                )
            ),
        )

    asyncio.run(raw())


def look_up():
    jars = modal.Cls.from_name("class-errors", "Jar")
    attempt("good", lambda: jars(size=3).fill.remote())
    attempt("text for a number", lambda: jars(size="large").fill.remote())
    attempt("without a value", lambda: jars().fill.remote())
    attempt("unknown method", lambda: jars(size=3).empty.remote())
    attempt("unknown class", lambda: modal.Cls.from_name("class-errors", "Barrel")().fill.remote())
    attempt(
        "class as function",
        lambda: modal.Function.from_name("class-errors", "Jar").remote(),
    )
    attempt("enter fails", lambda: modal.Cls.from_name("class-errors", "Broken")().look.remote())


if __name__ == "__main__":
    look_up() if sys.argv[1] == "look-up" else say_it_raw()
