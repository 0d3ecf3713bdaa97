"""The training loop, on ``accelerate``: one or many devices, exact resumption, a limit in time.

All randomness is a function of the seed and the step (``seeds.py``, ``samples.py``), and the
learning rate one of the step (``schedule.py``); so the state of a run is the weights, their
average, the optimiser's moments and two counters. A run that is killed and started again with the
same command ends with the same weights as one that was not, as long as the limit is one of steps:
under a limit of time the learning rate follows the clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from semcodec.errors import SettingError, WeightsError
from semcodec_torch.training.allocator import keep_memory
from semcodec_torch.training.log import Log, Means
from semcodec_torch.training.optimizers import make_optimizer
from semcodec_torch.training.packing import Pack
from semcodec_torch.training.samples import Samples, sample_numbers
from semcodec_torch.training.schedule import factor
from semcodec_torch.training.seeds import STEPS, WEIGHTS, seed_of
from semcodec_torch.training.settings import FREE, Settings, Summary
from semcodec_torch.training.signals import Stopper
from semcodec_torch.training.state import load_state, save_state, save_tensors
from semcodec_torch.training.task import Task

__all__ = ["CHECKPOINT", "LOG", "train"]

CHECKPOINT = "checkpoint.safetensors"
LOG = "metrics.jsonl"


def train(
    task: Task,
    pack: Pack,
    folder: Path,
    settings: Settings,
    *,
    start: Path | None = None,
    say: Callable[[str], None] = lambda what: None,
) -> Summary:
    """Train, or go on with the run in a folder.

    Writes ``checkpoint.safetensors`` (the run's state), the averaged weights in the files that the
    task ships, and ``metrics.jsonl``.

    Args:
        task: what to train.
        pack: the pictures.
        folder: of the run; one that holds a checkpoint is gone on with.
        settings: how.
        start: folder of weights to begin with, as an earlier run shipped them; ignored on
            resumption.
        say: is told what happens, on the main process.

    Raises:
        SettingError: the run in the folder was made with other settings, or the pack is too small.
        WeightsError: the checkpoint or the starting weights are damaged or of another model.
    """
    return _Run(task, pack, folder, settings, say).go(start)


class _Run:
    def __init__(
        self, task: Task, pack: Pack, folder: Path, settings: Settings, say: Callable[[str], None]
    ) -> None:
        import torch
        from accelerate import Accelerator
        from torch.optim.swa_utils import AveragedModel

        keep_memory()
        if settings.threads:
            torch.set_num_threads(settings.threads)
        if len(pack) <= settings.held_out:
            raise SettingError(f"expected more than {settings.held_out} pictures, got {len(pack)}")
        self.task, self.pack, self.folder, self.settings = task, pack, folder, settings
        precision = settings.precision
        if precision == "auto":
            precision = "bf16" if torch.cuda.is_available() else "no"
        self.accelerator = Accelerator(mixed_precision=precision)
        self.device = self.accelerator.device
        self.main = self.accelerator.is_main_process
        self.say = say if self.main else lambda what: None
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed_of(settings.seed, WEIGHTS))
            module = task.module()
        layout = torch.channels_last if settings.channels_last else torch.contiguous_format
        self.module = module.to(self.device, memory_format=layout)
        self.average = AveragedModel(self.module, multi_avg_fn=_average(settings.decay))
        self.optimizer = make_optimizer(settings.optimizer, self.module.parameters(), settings.rate)
        self.step = 0
        self.seconds = 0.0
        self.grades: list[dict[str, float]] = []

    def go(self, start: Path | None) -> Summary:
        if self.main:
            self.folder.mkdir(parents=True, exist_ok=True)
        checkpoint = self.folder / CHECKPOINT
        if checkpoint.is_file():
            self._resume(load_state(checkpoint))
            self.say(f"going on at step {self.step}, {self.seconds / 60:.1f} minutes")
        elif start is not None:
            self._begin_with(start)
        self.wrapped, self.optimizer = self.accelerator.prepare(self.module, self.optimizer)
        if self.main:
            self.log = Log(self.folder / LOG, self.step)
        with Stopper() as stopper:
            return self._train(stopper)

    def _train(self, stopper: Stopper) -> Summary:
        before, began = self.seconds, time.monotonic()
        if self.step == 0:
            self._grade()
        means, saved = Means(), time.monotonic()
        batches = self._batches()
        while True:
            self.seconds = self._agreed(before + time.monotonic() - began, stopper.stopped)
            progress = self._progress()
            if progress >= 1 or self.stopped:
                break
            means.add(self._one(next(batches), progress))
            if self.main and self.step % self.settings.log_steps == 0:
                self._write_means(means)
            if self.settings.grade_steps and self.step % self.settings.grade_steps == 0:
                self._grade()
            if time.monotonic() - saved > self.settings.save_minutes * 60:
                self._save()
                saved = time.monotonic()
        if progress >= 1 and not self.grades:
            self._grade()
        self.seconds = before + time.monotonic() - began
        self._save()
        return Summary(
            steps=self.step,
            minutes=self.seconds / 60,
            devices=self._devices(),
            grades=self.grades,
            finished=progress >= 1,
            files=tuple(self.task.files(self.module)),
            main=self.main,
        )

    def _one(self, batch: dict[str, Any], progress: float) -> Any:
        """Take a step and give its terms."""
        import torch

        settings, place = self.settings, self.accelerator.process_index
        rate = settings.rate * factor(
            self.step, progress, warmup=settings.warmup, cooldown=settings.cooldown
        )
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        seed = seed_of(settings.seed, STEPS, self.step, place)
        moved = {name: value.to(self.device) for name, value in batch.items()}
        torch.manual_seed(seed)  # on every device
        terms = self.wrapped(moved)
        self.optimizer.zero_grad(set_to_none=True)
        self.accelerator.backward(terms.loss)
        self.accelerator.clip_grad_norm_(self.wrapped.parameters(), settings.clip)
        self.optimizer.step()
        self.average.update_parameters(self.module)
        self.step += 1
        self.grades = []
        return terms

    def _batches(self) -> Any:
        from torch.utils.data import DataLoader

        settings, accelerator = self.settings, self.accelerator
        numbers = range(settings.held_out, len(self.pack))
        samples = Samples(self.task, self.pack, numbers, settings.crop, settings.seed)
        order = sample_numbers(
            self.step, settings.batch, accelerator.process_index, accelerator.num_processes
        )
        loader: Any = DataLoader(
            samples,
            batch_size=settings.batch,
            sampler=order,
            num_workers=settings.workers,
            multiprocessing_context="spawn" if settings.workers else None,
            pin_memory=self.device.type == "cuda",
        )
        return iter(loader)

    def _progress(self) -> float:
        settings = self.settings
        steps = self.step / settings.steps if settings.steps else 0.0
        return max(steps, self.seconds / 60 / settings.minutes if settings.minutes else 0.0)

    def _agreed(self, seconds: float, stopped: bool) -> float:
        """Take the main process's clock and signal: all must stop at the same step."""
        self.stopped = stopped
        if self.accelerator.num_processes > 1:
            from accelerate.utils import broadcast_object_list

            told: list[Any] = broadcast_object_list([seconds, stopped])
            seconds, self.stopped = told
        return seconds

    def _grade(self) -> None:
        """Grade the averaged weights on what was held out, in full precision."""
        import torch

        if not self.main or not self.settings.held_out:
            return
        pictures = [self.pack[number] for number in range(self.settings.held_out)]
        module = self.average.module if self.step else self.module
        module.eval()
        with torch.no_grad():
            self.grades = self.task.evaluate(module, pictures)
        module.train()
        for row in self.grades:
            self.log.write({"kind": "held-out", "step": self.step, **row})
            self.say(f"held out, step {self.step}: {_words(row)}")

    def _write_means(self, means: Means) -> None:
        rate = self.optimizer.param_groups[0]["lr"]
        row = {"kind": "train", "step": self.step, "seconds": self.seconds, "rate": rate}
        row.update(means.take())
        self.log.write(row)
        self.say(_words(row))

    def _save(self) -> None:
        if not self.main:
            return
        state = {
            "run": self._identity(),
            "step": self.step,
            "seconds": self.seconds,
            "module": self.module.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }
        save_state(state, self.folder / CHECKPOINT)
        for name, tensors in self.task.files(self.average.module).items():
            save_tensors(tensors, self.folder / name, {"step": str(self.step)})

    def _identity(self) -> dict[str, Any]:
        """Say what a resumed run must have in common with the one before."""
        settings = {n: v for n, v in asdict(self.settings).items() if n not in FREE}
        task = {f.name: getattr(self.task, f.name) for f in fields(self.task)}  # type: ignore[arg-type]
        pictures = [p.sha256 for p in self.pack.pictures]
        processes = self.accelerator.num_processes
        return {
            "settings": settings,
            "task": {name: _plain(value) for name, value in task.items()},
            "pictures": pictures,
            "processes": processes,
        }

    def _resume(self, state: dict[str, Any]) -> None:
        before, now = state["run"], self._identity()
        if before != now:
            changed = _difference(before, now)
            raise SettingError(
                f"{self.folder} holds a run with other settings: {changed}",
                hint="Repeat its settings to go on with it, or name another folder.",
            )
        _load(self.module, state["module"], self.folder / CHECKPOINT)
        _load(self.average, state["average"], self.folder / CHECKPOINT)
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.seconds = state["step"], state["seconds"]

    def _begin_with(self, start: Path) -> None:
        from semcodec_torch.training.state import load_tensors

        known = self.task.files(self.module)
        found = {n: load_tensors(start / n) for n in known if (start / n).is_file()}
        try:
            state = self.task.state(found)
        except KeyError as missing:
            raise WeightsError(
                f"{start}: expected a folder of weights with {missing}, got "
                f"{', '.join(found) or 'none of its files'}",
                hint="Name the folder of an earlier run, or the one that a plugin ships.",
            ) from None
        _load(self.module, state, start)
        self.say(f"begins with {start}")

    def _devices(self) -> str:
        import torch

        if self.device.type == "cuda":
            name = torch.cuda.get_device_name(self.device)
        else:
            name = f"{self.device.type}, {torch.get_num_threads()} threads"
        return f"{self.accelerator.num_processes} x {name}"


def _average(decay: float) -> Callable[..., None]:
    import torch

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def update(averages: Any, current: Any, count: Any) -> None:
        # The first steps are far from the last: weigh them as a plain mean would, at first.
        part = 1 - min(decay, (1 + float(count)) / (10 + float(count)))
        torch._foreach_lerp_(averages, current, part)

    averaging: Callable[..., None] = update
    return averaging


def _load(module: Any, tensors: Mapping[str, Any], source: Path) -> None:
    try:
        module.load_state_dict(tensors)
    except RuntimeError as error:
        raise WeightsError(f"{source}: not of this model: {error!s:.500}") from None


def _difference(before: dict[str, Any], now: dict[str, Any]) -> str:
    words = []
    for part in ("settings", "task"):
        for name in sorted({*before[part], *now[part]}):
            old, new = before[part].get(name), now[part].get(name)
            if old != new:
                words.append(f"{name} was {old}, is {new}")
    if before["pictures"] != now["pictures"]:
        words.append("other pictures")
    if before["processes"] != now["processes"]:
        words.append(f"{before['processes']} processes, now {now['processes']}")
    return "; ".join(words)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _words(row: dict[str, Any]) -> str:
    return " ".join(
        f"{name} {value:.4g}" for name, value in row.items() if not isinstance(value, str)
    )
