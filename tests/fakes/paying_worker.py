"""A worker whose runs buy five calls of a model: `python -m tests.fakes.paying_worker RECEIPTS`."""

import sys
from pathlib import Path

from backend import worker
from backend.core.config import get_settings
from backend.services import embeddings, llm
from tests.fakes import five_calls
from tests.fakes.models import PaidModel

if __name__ == "__main__":
    embeddings.warm_up = lambda: None  # these runs need no vectors
    five_calls.install()
    paid = PaidModel(Path(sys.argv[1]))
    llm.PROVIDERS["composer"] = lambda settings: paid
    worker.run(get_settings())
