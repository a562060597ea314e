from __future__ import annotations

import pytest

from rag.chat_models import DEFAULT_MODEL, open_chat_model
from rag.config import load_settings
from rag.errors import ChatModelTimeout, ConfigError
from rag.testing import FakeOpenAIServer, Reply
from rag.types import Message

KEY = "canary-key-5d0f8a71"
QUESTION = (Message("user", "How many soldiers went to Kursk?"),)


def settings(**given):
    return load_settings(_env_file=None, **given)


@pytest.fixture(autouse=True)
def _no_configuration(monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL", "RAG_MODEL"):
        monkeypatch.delenv(name, raising=False)


def test_without_a_model_key_or_server_there_is_no_chat_model():
    assert open_chat_model(settings()) is None


def test_a_key_alone_means_the_default_model_at_openai():
    model = open_chat_model(settings(openai_api_key=KEY))
    assert model.name == DEFAULT_MODEL
    assert KEY not in repr(model)
    assert "api.openai.com" in repr(model)


def test_a_base_url_alone_means_that_servers_own_model():
    with FakeOpenAIServer(models=("llama",)) as server:
        model = open_chat_model(settings(openai_base_url=server.url))
        list(model.stream(QUESTION))
    assert model.name == "llama"


def test_the_limits_come_from_the_settings():
    with FakeOpenAIServer(Reply.hangs()) as server:
        given = settings(model="m", openai_base_url=server.url, first_token_timeout_seconds=0.2)
        with pytest.raises(ChatModelTimeout, match=r"within 0\.2 s"):
            list(open_chat_model(given).stream(QUESTION))


@pytest.mark.parametrize(
    ("given", "variable"),
    [
        ({"model": "m"}, "OPENAI_API_KEY"),
        ({"openai_base_url": "localhost:11434"}, "OPENAI_BASE_URL"),
        ({"openai_base_url": f"ftp://{KEY}@host"}, "OPENAI_BASE_URL"),
        ({"openai_base_url": "http://[bad"}, "OPENAI_BASE_URL"),
        ({"openai_base_url": "http://host:port"}, "OPENAI_BASE_URL"),
        ({"openai_api_key": f"{KEY}\nX: y"}, "OPENAI_API_KEY"),
        ({"openai_api_key": f"{KEY}\u00e9"}, "OPENAI_API_KEY"),
    ],
)
def test_a_wrong_setting_is_named_without_its_value(given, variable):
    with pytest.raises(ConfigError, match=variable) as caught:
        open_chat_model(settings(**given))
    assert KEY not in str(caught.value)
