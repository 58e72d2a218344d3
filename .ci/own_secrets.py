"""Keys of the services Raptorflow uses, which detect-secrets does not know by itself."""

import re
from collections.abc import Sequence

from detect_secrets.plugins.base import RegexBasedDetector


class RaptorflowKeys(RegexBasedDetector):
    secret_type = "Key of Raptorflow, Supabase or Google"  # noqa: S105

    @property
    def denylist(self) -> Sequence[re.Pattern[str]]:
        return (
            re.compile(r"\brf_[A-Za-z0-9_-]{40,}"),  # a workspace's API key
            re.compile(r"\bsb_secret_[A-Za-z0-9_-]{20,}"),
            re.compile(r"\bsbp_[0-9a-f]{40}\b"),  # an access token of Supabase's management API
            re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b"),
            re.compile(r"\bwhsec_[A-Za-z0-9+/]{32,}={0,2}"),
        )
