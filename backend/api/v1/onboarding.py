"""Onboarding: the evidence vault and the steps from evidence to foundation."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, File, Request, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from backend.agents.specialists.onboarding import OnboardingRequest, StepInputs
from backend.api.admission import Desk, admit
from backend.api.cache import DropsFoundation, DropsIcps
from backend.api.deps import CurrentUser, Db, WorkspaceDB, WorkspaceReader
from backend.core.errors import Unprocessable, UnsupportedMedia, file_too_large
from backend.domain import evidence, onboarding, runs
from backend.domain.evidence import EvidenceDetail, EvidenceItem
from backend.domain.onboarding import Session
from backend.services.vault import Vault

router = APIRouter()


class SessionEnvelope(BaseModel):
    session: Session


class EvidenceEnvelope(BaseModel):
    evidence: EvidenceItem


class EvidenceDetailEnvelope(BaseModel):
    evidence: EvidenceDetail


class EvidenceList(BaseModel):
    evidence: list[EvidenceItem]
    total: int


class UrlSource(BaseModel):
    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Field(min_length=1, max_length=2000)]


class StepResult(BaseModel):
    step: int
    status: Literal["not_started", "completed", "stale"]
    data: dict[str, Any] | None


@router.get("/session")
async def get_session(db: WorkspaceReader) -> SessionEnvelope:
    """The workspace's onboarding session."""
    return _session(await onboarding.mine(db))


@router.post("/session")
async def create_session(db: WorkspaceDB) -> SessionEnvelope:
    """The session, made if there is none."""
    return _session(await onboarding.create_or_return(db))


async def _one_file(request: Request) -> None:
    """Say plainly what form an upload has; the parameter's own check speaks of Python types."""
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        raise UnsupportedMedia("Send the file as multipart/form-data, in the field `file`.")
    parts = (await request.form()).getlist("file")
    if len(parts) != 1 or isinstance(parts[0], str):
        raise Unprocessable("Send one file with its name in the field `file`.", code="file_missing")


@router.post("/{session_id}/vault/upload", dependencies=[Depends(_one_file)])
async def upload_evidence(
    session_id: UUID, user: CurrentUser, request: Request, file: Annotated[UploadFile, File()]
) -> EvidenceEnvelope:
    """Bring a file: pdf, docx, txt or md, known by its content. 413, 415 and 422 say what is wrong."""
    limit: int = request.app.state.settings.max_upload_bytes
    data = await file.read(limit + 1)
    if len(data) > limit:
        raise file_too_large(limit)
    vault: Vault = request.app.state.vault
    item = await vault.add_file(user, session_id, file.filename or "file", data)
    return EvidenceEnvelope.model_validate({"evidence": item})


@router.post("/{session_id}/vault/url")
async def add_evidence_url(
    session_id: UUID, source: UrlSource, user: CurrentUser, request: Request
) -> EvidenceEnvelope:
    """Bring the readable text of a public web page."""
    vault: Vault = request.app.state.vault
    item = await vault.add_url(user, session_id, source.url)
    return EvidenceEnvelope.model_validate({"evidence": item})


@router.get("/{session_id}/vault")
async def list_evidence(session_id: UUID, db: WorkspaceReader) -> EvidenceList:
    """What is in the vault, in the order it was brought."""
    await onboarding.table.get(db, session_id)
    items = await evidence.listing(db, session_id)
    return EvidenceList.model_validate({"evidence": items, "total": len(items)})


@router.get("/{session_id}/vault/{evidence_id}")
async def get_evidence(
    session_id: UUID, evidence_id: UUID, db: WorkspaceReader
) -> EvidenceDetailEnvelope:
    """One item with its text: every fact's quote stands in it at its span."""
    item = await evidence.detail(db, session_id, evidence_id)
    return EvidenceDetailEnvelope.model_validate({"evidence": item})


@router.post("/{session_id}/steps/{step}/run")
async def run_step(
    session_id: UUID,
    step: int,
    user: CurrentUser,
    db: Db,
    desk: Desk,
    request: Request,
    inputs: StepInputs | None = None,
) -> StepResult:
    """Run a step as a run of the engine and wait for it. Later steps become stale."""
    onboarding.check_available(step)
    wish = OnboardingRequest(session_id=session_id, step=step, inputs=inputs or StepInputs())
    run_id = await admit(desk, db, user, "onboarding", wish, session_id)
    run = await desk.wait(user, run_id, request.app.state.settings.run_wait_seconds)
    if run["status"] != "completed":
        raise runs.as_error(run)
    return StepResult.model_validate(await onboarding.step(db.reader(user), session_id, step))


@router.get("/{session_id}/steps/{step}")
async def get_step(session_id: UUID, step: int, db: WorkspaceReader) -> StepResult:
    """What a step has given so far."""
    return StepResult.model_validate(await onboarding.step(db, session_id, step))


@router.post("/{session_id}/complete", dependencies=[DropsFoundation, DropsIcps])
async def complete_onboarding(session_id: UUID, db: WorkspaceDB) -> SessionEnvelope:
    """Fill foundation and ICPs and close the session; 409 lists `missing_steps`. Repeatable."""
    return _session(await onboarding.complete(db, session_id))


def _session(row: dict[str, Any]) -> SessionEnvelope:
    return SessionEnvelope.model_validate({"session": onboarding.shown(row)})
