"""One specialist for each request type that exists. A type that is not here is absent from the API."""

from typing import Any

from backend.agents.base import Specialist
from backend.agents.specialists import (
    analytics,
    blackbox,
    campaigns,
    daily_wins,
    foundation,
    icps,
    moves,
    muse,
    onboarding,
)

SPECIALISTS: dict[str, Specialist[Any]] = {
    "analytics": analytics.SPECIALIST,
    "blackbox": blackbox.SPECIALIST,
    "campaigns": campaigns.SPECIALIST,
    "daily_wins": daily_wins.SPECIALIST,
    "foundation": foundation.SPECIALIST,
    "icps": icps.SPECIALIST,
    "moves": moves.SPECIALIST,
    "muse": muse.SPECIALIST,
    "onboarding": onboarding.SPECIALIST,
}
