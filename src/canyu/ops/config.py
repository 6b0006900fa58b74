"""Every setting of the server in one typed place; secrets come from the environment only."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from canyu.kit.errors import BadInput
from canyu.kit.words import Words
from canyu.ops.faults import list_faults
from canyu.ops.webhook.rules import parse_secrets

LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
ENDING = "CANYU_ENDING_MARK"
"""The environment's name of the file that a server leaves for its processes once it was told to end."""


class Config(BaseSettings):
    """The settings, each read from ``CANYU_`` and its name in capitals; the description is its line in the docs."""

    model_config = SettingsConfigDict(env_prefix="CANYU_", extra="ignore", frozen=True, hide_input_in_errors=True)

    lake: str = Field(
        default="my.lake", description="Folder or object store address of the lake that the console shows."
    )
    catalogue: str = Field(
        default="", description="Catalogue file of brands and products; empty means the shipped example."
    )
    influence_graph: str = Field(
        default="",
        description="Folder of the graph of who influences whom; empty means `influence.graph` in the lake's folder.",
    )
    audience_people: int = Field(
        default=0,
        ge=0,
        description="How many people the nodes of that graph stand for together; 0 means one each.",
    )
    state_folder: str = Field(
        default="", description="Folder for the console's own database and key; empty means the lake's folder."
    )
    database_url: SecretStr = Field(
        default=SecretStr(""),
        description="PostgreSQL address (`postgresql://user:password@host/name`) for accounts and sessions;"
        " empty means SQLite in the state folder.",
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description="Key that signs sessions; empty means one is made once and kept, readable by its owner only,"
        " in the state folder.",
    )
    hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=LOCAL_HOSTS, description="Host names the console answers to, separated by commas."
    )
    https: bool = Field(
        default=False,
        description="Whether people reach the console over HTTPS: turns on secure cookies, HSTS and the redirect.",
    )
    trust_proxy: bool = Field(
        default=False,
        description="Whether a proxy in front sets `X-Forwarded-Proto` and `X-Forwarded-For`; else they are ignored.",
    )
    zone: str = Field(default="Asia/Shanghai", description="Time zone of the brand's day.")
    language: str = Field(default="zh-hans", description="Language before a person chose one: `zh-hans` or `en`.")
    session_hours: int = Field(default=12, ge=1, le=24 * 90, description="Hours until a person has to sign in again.")
    hsts_days: int = Field(
        default=365, ge=0, description="Days that browsers remember to use HTTPS only, where `https` is on."
    )
    login_failures_per_5_minutes: int = Field(
        default=5,
        ge=1,
        description="Failed sign-ins per account and address within 5 minutes before the door closes for a while.",
    )
    page_rows: int = Field(default=50, ge=10, le=200, description="Rows on one page of a table.")
    web_workers: int = Field(default=2, ge=1, description="Web processes.")
    web_threads: int = Field(default=4, ge=1, description="Threads per web process.")
    engine_memory_mb: int = Field(
        default=2048, ge=128, description="Megabytes of memory that DuckDB may take in each web process."
    )

    hook_secrets: SecretStr = Field(
        default=SecretStr(""),
        description="Secrets of the sources that may deliver to `/hooks/<source>/`, as `source=secret` separated by"
        " commas, each secret of at least 24 characters; empty means that nobody may.",
    )
    hook_mappings: str = Field(
        default="",
        description="Folder of mapping files, one `<source>.yaml` per source that delivers rows of its own shape;"
        " a source without one uses Canyu's field names.",
    )
    hook_body_mb: int = Field(default=8, ge=1, le=256, description="Megabytes that one delivery may hold.")

    inbox_mb: int = Field(
        default=1024,
        ge=1,
        description="Megabytes of acknowledged events that may wait for the lake; from there on 429.",
    )
    inbox_reserve_mb: int = Field(
        default=64, ge=0, description="Megabytes of the disk that the inbox leaves free, so that the lake can go on."
    )
    collect_body_mb: int = Field(
        default=8, ge=1, le=256, description="Megabytes of one request of a tracking client, as it is sent."
    )
    collect_unfolded_mb: int = Field(
        default=16, ge=1, le=1024, description="Megabytes of one request of a tracking client, once it is unfolded."
    )
    quarantine_days: int = Field(
        default=30, ge=1, le=366, description="Days that a refused event of a tracking client is kept as it came."
    )
    subject_request_days: int = Field(
        default=15,
        ge=1,
        le=30,
        description="Days within which a person's request about their own data is answered; the law's own limits are"
        " 15 working days (China, for apps) and one month (GDPR).",
    )
    collector_only: bool = Field(
        default=False, description="Whether this machine serves the collector and short links alone, without the pages."
    )
    webhook_private: bool = Field(
        default=False, description="Whether outbound webhooks may go to private and local addresses."
    )
    assistant_endpoint: str = Field(
        default="",
        description="Address of an OpenAI-compatible language model (`https://…/v1`) that may rephrase the assistant's"
        " answers, each checked against its article; empty means none.",
    )
    assistant_model: str = Field(default="", description="Name of that model.")
    assistant_key: SecretStr = Field(default=SecretStr(""), description="Its key.")
    assistant_timeout_s: float = Field(
        default=3.0, gt=0, le=30, description="Seconds that an answer of it may take; then the plain article goes out."
    )
    assistant_opens_cases: bool = Field(
        default=False,
        description="Whether each question on the public page that the assistant hands over opens a case at once; by"
        " default the visitor sends it on.",
    )
    talk_days: int = Field(
        default=90, ge=1, le=366, description="Days that the words of talks with the assistant are kept."
    )
    mail_host: str = Field(default="", description="SMTP server that mails leave by; empty means that none do.")
    mail_port: int = Field(default=587, ge=1, le=65535, description="Its port.")
    mail_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="How the talk with it is kept private: `starttls`, `tls`, or `none`."
    )
    mail_user: str = Field(default="", description="Account at the mail server; empty means none is needed.")
    mail_password: SecretStr = Field(default=SecretStr(""), description="Its password.")
    mail_from: str = Field(default="canyu@localhost", description="Sender of the mails.")
    wechat_api: str = Field(
        default="https://api.weixin.qq.com", description="Where WeChat is asked; another one for a relay of your own."
    )
    wecom_api: str = Field(
        default="https://qyapi.weixin.qq.com", description="Where WeCom is asked; another one for a relay of your own."
    )
    wechat_raw_days: int = Field(
        default=30,
        ge=1,
        le=366,
        description="Days that a message of WeChat is kept as it came; what it said stays in its case.",
    )
    link_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Hosts that short links may lead to beside the console's own, separated by commas; `.example.com`"
        " stands for all below it.",
    )

    @field_validator("hosts", "link_hosts", mode="before")
    @classmethod
    def split_hosts(cls, value: object) -> object:
        """Read a comma-separated list from the environment."""
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("hook_secrets")
    @classmethod
    def check_secrets(cls, value: SecretStr) -> SecretStr:
        """Refuse secrets that are too short or belong to nobody, before the server starts."""
        parse_secrets(value.get_secret_value())
        return value

    @model_validator(mode="after")
    def check_assistant(self) -> Config:
        """Refuse half a language model, or one whose key would travel in the open, before the server starts."""
        check_model(self.assistant_endpoint, self.assistant_model)
        return self

    @property
    def link_targets(self) -> tuple[str, ...]:
        """The hosts that short links may lead to: those of the settings, and the console's own for its public pages."""
        own = (host.strip("[]") for host in self.hosts)
        return tuple(dict.fromkeys((*self.link_hosts, *own)))

    @property
    def inbox_path(self) -> Path:
        """The folder of what was acknowledged and is not in the lake yet."""
        return self.state_path / "inbox"

    @property
    def state_path(self) -> Path:
        """The folder for the console's own database and key."""
        if self.state_folder:
            return Path(self.state_folder)
        if "://" in self.lake:
            raise BadInput(
                Words(
                    "数据湖在对象存储上，控制台需要自己的文件夹。",
                    "The lake is on an object store, so the console needs a folder of its own.",
                ),
                mend=Words(
                    "请设置 CANYU_STATE_FOLDER（多台机器提供服务时还要设置 CANYU_DATABASE_URL）。",
                    "Set CANYU_STATE_FOLDER (and CANYU_DATABASE_URL where several machines serve).",
                ),
            )
        return Path(self.lake)


def check_model(endpoint: str, model: str) -> None:
    """Raise BadInput where a language model cannot be used as it is named."""
    if bool(endpoint) != bool(model):
        raise BadInput(
            Words(
                "CANYU_ASSISTANT_ENDPOINT 和 CANYU_ASSISTANT_MODEL 只写了一个。",
                "Only one of CANYU_ASSISTANT_ENDPOINT and CANYU_ASSISTANT_MODEL is set.",
            ),
            mend=Words("请都写上，或都留空。", "Set both, or leave both empty."),
        )
    if endpoint:
        from canyu.care.assistant import ChatEndpoint  # loads an HTTP client, for those who use one

        ChatEndpoint(endpoint, model)


@lru_cache(maxsize=1)
def load_config() -> Config:
    """Read the settings once per process; raises BadInput that names the setting at fault."""
    try:
        return Config()
    except ValidationError as error:
        faults = list_faults(error.errors(), name=lambda place: f"CANYU_{str(place[0]).upper()}")
        raise BadInput(
            Words(f"有设置不能使用：{faults.zh}。", f"A setting cannot be used: {faults.en}."),
            mend=Words("见 docs/reference/settings.md。", "See docs/reference/settings.md."),
        ) from error
