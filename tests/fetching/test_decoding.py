from __future__ import annotations

import gzip
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.fetching.decoding import TooLarge, Undecodable, decoder


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKERS = {"gzip": gzip.compress, "x-gzip": gzip.compress, "deflate": zlib.compress, "": bytes, "identity": bytes}


def decoded(encoding: str, packed: bytes, max_bytes: int = 10_000_000, step: int = 1000) -> bytes:
    undo = decoder(encoding, max_bytes)
    for start in range(0, len(packed), step):
        undo.feed(packed[start : start + step])
    return undo.finish()


@given(st.binary(max_size=3000), st.sampled_from(sorted(PACKERS)), st.integers(1, 700))
def test_what_was_packed_comes_out_in_whatever_pieces_it_arrives(data, encoding, step):
    assert decoded(encoding, PACKERS[encoding](data), step=step) == data


@given(st.binary(max_size=3000), st.integers(1, 700))
def test_deflate_without_its_wrapper_is_understood_as_servers_send_it(data, step):
    assert decoded("deflate", raw_deflate(data), step=step) == data


@given(st.binary(max_size=500), st.binary(max_size=500), st.integers(1, 100))
def test_gzip_in_several_parts_is_one_answer(first, second, step):
    assert decoded("gzip", gzip.compress(first) + gzip.compress(second), step=step) == first + second


@pytest.mark.parametrize("padding", [b"\0", b"\0" * 100, b"junk", b"j\x1f\x8b"])
def test_padding_behind_the_compressed_answer_is_ignored(padding):
    assert decoded("gzip", gzip.compress(b"data") + padding, step=7) == b"data"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", ""])
def test_the_limit_is_exact(encoding):
    packed = PACKERS[encoding](b"a" * 1000)
    assert len(decoded(encoding, packed, 1000)) == 1000
    with pytest.raises(TooLarge):
        decoded(encoding, packed, 999)


def test_packed_bytes_that_unpack_to_nothing_are_limited_too():
    with pytest.raises((TooLarge, Undecodable)):
        decoded("gzip", gzip.compress(b"") * 100_000, 10_000)
    with pytest.raises(Undecodable, match="more than 64"):
        decoded("gzip", gzip.compress(b"") * 65)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
@given(data=st.data())
def test_what_is_cut_short_is_never_taken_for_the_whole(encoding, data):
    packed = PACKERS[encoding](bytes(range(256)) * 4)
    cut = data.draw(st.integers(1, len(packed) - 1))
    with pytest.raises(Undecodable):
        decoded(encoding, packed[:cut])


@given(st.sampled_from(["gzip", "deflate"]), st.binary(min_size=1, max_size=300))
def test_rubbish_is_either_refused_or_within_the_limit(encoding, data):
    with suppress(Undecodable, TooLarge):
        assert len(decoded(encoding, data, 1000)) <= 1000


@pytest.mark.parametrize(
    "encoding", ["gzip, gzip", "deflate,gzip", "gzip,,gzip", "br", "gzip, br", "compress", "zstd", "x" * 99]
)
def test_more_than_was_asked_for_is_refused_before_a_byte_is_read(encoding):
    with pytest.raises(Undecodable):
        decoder(encoding, 1000)


def test_an_empty_answer_is_empty_whatever_it_says():
    assert decoded("gzip", b"") == b""
