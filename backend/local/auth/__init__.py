"""The local issuer: the part of Supabase Auth's REST that the real clients need (INTEGRATIONS C.3).

Offline and embedded only. Production uses Supabase; the command line refuses to start this there.
"""

from backend.local.auth.app import LocalAuth
from backend.local.auth.issuer import AuthConfig
from backend.local.auth.keys import LocalKeys

__all__ = ["AuthConfig", "LocalAuth", "LocalKeys"]
