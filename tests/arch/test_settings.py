"""Every setting stands in `.env.example`, and nothing else does."""

import re
from pathlib import Path

import pytest

from backend.core.config import ConfigError, Settings, load_settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"

GOOD = {
    "database_url": "postgresql://raptorflow_app:pw@127.0.0.1:5432/postgres",
    "redis_url": "redis://127.0.0.1:6379/0",
    "supabase_url": "http://127.0.0.1:54321",
    "supabase_anon_key": "anon",
    "supabase_service_key": "service",
    "_env_file": None,
}

LIVE = {"environment": "production", "supabase_url": "https://project.example"}
PAYING = {
    "phonepe_client_id": "a",
    "phonepe_client_secret": "b",
    "phonepe_webhook_username": "tester",
    "phonepe_webhook_password": "letters1234",
}


def test_every_setting_is_documented() -> None:
    documented = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", EXAMPLE.read_text(), re.MULTILINE))
    assert documented == {name.upper() for name in Settings.model_fields}


def test_each_setting_has_a_sentence() -> None:
    lines = EXAMPLE.read_text().splitlines()
    for at, line in enumerate(lines):
        if re.match(r"#? ?[A-Z][A-Z0-9_]+=", line):
            before = lines[at - 1]
            assert before.startswith("# ") or re.match(r"#? ?[A-Z][A-Z0-9_]+=", before), line


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"database_url": "mysql://x"}, "DATABASE_URL: must be a postgresql:// address"),
        ({"supabase_url": "localhost"}, "SUPABASE_URL: must be the http(s)://"),
        ({"redis_url": "https://x.upstash.io"}, "UPSTASH_REDIS_TOKEN: needed"),
        ({"redis_url": "ftp://x"}, "REDIS_URL: must be a redis://"),
        ({"jwt_algorithms": "HS256"}, "SUPABASE_JWT_SECRET: needed"),
        ({"supabase_jwt_secret": "short"}, "SUPABASE_JWT_SECRET: must have at least 32"),
        ({"jwt_algorithms": "none"}, "JWT_ALGORITHMS: "),
        ({"cors_origins": "app.raptorflow.com"}, "CORS_ORIGINS: "),
        ({"max_body_bytes": "0"}, "MAX_BODY_BYTES: "),
        ({"operator_user_ids": "somebody"}, "OPERATOR_USER_IDS: "),
        ({"company_state": "28"}, "COMPANY_STATE: must be a GST state code"),
        ({"company_gstin": "29AABCU9603R1ZK"}, "COMPANY_GSTIN: the check character"),
        ({"company_gstin": "27AAPFU0939F1ZV"}, "COMPANY_GSTIN: must be of the state"),
        ({"credit_note_series": "RF"}, "CREDIT_NOTE_SERIES: must differ"),
        ({"export_lut_arn": "AD290326000001A"}, "EXPORT_LUT_YEAR: goes together"),
        ({"phonepe_client_id": "a"}, "PHONEPE_CLIENT_SECRET: goes together"),
        (
            {"phonepe_client_id": "a", "phonepe_client_secret": "b"},
            "PHONEPE_WEBHOOK_USERNAME: needed",
        ),
        ({"phonepe_webhook_username": "a"}, "PHONEPE_WEBHOOK_PASSWORD: goes together"),
        ({"phonepe_webhook_secret": "a"}, "PHONEPE_WEBHOOK_HMAC_HEADER: goes together"),
        ({"phonepe_pg_url": "http://gateway.example"}, "PHONEPE_PG_URL: must be https://"),
        ({"phonepe_autopay": "always"}, "PHONEPE_AUTOPAY: "),
        ({**LIVE, **PAYING}, "PHONEPE_ENVIRONMENT: must be production in production"),
        (
            {
                **LIVE,
                **PAYING,
                "phonepe_environment": "production",
                "phonepe_pg_url": "http://127.0.0.1:54322/apis",
            },
            "PHONEPE_PG_URL: nothing is simulated in production",
        ),
        ({"environment": "production"}, "SUPABASE_URL: must be https:// in production"),
        (
            {"environment": "production", "egress_allow_networks": "127.0.0.0/8"},
            "EGRESS_ALLOW_NETWORKS: must be empty",
        ),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(change: dict[str, str], expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(**{**GOOD, **change})
    assert len(caught.value.lines) == 1
    assert caught.value.lines[0].startswith(expected)


def test_missing_settings_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    with pytest.raises(ConfigError) as caught:
        load_settings(_env_file=None)
    assert [line.split(":")[0] for line in caught.value.lines] == [
        "DATABASE_URL",
        "REDIS_URL",
        "SUPABASE_URL",
        "SUPABASE_ANON_KEY",
        "SUPABASE_SERVICE_KEY",
    ]


def test_a_secret_never_shows_in_an_error() -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(**{**GOOD, "database_url": "mysql://user:hunter2secret@host/db"})
    assert "hunter2secret" not in str(caught.value)


def test_upstash_rest_address_becomes_a_tls_address() -> None:
    settings = load_settings(
        **{**GOOD, "redis_url": "https://x.upstash.io", "upstash_redis_token": "t"}
    )
    assert settings.redis_url.get_secret_value() == "rediss://default:t@x.upstash.io:6379/0"
