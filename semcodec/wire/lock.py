"""The embedded lock: raw deflate with a preset dictionary that is frozen in the format.

A private codec's file carries the lock of its codec, so that it still decodes when the spec is
gone. Locks are canonical JSON and much alike; the dictionary holds what they have in common.
"""

from __future__ import annotations

import zlib

from semcodec.errors import ContainerError, LimitError
from semcodec.wire.varint import DAMAGED

__all__ = ["DICTIONARY", "LOCK_LIMIT", "PACKED_LOCK_LIMIT", "compress_lock", "expand_lock"]

LOCK_LIMIT = 2**16
"""Most bytes of an expanded lock."""

PACKED_LOCK_LIMIT = 2**17
"""Most bytes of a compressed one; deflate needs far fewer for any lock within its own limit."""

# Frozen: one changed byte makes every embedded lock unreadable. Deflate codes near matches
# shorter, so what locks repeat most stands last.
DICTIONARY = (
    b'"candidates":["choose":{"metric":"","within":"controls":{"caption":"default":'
    b'"realism":"width":"derive":{"mask":{"inputs":{"edges":"labels":"seed":'
    b'"weights":{"sha256":"","uri":"builtin:semcodec_/weights/.safetensors"file:hf:'
    b'saic.seam.diffusion.gan.torch.prior"true,"false,null,"of":"pipeline@1'
    b'"min":0.001,"max":1.0,"values":["scale":"linear"'
    b'"beta":"channels":"chroma":"420"444"height":"limit":2000,"text":{"from":"caption",'
    b'"stages":[{"use":"utf8@1"}]}"model":{"use":"byte-context@1"},'
    b'"saliency":{"block":32,"levels":4,"use":"block-map@1"}],'
    b'"model":{"use":"plane-context@1"},"map":{"from":"saliency","laplace@1'
    b'anchors.avif@1"anchors.webp@1"anchors.jpeg@1'
    b'"decoder":{"guides":{"saliency":"map"},"use":"'
    b'"wire":{"quality":{"step":{"levels":64,"max":128,"min":2,"path":"streams.image.stages.1.step",'
    b'"scale":"log"}}}'
    b'{"name":"","semcodec":1,"streams":{"image":{"coder":{"use":"range@1"},"from":"image",'
    b'"model":{"use":"dct-context@1"},"stages":[{"block":16,"transform":{"use":"dct@1"},'
    b'{"step":24.0,"use":"uniform@1"}]}},"use":"'
)


def compress_lock(lock: bytes) -> bytes:
    """Compress a lock for embedding.

    The bytes may differ between builds of zlib; what they expand to does not.

    Args:
        lock: 1 to 65536 bytes, any content.

    Raises:
        LimitError: the lock is larger.
        ContainerError: the lock is empty.
    """
    if not lock:
        raise ContainerError("embedded lock: expected at least 1 byte, got none")
    if len(lock) > LOCK_LIMIT:
        raise LimitError(
            f"embedded lock: expected at most {LOCK_LIMIT} bytes, got {len(lock)}",
            hint="Write the file with a detached lock (--detached).",
        )
    packer = zlib.compressobj(
        9, zlib.DEFLATED, -zlib.MAX_WBITS, 9, zlib.Z_DEFAULT_STRATEGY, DICTIONARY
    )
    return packer.compress(lock) + packer.flush()


def expand_lock(data: bytes) -> bytes:
    """Undo :func:`compress_lock` for untrusted bytes; memory and time are bounded.

    Raises:
        LimitError: it expands to more than 65536 bytes.
        ContainerError: no deflate stream, cut short, followed by other bytes, or empty.
    """
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS, zdict=DICTIONARY)
    try:
        lock = unpacker.decompress(data, LOCK_LIMIT + 1)
    except zlib.error as error:
        raise ContainerError(
            f"embedded lock: expected a deflate stream of {len(data)} bytes, got other data "
            f"({error})",
            hint=DAMAGED,
        ) from None
    if len(lock) > LOCK_LIMIT:
        raise LimitError(
            f"embedded lock: expected at most {LOCK_LIMIT} bytes expanded, got more",
            hint="No lock is that large: the file is damaged or hostile.",
        )
    if not unpacker.eof or unpacker.unused_data or not lock:
        raise ContainerError(
            f"embedded lock: expected one whole deflate stream of {len(data)} bytes that is not "
            f"empty, got {len(lock)} expanded bytes"
            + (f" and {len(unpacker.unused_data)} bytes too many" if unpacker.unused_data else ""),
            hint=DAMAGED,
        )
    return lock
