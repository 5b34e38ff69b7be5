"""Calls that make calls, and calls that are found again by their ids."""

import modal

app = modal.App("graphs")


@app.function()
def leaf(number: int) -> int:
    return number + 1


@app.function()
def branch(number: int) -> int:
    return leaf.remote(number) + sum(leaf.map([1, 2]))


def described(nodes, depth: int = 0) -> list:
    lines = []
    for node in sorted(nodes, key=lambda one: one.function_name):
        lines.append(f"{'-' * depth}{node.module_name}.{node.function_name} {node.status.name}")
        lines.extend(described(node.children, depth + 1))
    return lines


@app.local_entrypoint()
def main():
    call = branch.spawn(1)
    print("branch:", call.get(timeout=60))
    for line in described(call.get_call_graph()):
        print("graph:", line)
    found = modal.FunctionCall.from_id(call.object_id)
    print("found again:", found.get(timeout=10))
    if hasattr(leaf, "experimental_spawn_map"):
        many = leaf.experimental_spawn_map(range(120))
        again = modal.FunctionCall.from_id(many.object_id)
        print("many:", again.num_inputs(), sum(again.iter()), again.get(index=119))
