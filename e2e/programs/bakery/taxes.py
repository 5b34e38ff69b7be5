"""Seven percent, rounded down."""


def with_tax(cents: int) -> int:
    return cents * 107 // 100
