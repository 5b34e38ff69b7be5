"""Runs first in every Python of a container, so it does as little as it can."""

import os
import sys

# What the modal client needs, behind everything that the user installed.
sys.path.append("/__modal/deps")

if "SLIPWAY_LANE" in os.environ:
    import slipway_lane

    slipway_lane.install(os.environ["SLIPWAY_LANE"])
