"""Builds an image and publishes it under two names."""

import os

import modal

builder = modal.App("image-names")
image = modal.Image.debian_slim().run_commands(
    f"echo {os.environ.get('PROGRAM_MARK', 'none')} > /opt/bread"
)

with builder.run():
    image.build(builder)
    image.publish("bakery")
    image.publish("bakery:v1")
print("published: " + image.object_id)
