"""Calls the functions of the deployed app 'menu': `python diner.py WHAT…`."""

import sys
import time

import modal


def function(name, **more):
    return modal.Function.from_name("menu", name, **more)


def cook(**values):
    return modal.Cls.from_name("menu", "Cook")(**values)


def dish():
    print("dish:", function("dish").remote())


def cooking():
    print("cook:", cook().cook.remote(), "/", cook(name="Ada").cook.remote())


def where():
    print("where:", cook().where.remote())


def in_flight():
    slow = function("slow")
    call = slow.spawn()
    while slow.get_current_stats().backlog > 0:
        time.sleep(0.1)
    print("in flight", flush=True)
    print("landed:", call.get(timeout=120))


def pinned():
    for version in (1, 2):
        print(f"version {version}:", function("dish", version=version).remote())
        pinned_cook = modal.Cls.from_name("menu", "Cook", version=version)
        print(f"cook of version {version}:", pinned_cook(name="Ada").cook.remote())
    try:
        function("dish", version=99).remote()
    except modal.exception.NotFoundError as problem:
        print("version 99:", problem)


def removed():
    try:
        print("removed:", function("only_at_first").remote())
    except modal.exception.NotFoundError as problem:
        print("removed:", problem)


def held():
    crumbs = function("only_at_first")
    print("held:", crumbs.remote(), flush=True)
    while function("dish").remote() != "stew":
        time.sleep(0.5)
    try:
        print("held:", crumbs.remote())
    # The oldest client has no class of its own for this refusal.
    except Exception as problem:
        print("held:", problem)


def elsewhere():
    bistro = modal.Function.from_name("bistro", "dish", environment_name="kitchen")
    print("dish of the bistro:", bistro.remote())
    try:
        modal.Function.from_name("bistro", "dish").remote()
    except modal.exception.NotFoundError as problem:
        print("bistro in main:", problem)


def lookup():
    app = modal.App.lookup("menu")
    print("app:", app.app_id, app.name)


for what in sys.argv[1].split(","):
    globals()[what]()
