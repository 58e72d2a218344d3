"""A model that says what another said in a recorded run (`services/recordings.py`); it is free.

`MODEL_PROVIDER=replay:FILE`, for tests and for looking at a run again; refused in production.
"""

from pathlib import Path

from backend.core.config import Settings
from backend.services.models.contract import ModelFailed, ModelReply, ModelRequest
from backend.services.recordings import Recording, fingerprint, load, with_ids


class Replay:
    name = "replay"
    live = False

    def __init__(self, settings: Settings) -> None:
        self.recording: Recording = load(Path(settings.model_provider.partition(":")[2]))
        self._answers = {answer.fingerprint: answer for answer in self.recording.answers}

    async def load(self) -> None:
        """The file was read when this was made."""

    async def aclose(self) -> None:
        """It holds nothing."""

    def cap_micro_usd(self, request: ModelRequest) -> int:
        return 0

    async def generate(self, request: ModelRequest, idempotency_key: str) -> ModelReply:
        """The recorded answer. Raises ModelFailed `call_not_recorded` when this was never asked."""
        known, ids = fingerprint(request.skill_id, request.prompt(), repair=bool(request.repair_of))
        answer = self._answers.get(known)
        if answer is None:
            raise ModelFailed(
                f"The recording has no answer to this prompt of {request.skill_id}; the card or what "
                "goes into it has changed since.",
                code="call_not_recorded",
            )
        return ModelReply(
            with_ids(answer.output, ids),
            model=answer.model,
            tokens_input=answer.tokens_input,
            tokens_output=answer.tokens_output,
            tokens_cached=answer.tokens_cached,
        )
