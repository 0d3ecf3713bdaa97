"""The optimisers to choose from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from semcodec.errors import PluginError

__all__ = ["OPTIMIZERS", "make_optimizer"]

OPTIMIZERS = ("adam", "soap")
_REFRESH = 10
_WIDEST = 1024


def make_optimizer(name: str, parameters: Iterable[Any], rate: float) -> Any:
    """Make an optimiser.

    Args:
        name: ``"adam"`` (Kingma and Ba, arXiv 1412.6980), or ``"soap"``, Adam in the eigenbasis of
            Shampoo's preconditioner (Vyas et al., arXiv 2409.11321): a step takes about twice the
            time of one of a small model on a CPU, and gets much further.
        parameters: of the module.
        rate: the learning rate to begin with.

    Raises:
        PluginError: the package that has it is not installed.
    """
    if name == "adam":
        from torch.optim import Adam

        return Adam(parameters, lr=rate)
    try:
        from pytorch_optimizer import SOAP
    except ImportError:
        raise PluginError(
            "the optimizer soap needs pytorch_optimizer",
            hint='pip install "semcodec-torch[train]", or --set optimizer=adam',
        ) from None

    class Soap(SOAP):  # type: ignore[misc]
        def step(self, closure: Any = None) -> Any:
            """Take a step; leave the state as a checkpoint gives it back.

            Products of matrices depend in their last bits on how these lie in memory.
            """
            loss = super().step(closure)
            for state in self.state.values():
                state.update({name: _plain(value) for name, value in state.items()})
            return loss

    return Soap(
        list(parameters),
        lr=rate,
        weight_decay=0.0,
        precondition_frequency=_REFRESH,
        max_precondition_dim=_WIDEST,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.contiguous() if hasattr(value, "contiguous") else value
