from __future__ import annotations

import pytest
from hypothesis import strategies as st

from semcodec.wire import STANDARD_SIZES, Header


def _identities() -> st.SearchStrategy[dict[str, object]]:
    return st.one_of(
        st.fixed_dictionaries(
            {"code": st.integers(1, 2**32 - 1), "digest": st.binary(min_size=2, max_size=2)}
        ),
        st.fixed_dictionaries({"digest": st.binary(min_size=4, max_size=4)}),
        st.fixed_dictionaries({"lock": st.binary(min_size=1, max_size=300)}),
    )


@st.composite
def _headers(draw: st.DrawFn) -> Header:
    side = st.integers(1, 11000) | st.sampled_from([127, 128, 16383, 16384])
    width, height = draw(st.sampled_from(STANDARD_SIZES) | st.tuples(side, side))
    return Header(
        width=width,
        height=min(height, 2**27 // width),
        channels=draw(st.integers(1, 4)),
        depth=draw(st.sampled_from([8, 16])),
        check=draw(st.booleans()),
        **draw(_identities()),
    )


@pytest.fixture(scope="session")
def headers() -> st.SearchStrategy[Header]:
    """Every kind of header within the default limit of pixels."""
    return _headers()
