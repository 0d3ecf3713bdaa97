"""How to train, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from semcodec.errors import SettingError
from semcodec_torch.training.optimizers import OPTIMIZERS

__all__ = ["FREE", "Settings", "Summary"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How to train, whatever the task.

    Attributes:
        steps: stop after so many; 0 for no limit.
        minutes: stop after so many of training, those before a resumption counted; 0 for no limit.
        batch: samples a step on each device.
        crop: rows and columns of a sample.
        optimizer: ``adam`` or ``soap``, see :func:`make_optimizer`.
        rate: learning rate on the plateau.
        warmup: steps over which the rate rises.
        cooldown: the last part of the run, 0 to 1, over which it falls to zero.
        clip: largest norm of the gradients.
        decay: of the exponential moving average of the weights, a step.
        precision: ``bf16`` for bfloat16 where autocast allows it, ``no`` for float32, or ``auto``,
            bf16 on a GPU and float32 on a CPU: without instructions for it a CPU takes many times
            as long.
        channels_last: lay the weights of convolutions out so.
        workers: processes that make samples; 0 makes them in the training process.
        threads: of torch on the CPU; 0 leaves them.
        seed: of everything random.
        held_out: pictures never trained on, the first by hash, that the weights are graded on.
        save_minutes: between checkpoints.
        log_steps: between rows of the log.
        grade_steps: between gradings; 0 grades at the start and the end only.
    """

    steps: int = 0
    minutes: float = 0
    batch: int = 8
    crop: int = 256
    optimizer: str = "adam"
    rate: float = 3e-4
    warmup: int = 200
    cooldown: float = 0.3
    clip: float = 1.0
    decay: float = 0.999
    precision: str = "auto"
    channels_last: bool = True
    workers: int = 1
    threads: int = 0
    seed: int = 0
    held_out: int = 8
    save_minutes: float = 5
    log_steps: int = 50
    grade_steps: int = 0

    def __post_init__(self) -> None:
        if self.steps <= 0 and self.minutes <= 0:
            raise SettingError("expected a limit of steps or of minutes, got neither")
        if self.precision not in ("auto", "bf16", "no"):
            raise SettingError(f"expected precision auto, bf16 or no, got {self.precision!r}")
        if self.optimizer not in OPTIMIZERS:
            raise SettingError(
                f"expected optimizer {' or '.join(OPTIMIZERS)}, got {self.optimizer!r}"
            )
        for name in ("batch", "crop", "rate", "clip", "save_minutes", "log_steps"):
            if getattr(self, name) <= 0:
                raise SettingError(f"expected {name} above 0, got {getattr(self, name)}")
        if not 0 <= self.decay < 1 or not 0 <= self.cooldown <= 1:
            raise SettingError("expected decay in [0, 1) and cooldown in [0, 1]")


FREE = frozenset(
    {"steps", "minutes", "workers", "threads", "save_minutes", "log_steps", "grade_steps"}
)
"""What a resumed run may change: limits and how often things are written."""


@dataclass(frozen=True)
class Summary:
    """What a run did.

    Attributes:
        steps: done in all.
        minutes: of training in all, grading and saving included.
        devices: what it ran on, in words.
        grades: the last gradings, rows as the task gives them; empty where nothing was held out.
        finished: whether a limit was reached; False after a signal.
        files: names of the files of weights.
        main: whether this is the process that writes the files.
    """

    steps: int
    minutes: float
    devices: str
    grades: list[dict[str, float]]
    finished: bool
    files: tuple[str, ...]
    main: bool
