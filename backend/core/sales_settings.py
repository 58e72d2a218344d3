"""How Raptorflow sells: the seller on invoices, the payment gateway, and the terms. Part of `Settings`."""

from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from backend.core.gst import STATES, check_gstin, gstin_state

GATEWAYS = {
    "sandbox": (
        "https://api-preprod.phonepe.com/apis/pg-sandbox",
        "https://api-preprod.phonepe.com/apis/pg-sandbox",
    ),
    "production": (
        "https://api.phonepe.com/apis/identity-manager",
        "https://api.phonepe.com/apis/pg",
    ),
}
"""PhonePe's environments: where tokens are given, and where payments are made."""


class SalesSettings(BaseSettings):
    company_name: str | None = None
    company_address: str | None = None
    company_gstin: str | None = None
    """With name and address, the seller on invoices; until all three are set, invoices are held."""
    company_state: str = "29"
    company_email: str | None = None
    sac_code: str = Field("997331", pattern="^[0-9]{6}$")
    gst_rate_percent: int = Field(18, ge=0, le=40)
    invoice_series: str = Field("RF", pattern="^[A-Z]{1,3}$")
    credit_note_series: str = Field("CN", pattern="^[A-Z]{1,3}$")
    export_lut_arn: str | None = None
    export_lut_year: str | None = Field(None, pattern="^[0-9]{4}-[0-9]{2}$")

    phonepe_environment: Literal["sandbox", "production"] = "sandbox"
    phonepe_client_id: str | None = None
    """Unset, nothing can be bought."""
    phonepe_client_secret: SecretStr | None = None
    phonepe_client_version: int = Field(1, ge=1)
    phonepe_merchant_id: str | None = None
    phonepe_oauth_url: str | None = None
    phonepe_pg_url: str | None = None
    """Both default to PhonePe's own for the environment; a simulator has its own."""
    phonepe_redirect_url: str = "https://app.raptorflow.com/billing/return"
    """Where the pay page sends the browser back to; `payment_id` is added to it."""
    phonepe_webhook_username: str | None = None
    phonepe_webhook_password: SecretStr | None = None
    phonepe_webhook_secret: SecretStr | None = None
    phonepe_webhook_hmac_header: str | None = None
    """The header that the dashboard names for webhooks of kind HMAC; with PHONEPE_WEBHOOK_SECRET."""
    phonepe_autopay: Literal["off", "checkout", "direct"] = "off"
    """Which of PhonePe's two families of mandate calls the merchant account is enabled for."""

    mail_url: SecretStr | None = None
    """`smtp://` or `smtps://` of the server that letters leave by, or `file:///folder`; unset, none do."""
    mail_from: str = Field(
        "Raptorflow <billing@raptorflow.com>", pattern=r"^[^\r\n]*[^\s@<]+@[^\s@>]+>?$"
    )
    app_url: str = "https://app.raptorflow.com"
    """Where the web app is, for the links in letters."""

    refund_days: int = Field(7, ge=0, le=90)
    """How long after a payment a customer may take it back by themselves."""
    trial_days: int = Field(0, ge=0, le=90)
    trial_plan: Literal["starter", "growth"] = "starter"
    """Once for each customer, without a payment; 0 days: there is no trial."""
    topup_inr_per_usd: int = Field(100, ge=1)
    """The price of a dollar of model budget on top of the plan's, before GST."""

    @field_validator("mail_url")
    @classmethod
    def _is_mail_server(cls, value: SecretStr | None) -> SecretStr | None:
        parts = urlsplit(value.get_secret_value() if value else "")
        found = parts.path if parts.scheme == "file" else parts.hostname
        if value and not (parts.scheme in {"smtp", "smtps", "file"} and found):
            raise ValueError("must be smtp://, smtps:// or file:///")
        return value

    @field_validator("app_url")
    @classmethod
    def _is_web_address(cls, value: str) -> str:
        if urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname:
            raise ValueError("must be the http(s):// address of the web app")
        return value.rstrip("/")

    @field_validator("company_gstin")
    @classmethod
    def _is_gstin(cls, value: str | None) -> str | None:
        return value and check_gstin(value)

    @field_validator("phonepe_oauth_url", "phonepe_pg_url")
    @classmethod
    def _keeps_the_secret_private(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "")
        loopback = parts.hostname in {"127.0.0.1", "localhost", "::1"}
        if value and parts.scheme != "https" and not (parts.scheme == "http" and loopback):
            raise ValueError("must be https://, or http:// on this machine: secrets are sent there")
        return value.rstrip("/") if value else None

    @model_validator(mode="after")
    def _one_seller(self) -> Self:
        if self.company_state not in STATES:
            raise ValueError("COMPANY_STATE: must be a GST state code such as 29")
        if self.company_gstin and gstin_state(self.company_gstin) != self.company_state:
            raise ValueError("COMPANY_GSTIN: must be of the state that COMPANY_STATE names")
        if self.invoice_series == self.credit_note_series:
            raise ValueError("CREDIT_NOTE_SERIES: must differ from INVOICE_SERIES")
        if (self.export_lut_arn is None) != (self.export_lut_year is None):
            raise ValueError("EXPORT_LUT_YEAR: goes together with EXPORT_LUT_ARN")
        return self

    @model_validator(mode="after")
    def _whole_gateway(self) -> Self:
        if (self.phonepe_client_id is None) != (self.phonepe_client_secret is None):
            raise ValueError("PHONEPE_CLIENT_SECRET: goes together with PHONEPE_CLIENT_ID")
        if (self.phonepe_webhook_username is None) != (self.phonepe_webhook_password is None):
            raise ValueError("PHONEPE_WEBHOOK_PASSWORD: goes together with the username")
        if (self.phonepe_webhook_secret is None) != (self.phonepe_webhook_hmac_header is None):
            raise ValueError("PHONEPE_WEBHOOK_HMAC_HEADER: goes together with the secret")
        signed = self.phonepe_webhook_username or self.phonepe_webhook_secret
        if self.phonepe_client_id and not signed:
            raise ValueError(
                "PHONEPE_WEBHOOK_USERNAME: needed with PHONEPE_CLIENT_ID, or PHONEPE_WEBHOOK_SECRET"
            )
        return self

    @property
    def payments_enabled(self) -> bool:
        return self.phonepe_client_id is not None

    @property
    def gateway_urls(self) -> tuple[str, str]:
        """Where tokens are given, and where payments are made."""
        oauth, pg = GATEWAYS[self.phonepe_environment]
        return self.phonepe_oauth_url or oauth, self.phonepe_pg_url or pg
