"""A program of several modules: run it with `modal run -m bakery.shop`."""
