"""The components: what they choose, what they see, and files coded by them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from semcodec_torch.entropy.conditional import Conditional, anchors
from semcodec_torch.entropy.steps import residuals
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


@given(st.integers(1, 40), st.integers(1, 40))
def test_anchors_are_a_checkerboard_of_rows_and_columns(rows: int, columns: int) -> None:
    made = anchors(rows, columns)
    assert made.shape == (rows, columns)
    assert made[0, 0]
    assert (made[1:] != made[:-1]).all()
    assert (made[:, 1:] != made[:, :-1]).all()


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
    later = {**arrays, "form": np.array([2, 4], np.int32)}
    with pytest.raises(WeightsError, match="expected version 1, got 2"):
        next(Hyperprior(weights=saved(later)).passes(symbols, hyper, described(symbols)))
    lacking = {name: value for name, value in arrays.items() if not name.startswith("joint")}
    with pytest.raises(WeightsError, match="both of 'context' and 'joint'"):
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
    made, other = conditional(), conditional(inputs=2, channels=6)
    fields = {
        name: getattr(made, name)
        for name in ("hyper", "head", "context", "joint", "tables", "fraction")
    }
    for change, said in (
        ({"hyper": made.head}, "'head' to take 9 channels"),
        ({"head": made.joint}, "'head' to take 6 channels and give pairs, it takes 9"),
        ({"context": other.context}, "'context' to take 8 channels and 'joint' 9"),
        ({"context": made.head}, "'context' to take 8 channels and 'joint' 14, they take 6 and 9"),
        ({"joint": other.joint}, "'joint' to give 8 channels, it gives 12"),
        ({"joint": wide(made.joint)}, "'head', 'joint' and .* kernels of 1"),
        ({"head": wide(made.head)}, "'head', 'joint' and .* kernels of 1"),
        ({"context": deeper(made.context)}, "'head', 'joint' and .* kernels of 1"),
        ({"context": narrow(made.context)}, "'context' to have a kernel of 3 or 5"),
        ({"head": halved(made.head)}, "'hyper' to keep the size in every layer"),
        ({"fraction": 13}, "fraction of 0 to 12"),
        ({"tables": from_probabilities(np.ones((1, 1)), 0)}, "expected 64 tables"),
    ):
        with pytest.raises(ValueError, match=said):
            Conditional(**{**fields, **change})


def expected(made: Conditional, z: Any, values: Any, shift: Any) -> tuple[Any, Any]:
    """Indexes and means times 16 of all places, by plain integers."""
    channels, rows, columns = values.shape
    shift = np.broadcast_to(np.clip(shift.astype(np.int64), -63, 63), values.shape)
    features = reference.run(made.hyper, z[None])[:, :, :rows, :columns]
    features = np.concatenate([features, -shift.max(axis=0)[None, None]], axis=1)
    parameters = reference.run(made.head, features)[0]
    if made.context is not None:
        board = anchors(rows, columns)
        seen = residuals(np.where(board, values, 0).astype(np.int32), shift)
        around = reference.run(made.context, np.concatenate([seen, np.abs(seen)])[None])
        late = reference.run(made.joint, np.concatenate([features, around], axis=1))[0]
        parameters = np.where(board, parameters, late)
    return parameters[:channels], parameters[channels:]


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
    def test_the_second_pass_sees_the_first_and_nothing_else(
        self, tmp_path_factory: Any, conditional: Any, rows: int, columns: int, seed: int
    ) -> None:
        path = tmp_path_factory.getbasetemp() / "seen.safetensors"
        write(path, conditional().to_arrays())
        model = Hyperprior(weights=file_weights(path))
        rng = np.random.default_rng(seed)
        symbols = Symbols((4, rows, columns))
        shape = (3, -(-rows // 2), -(-columns // 2))
        guides = {"hyper": rng.integers(-9, 10, shape).astype(np.float32)}
        values = rng.integers(-40, 41, symbols.shape).astype(np.int32)
        shift = rng.integers(-20, 21, symbols.shape).astype(np.int32)
        first, *rest = driven(model, symbols, guides, values, shift)
        board = np.broadcast_to(anchors(rows, columns), symbols.shape)
        assert np.array_equal(first.positions, np.flatnonzero(board))
        if rows == columns == 1:
            assert not rest
            return
        [second] = rest
        assert np.array_equal(second.positions, np.flatnonzero(~board))
        # A decoder does not know the others yet: whatever they are, it sees the same.
        changed = np.where(board, values, rng.integers(-40, 41, symbols.shape)).astype(np.int32)
        program = model.passes(symbols, guides, described(symbols, shift))
        next(program)
        blind = program.send(changed)
        assert np.array_equal(blind.indexes, second.indexes)
        assert np.array_equal(blind.means, second.means)

    def test_anchors_matter(self, saved: Any, conditional: Any) -> None:
        model = Hyperprior(weights=saved(conditional().to_arrays()))
        symbols = Symbols((4, 6, 6))
        guides = {"hyper": np.ones((3, 3, 3), np.float32)}
        quiet = driven(model, symbols, guides, np.zeros(symbols.shape, np.int32))[1]
        loud = driven(model, symbols, guides, np.full(symbols.shape, 9, np.int32))[1]
        assert not np.array_equal(quiet.indexes, loud.indexes)

    @pytest.mark.parametrize("reach", [0, 3, 5])
    @pytest.mark.parametrize("kind", ["none", "a plane", "channels", "beyond"])
    def test_parameters_are_those_of_the_reference(
        self, saved: Any, conditional: Any, reach: int, kind: str
    ) -> None:
        context = reach > 0
        made = conditional(context=context, reach=reach or 3)
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
        assert len(passes) == 1 + context
        for each in passes:
            at = slice(None) if each.positions is None else each.positions
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
        for a, b, c in zip(none, zero, one, strict=True):
            assert np.array_equal(a.indexes, b.indexes)
            assert np.array_equal(a.means, b.means)
            assert not np.array_equal(a.means, c.means)

    def test_any_hyper_latent_gives_indexes_with_a_table(
        self, saved: Any, conditional: Any
    ) -> None:
        model = Hyperprior(weights=saved(conditional(context=False).to_arrays()))
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
        hyper = made.hyper.layers[0].weight.size * 3 * 4
        head, context, joint = made.networks[1:]
        single = (head.layers[0], context.layers[1], joint.layers[0])
        # 20 places in either pass; 12 of the 25 places round one are known.
        rest = sum(layer.weight.size for layer in single)
        assert work == hyper + (rest + context.layers[0].weight.size * 12 // 25) * 20
        [alone] = conditional(context=False).networks[1:]
        model = Hyperprior(weights=saved(conditional(context=False).to_arrays()))
        _, work = model.cost(Symbols((4, 5, 8)), "decode")
        assert work == hyper + alone.layers[0].weight.size * 40

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
