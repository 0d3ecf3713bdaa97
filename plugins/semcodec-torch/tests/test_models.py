"""The components: what they choose, what they see, and files coded by them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from semcodec_torch.entropy.conditional import Conditional
from semcodec_torch.entropy.order import phases
from semcodec_torch.entropy.steps import residuals, step_of
from semcodec_torch.entropy.tables import from_probabilities, to_arrays
from semcodec_torch.exact import reference
from semcodec_torch.exact.layers import Network
from semcodec_torch.models import Factorized, Hyperprior
from semcodec_torch.weights import file_weights, write

from semcodec import Image, Symbols
from semcodec.coding.tables import gaussian_tables, scale_grid
from semcodec.contracts.coding import TablePass
from semcodec.contracts.context import Context
from semcodec.contracts.weights import Weights
from semcodec.errors import PluginError, SettingError, WeightsError

pytest.importorskip("safetensors", reason="pip install semcodec-torch")


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[Any], Weights]:
    def save(arrays: Any) -> Weights:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.safetensors"
        write(path, arrays)
        return file_weights(path)

    return save


def described(symbols: Symbols, shift: Any = None) -> Context:
    return Context(image=Image(64, 64), shape=symbols, coded=symbols, shift=shift)


def driven(
    model: Any, symbols: Symbols, guides: Any, values: np.ndarray, shift: Any = None
) -> list[TablePass]:
    """The passes of a model as the engine drives it: what is not coded yet is 0."""
    program = model.passes(symbols, guides, described(symbols, shift))
    made = [next(program)]
    known = np.zeros(symbols.shape, np.int32)
    try:
        while True:
            positions = made[-1].positions
            if positions is None:
                known = values
            else:
                known.reshape(-1)[positions] = values.reshape(-1)[positions]
            view = known.view()
            view.setflags(write=False)
            made.append(program.send(view))
    except StopIteration:
        return made


def test_each_channel_has_its_table(saved: Any) -> None:
    rng = np.random.default_rng(0)
    rows = rng.random((3, 9))
    tables = from_probabilities(rows / rows.sum(axis=1, keepdims=True), -4)
    model = Factorized(weights=saved(to_arrays(tables, "prior")))
    symbols = Symbols((3, 2, 5))
    [only] = driven(model, symbols, {}, np.zeros(symbols.shape, np.int32))
    assert only.tables.digest == tables.digest
    assert (only.indexes == np.arange(3)[:, None, None]).all()
    with pytest.raises(SettingError, match="tables for 3 channels, the symbols have 4"):
        next(model.passes(Symbols((4, 2, 5)), {}, described(Symbols((4, 2, 5)))))


@pytest.mark.parametrize("symbols", [Symbols((3, 4)), Symbols((9,), end=0), Symbols((0, 2, 2))])
def test_other_symbols_are_refused(symbols: Symbols) -> None:
    weights = Weights(uri="file:/nowhere.safetensors", sha256="0" * 64)
    for model in (Factorized(weights=weights), Hyperprior(weights=weights)):
        assert "expected symbols of shape (channels, rows, columns)" in model.accepts(symbols)


def test_weights_of_something_else_are_refused(saved: Any, conditional: Any) -> None:
    symbols = Symbols((4, 4, 4))
    hyper = {"hyper": np.zeros((3, 2, 2), np.float32)}
    arrays = conditional().to_arrays()
    prior = Hyperprior(weights=saved({"x": np.zeros(3)}))
    with pytest.raises(WeightsError, match="expected weights of torch"):
        next(prior.passes(symbols, hyper, described(symbols)))
    for change, said in (
        ({"form": np.array([1, 4], np.int32)}, "expected version 2, got 1"),
        ({"groups": np.array([1, 4], np.int32)}, r"'groups' of int32 \(n, 2\)"),
        ({"groups": np.array([[1, 4], [3, 2]])}, r"'groups' of int32 \(n, 2\)"),
        ({"groups": np.array([[1, 3]], np.int32)}, "in 1, 2 or 4 phases, got 1 in 3"),
        ({"groups": np.array([[0, 1]], np.int32)}, "groups of 1 to 65536 channels"),
        ({"groups": np.ones((65, 2), np.int32)}, "1 to 64 groups, got 65"),
        ({"groups": np.zeros((0, 2), np.int32)}, "1 to 64 groups, got 0"),
        ({"groups": np.array([[4, 4], [3, 2]], np.int32)}, "'head0' to take 6 channels and give 8"),
        ({"groups": np.array([[1, 4], [3, 4]], np.int32)}, "there is no tensor 'head6.form'"),
    ):
        changed = Hyperprior(weights=saved({**arrays, **change}))
        with pytest.raises(WeightsError, match=said):
            next(changed.passes(symbols, hyper, described(symbols)))
    lacking = {name: value for name, value in arrays.items() if not name.startswith("context5")}
    with pytest.raises(WeightsError, match=r"there is no tensor 'context5.form'"):
        next(Hyperprior(weights=saved(lacking)).passes(symbols, hyper, described(symbols)))
    with pytest.raises(WeightsError, match="tables 'prior'"):
        next(Factorized(weights=saved(arrays)).passes(symbols, {}, described(symbols)))


def wide(network: Network) -> Network:
    """The same with kernels of 3."""
    [layer] = network.layers
    weight = np.pad(layer.weight, ((0, 0), (0, 0), (1, 1), (1, 1)))
    return Network(layers=(replace(layer, weight=weight),), clamp=network.clamp)


def deeper(network: Network) -> Network:
    """With a second layer that looks around."""
    layer, more = network.layers
    [more] = wide(Network(layers=(more,))).layers
    return Network(layers=(layer, more), clamp=network.clamp)


def narrow(network: Network) -> Network:
    """The middle of the first kernel."""
    layer, more = network.layers
    middle = replace(layer, weight=layer.weight[:, :, 2:3, 2:3])
    return Network(layers=(middle, more), clamp=network.clamp)


def halved(network: Network) -> Network:
    """Half the size, and doubled again."""
    [layer] = network.layers
    layers = (replace(layer, stride=2, upsampling="nearest"),)
    return Network(layers=layers, clamp=network.clamp)


def test_parts_that_do_not_fit_are_refused(conditional: Any) -> None:
    made, other = conditional(), conditional(groups=((2, 4), (2, 2)))

    def swapped(name: str, index: int, network: Network) -> dict[str, Any]:
        networks = list(getattr(made, name))
        networks[index] = network
        return {name: tuple(networks)}

    fields = {
        name: getattr(made, name)
        for name in ("hyper", "groups", "heads", "contexts", "tables", "fraction")
    }
    for change, said in (
        ({"hyper": made.heads[0]}, "'head0' to take 3 channels and give 2, it takes 6"),
        ({"heads": made.heads[1:]}, "expected as many heads, and a context .* got 5 and 5"),
        ({"contexts": (*made.contexts, made.contexts[0])}, "got 6 and 6"),
        (swapped("heads", 1, made.heads[0]), "'head1' to take 9 channels and give 2, it takes 6"),
        (swapped("heads", 5, other.heads[5]), "'head5' to take 9 channels and give 6"),
        (swapped("contexts", 0, other.contexts[0]), "'context1' to take 2 channels, it takes 4"),
        (swapped("contexts", 4, made.contexts[3]), "'context5' to take 8 channels, it takes 2"),
        (swapped("heads", 1, wide(made.heads[1])), "expected heads, and .* kernels of 1"),
        (swapped("contexts", 1, deeper(made.contexts[1])), "expected heads, and .* kernels of 1"),
        (swapped("contexts", 1, narrow(made.contexts[1])), "'context2' to have a kernel of 3 or 5"),
        (swapped("heads", 0, halved(made.heads[0])), "'hyper' to keep the size in every layer"),
        ({"fraction": 13}, "fraction of 0 to 12"),
        ({"tables": from_probabilities(np.ones((1, 1)), 0)}, "expected 64 tables"),
        ({"groups": ()}, "1 to 64 groups, got 0"),
    ):
        with pytest.raises(ValueError, match=said):
            Conditional(**{**fields, **change})


def expected(made: Conditional, z: Any, values: Any, shift: Any) -> tuple[Any, Any]:
    """Indexes and means times 16 of all places, by plain integers and whole convolutions."""
    _, rows, columns = values.shape
    shift = np.broadcast_to(np.clip(shift.astype(np.int64), -63, 63), values.shape)
    features = reference.run(made.hyper, z[None])[:, :, :rows, :columns]
    features = np.concatenate([features, -shift.max(axis=0)[None, None]], axis=1)
    done = np.zeros(values.shape, bool)
    index, mean = np.zeros(values.shape, np.int64), np.zeros(values.shape, np.int64)
    for part, head, context in made.steps():
        x = features
        if context is not None:
            seen = residuals(np.where(done, values, 0).astype(np.int32), step_of(shift))
            bounds = sorted({(each.start, each.stop) for each in made.parts})
            planes = [p for a, b in bounds for p in (seen[a:b], np.abs(seen[a:b]))]
            around = reference.run(context, np.concatenate(planes)[None, : context.inputs])
            x = np.concatenate([features, around], axis=1)
        parameters = reference.run(head, x)[0]
        place = phases(part.phases, rows, columns) == part.phase
        here = np.zeros(values.shape, bool)
        here[part.start : part.stop] = place
        index[here], mean[here] = (half[:, place].reshape(-1) for half in np.split(parameters, 2))
        done |= here
    assert done.all()
    return index, mean


class TestNetworks:
    """What needs torch."""

    @pytest.fixture(autouse=True)
    def _torch(self) -> Iterator[None]:
        torch = pytest.importorskip("torch", reason="pip install semcodec-torch")
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        yield
        torch.set_num_threads(before)

    @given(st.integers(1, 7), st.integers(1, 7), st.integers(0, 2**32 - 1))
    def test_a_pass_sees_those_before_and_nothing_else(
        self, tmp_path_factory: Any, conditional: Any, rows: int, columns: int, seed: int
    ) -> None:
        path = tmp_path_factory.getbasetemp() / "seen.safetensors"
        made = conditional()
        write(path, made.to_arrays())
        model = Hyperprior(weights=file_weights(path))
        rng = np.random.default_rng(seed)
        symbols = Symbols((4, rows, columns))
        shape = (3, -(-rows // 2), -(-columns // 2))
        guides = {"hyper": rng.integers(-9, 10, shape).astype(np.float32)}
        values = rng.integers(-40, 41, symbols.shape).astype(np.int32)
        shift = rng.integers(-20, 21, symbols.shape).astype(np.int32)
        passes = driven(model, symbols, guides, values, shift)
        together = np.concatenate([each.positions for each in passes])
        assert np.array_equal(np.sort(together), np.arange(values.size))
        # A decoder does not know the others yet: whatever they are, it sees the same.
        program = model.passes(symbols, guides, described(symbols, shift))
        done = np.zeros(values.size, bool)
        again = next(program)
        for index, each in enumerate(passes):
            assert np.array_equal(again.indexes, each.indexes)
            assert np.array_equal(again.means, each.means)
            done[each.positions] = True
            noise = rng.integers(-40, 41, values.size)
            blind = np.where(done, values.reshape(-1), noise).astype(np.int32)
            if index + 1 < len(passes):
                again = program.send(blind.reshape(values.shape))

    def test_every_pass_has_a_say_in_the_next(self, saved: Any, conditional: Any) -> None:
        model = Hyperprior(weights=saved(conditional().to_arrays()))
        symbols = Symbols((4, 6, 6))
        guides = {"hyper": np.ones((3, 3, 3), np.float32)}
        zeros = np.zeros(symbols.shape, np.int32)
        quiet = driven(model, symbols, guides, zeros)
        assert len(quiet) == 6
        rng = np.random.default_rng(3)
        for before, after in pairwise(range(6)):
            loud = zeros.copy()
            at = quiet[before].positions
            loud.reshape(-1)[at] = rng.integers(-15, 16, at.size)
            made = driven(model, symbols, guides, loud)
            assert not np.array_equal(quiet[after].means, made[after].means)

    @pytest.mark.parametrize(
        "groups", [((4, 1),), ((4, 2),), ((4, 4),), ((1, 1), (2, 2), (1, 4))], ids=str
    )
    @pytest.mark.parametrize("reach", [3, 5])
    @pytest.mark.parametrize("kind", ["none", "a plane", "channels", "beyond"])
    def test_parameters_are_those_of_the_reference(
        self, saved: Any, conditional: Any, groups: Any, reach: int, kind: str
    ) -> None:
        made = conditional(groups=groups, reach=reach)
        model = Hyperprior(weights=saved(made.to_arrays()), hyper_step=0.3)
        rng = np.random.default_rng(2)
        z = rng.integers(-200, 201, (3, 3, 4))
        symbols = Symbols((4, 5, 8))
        values = rng.integers(-40, 41, symbols.shape).astype(np.int32)
        shift = {
            "none": None,
            "a plane": np.broadcast_to(rng.integers(-30, 31, (1, 5, 8)), symbols.shape),
            "channels": rng.integers(-30, 31, symbols.shape),
            "beyond": rng.choice(np.array([-(2**31), -64, 64, 2**31 - 1]), symbols.shape),
        }[kind]
        shift = None if shift is None else shift.astype(np.int32)
        guides = {"hyper": (z * np.float32(0.3)).astype(np.float32)}
        index, mean = expected(made, z, values, np.zeros((1,), int) if shift is None else shift)
        passes = driven(model, symbols, guides, values, shift)
        assert len(passes) == sum(count for _, count in groups)
        for each in passes:
            at = each.positions
            assert np.array_equal(each.indexes.reshape(-1), index.reshape(-1)[at])
            assert np.array_equal(each.means.reshape(-1), mean.reshape(-1)[at] / np.float32(16))
            assert each.tables.digest == gaussian_tables().digest
        assert model.index_ratio == pytest.approx(scale_grid()[1] / scale_grid()[0])

    def test_no_shift_is_a_shift_by_0(self, saved: Any, conditional: Any) -> None:
        model = Hyperprior(weights=saved(conditional().to_arrays()))
        symbols = Symbols((4, 4, 6))
        guides = {"hyper": np.ones((3, 2, 3), np.float32)}
        values = np.random.default_rng(1).integers(-9, 10, symbols.shape).astype(np.int32)
        none, zero, one = (
            driven(model, symbols, guides, values, shift)
            for shift in (None, np.zeros(symbols.shape, np.int32), np.ones(symbols.shape, np.int32))
        )
        for a, b in zip(none, zero, strict=True):
            assert np.array_equal(a.indexes, b.indexes)
            assert np.array_equal(a.means, b.means)
        assert any(not np.array_equal(a.means, c.means) for a, c in zip(none, one, strict=True))

    def test_any_hyper_latent_gives_indexes_with_a_table(
        self, saved: Any, conditional: Any
    ) -> None:
        model = Hyperprior(weights=saved(conditional(groups=((4, 1),)).to_arrays()))
        hyper = np.array([np.nan, np.inf, -np.inf, 3e38], np.float32).reshape(1, 2, 2)
        symbols = Symbols((4, 4, 4))
        guides = {"hyper": np.repeat(hyper, 3, axis=0)}
        [only] = driven(model, symbols, guides, np.zeros(symbols.shape, np.int32))
        assert ((only.indexes >= 0) & (only.indexes < 64)).all()
        assert np.isfinite(only.means).all()

    def test_shapes_that_do_not_fit_are_refused(self, saved: Any, conditional: Any) -> None:
        model = Hyperprior(weights=saved(conditional().to_arrays()))
        for shape, hyper in (
            ((4, 5, 5), (3, 2, 2)),
            ((6, 4, 4), (3, 2, 2)),
            ((4, 4, 4), (2, 2, 2)),
        ):
            symbols = Symbols(shape)
            program = model.passes(
                symbols, {"hyper": np.zeros(hyper, np.float32)}, described(symbols)
            )
            with pytest.raises(SettingError, match="takes a hyper-latent of shape"):
                next(program)

    def test_work_is_stated(self, saved: Any, conditional: Any) -> None:
        made = conditional()
        model = Hyperprior(weights=saved(made.to_arrays()))
        parameters, work = model.cost(Symbols((4, 5, 8)), "decode")
        assert parameters == sum(network.parameters for network in made.networks)
        work_of_hyper = made.hyper.layers[0].weight.size * 3 * 4
        # Of 5x5 places round one, those that a part knows: in its own channels, and in the others.
        own = [0, 4, 12, 16, 0, 12]
        places = [12, 8, 12, 8, 20, 20]
        wanted = 0
        for (part, head, context), mine, count in zip(made.steps(), own, places, strict=True):
            wanted += count * head.layers[0].weight.size
            if context is not None:
                met = 2 * (25 * part.start + mine * (part.stop - part.start))
                wanted += count * (met * 4 + context.layers[1].weight.size)
        assert work == work_of_hyper + wanted

    def test_a_missing_torch_is_answered(
        self, saved: Any, conditional: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import sys

        model = Hyperprior(weights=saved(conditional().to_arrays()))
        monkeypatch.setitem(sys.modules, "torch", None)
        symbols = Symbols((4, 4, 4))
        program = model.passes(
            symbols, {"hyper": np.zeros((3, 2, 2), np.float32)}, described(symbols)
        )
        with pytest.raises(PluginError, match="needs torch"):
            next(program)
