"""Builds an image and publishes it under two names."""

import os

import modal

builder = modal.App("image-names")
image = modal.Image.debian_slim("3.11").pip_install("humanize==4.9.0").workdir("/srv").run_commands(
    f"echo {os.environ.get('PROGRAM_MARK', 'none')} > /opt/bread"
)

with builder.run():
    image.build(builder)
    image.publish("bakery")
    image.publish("bakery:v1")
about = image._get_metadata()
python = ".".join(about.python_version_info.split()[1].split(".")[:2])
print(f"about it: {python} humanize {about.python_packages['humanize']} in {about.workdir}")
print("published: " + image.object_id)
