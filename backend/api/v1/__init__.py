"""The router table: every noun of version 1."""

from fastapi import APIRouter

from backend.api.v1 import agents, auth, foundation, icps, moves, onboarding

router = APIRouter()
router.include_router(auth.router, prefix="/auth", tags=["Auth"])
router.include_router(agents.router, prefix="/agents", tags=["Agents"])
router.include_router(onboarding.router, prefix="/onboarding", tags=["Onboarding"])
router.include_router(foundation.router, prefix="/foundation", tags=["Foundation"])
router.include_router(icps.router, prefix="/icps", tags=["ICPs"])
router.include_router(moves.router, prefix="/moves", tags=["Moves"])
