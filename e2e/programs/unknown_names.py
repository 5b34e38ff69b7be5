"""Asks for things that are not there."""

import modal


def attempt(what: str, action):
    try:
        print(f"{what}: came back with {action()!r}")
    except Exception as problem:
        print(f"{what}: {type(problem).__name__}: {problem}")


attempt("app", lambda: modal.Function.from_name("no-such-app", "f").remote(1))
attempt("environment", lambda: modal.Function.from_name("a", "f", environment_name="nowhere").remote(1))
attempt("call", lambda: modal.FunctionCall.from_id("fc-0000000000000000000000").get(timeout=5))
