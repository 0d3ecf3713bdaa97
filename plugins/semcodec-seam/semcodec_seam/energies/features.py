"""What a picture shows, as the features of the network that ships."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.components.saliency._working import shrink
from semcodec_seam.energies.activations import MARGIN, RUNNING, activations, padded
from semcodec_seam.energies.backbones import BACKBONES, own_weights, require
from semcodec_seam.pictures import context_of

__all__ = ["features"]

_SEEN = 512


def features(picture: NDArray[Any], device: str = "cpu") -> NDArray[np.float32]:
    """Give the activations of SAIC's analysis at its last layer of stride 16.

    Args:
        picture: uint8 or uint16 (height, width, 1 to 4); 512 pixels a side are seen.
        device: where the network runs.

    Returns:
        float32 (channels, rows, columns), a place for every 16 pixels that are seen.

    Raises:
        PluginError: torch or semcodec-saic is missing.
    """
    devices = require("semcodec_torch.devices", "features")
    weights = require("semcodec_torch.weights", "features")
    backbone, ctx = BACKBONES["saic"], context_of(picture.shape, 8, device)
    made = weights.network(backbone.build, own_weights("saic"), ctx)
    seen = shrink(picture, _SEEN)
    with RUNNING, devices.inference(devices.device_of(device)):
        x = padded(seen, backbone).to(device)
        found = activations(backbone, made, backbone.layers[-1:], x)[0][0]
    first = MARGIN // backbone.stride
    rows, columns = (first - (-side // backbone.stride) for side in seen.shape[:2])
    here: NDArray[np.float32] = found[:, first:rows, first:columns].float().cpu().numpy()
    return here
