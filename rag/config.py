"""Settings, read in one place: arguments first, then the environment, then ``.env``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from rag.errors import ConfigError

_HERE = Path(__file__).resolve().parent


def default_seeds() -> Path:
    """Find the seeds: beside the package in a checkout, inside it once installed."""
    checkout = _HERE.parent / "seeds"
    return checkout if checkout.is_dir() else _HERE / "_seeds"


class Settings(BaseSettings):
    """All settings with their defaults; in the environment, ``RAG_`` plus the field's name."""

    model_config = SettingsConfigDict(
        env_prefix="RAG_", env_file=".env", extra="ignore", frozen=True, populate_by_name=True
    )

    index: Path = Path("index")
    seeds: Path = Field(default_factory=default_seeds)
    # Where the embedded model is kept once built; None means the user's cache folder.
    cache: Path | None = None

    # A Chroma server that holds the vectors instead of the index folder; None means the folder.
    chroma_url: str | None = None
    chroma_token: SecretStr | None = None
    chroma_ca: Path | None = None  # certificates (PEM) to trust instead of the system's
    chroma_connect_timeout_seconds: float = Field(default=5.0, gt=0)
    chroma_timeout_seconds: float = Field(default=10.0, gt=0)

    # Generative mode is on when a model is named, or a key or base URL is given.
    model: str | None = Field(
        default=None, validation_alias=AliasChoices("RAG_MODEL", "OPENAI_MODEL", "model")
    )
    openai_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("OPENAI_API_KEY", "openai_api_key")
    )
    openai_base_url: str | None = Field(
        default=None, validation_alias=AliasChoices("OPENAI_BASE_URL", "openai_base_url")
    )
    connect_timeout_seconds: float = Field(default=5.0, gt=0)
    first_token_timeout_seconds: float = Field(default=20.0, gt=0)
    answer_timeout_seconds: float = Field(default=60.0, gt=0)
    max_answer_tokens: int = Field(default=800, gt=0)

    # "minilm" is the embedded model; any other name is asked of the OpenAI-compatible server.
    embedding_model: str = "minilm"

    # The cross-encoder that reads the best passages: "off" answers without it.
    reader: Literal["on", "off"] = "on"

    chunk_tokens: int = Field(default=180, ge=32, le=240)
    top_k: int = Field(default=10, ge=1, le=100)
    abstain_below: float | None = None

    host: str = "127.0.0.1"
    port: int = Field(default=7860, ge=0, le=65535)
    # "user:password"; required before the chat is served to other machines.
    auth: SecretStr | None = None
    # Whether visitors of the chat may add and remove documents; unset: on this machine only.
    uploads: Literal["on", "off"] | None = None
    # Whether the chat keeps conversations, beside the index; "off" forgets them with the page.
    conversations: Literal["on", "off"] = "on"

    @property
    def generative(self) -> bool:
        """Whether a chat model is configured."""
        return bool(self.model or self.openai_api_key or self.openai_base_url)


def load_settings(**overrides: object) -> Settings:
    """Read the settings; raise ``ConfigError`` naming the variable that is wrong."""
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except UnicodeDecodeError as error:
        raise ConfigError(f".env: expected UTF-8, found {error.reason}; save it as that") from error
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        variable = name if name.isupper() else f"RAG_{name.upper()}"
        raise ConfigError(
            f"setting {variable}: {first['msg']}, found {first['input']!r}; "
            "correct it in the environment or .env"
        ) from error
