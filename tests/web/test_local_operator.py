"""Who is the operator of an open server, and how its first key closes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from sentinel_core.app.build import build
from sentinel_core.app.settings import Settings
from tests.support.fakes import WordEmbedder

pytestmark = pytest.mark.anyio

KEYS = "/v1/admin/keys"


@pytest.fixture
def client(tmp_path: Path) -> Callable[..., httpx.AsyncClient]:
    def made(address: str = "127.0.0.1", **settings: object) -> httpx.AsyncClient:
        fields = {"keys_file": str(tmp_path / "keys.json"), "provider": "simulated", **settings}
        app = build(Settings.model_validate(fields), embedder=WordEmbedder(), has_background=True).app
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app, client=(address, 1)), base_url="http://localhost:8001"
        )

    return made


async def test_a_caller_on_this_machine_is_the_operator_of_an_open_server(
    client: Callable[..., httpx.AsyncClient],
) -> None:
    settings = (await client(admin_key=None).get("/v1/admin/settings")).json()["settings"]

    assert {each["name"]: each["value"] for each in settings}["SENTINEL_PROVIDER"] == "simulated"


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("192.168.1.7", {}),
        ("127.0.0.1", {"x-forwarded-for": "203.0.113.9"}),
        ("127.0.0.1", {"forwarded": "for=203.0.113.9"}),
        ("127.0.0.1", {"via": "1.1 proxy"}),
        ("127.0.0.1", {"host": "evil.example"}),
        ("127.0.0.1", {"host": "gateway.lan"}),
        ("127.0.0.1", {"origin": "https://evil.example"}),
        ("127.0.0.1", {"origin": "null"}),
    ],
)
async def test_any_other_caller_is_no_operator(
    client: Callable[..., httpx.AsyncClient], address: str, headers: dict[str, str]
) -> None:
    response = await client(address, allowed_hosts="gateway.lan").get("/v1/admin/requests", headers=headers)

    assert response.status_code in (401, 403)


@pytest.mark.parametrize(
    "settings", [{"open": True}, {"admin_key": "a" * 24}, {"namespace_secret": "s" * 16}, {"open": False}]
)
async def test_a_server_with_keys_or_open_to_all_has_no_keyless_operator(
    client: Callable[..., httpx.AsyncClient], settings: dict[str, object]
) -> None:
    assert (await client(**settings).get("/v1/admin/requests")).status_code == 401


async def test_the_first_key_closes_the_server_and_brings_an_admin_key(
    client: Callable[..., httpx.AsyncClient], tmp_path: Path
) -> None:
    it = client()
    made = await it.post(KEYS, json={"tenant": "acme"})
    admin, key = made.json()["admin_key"], made.json()["key"]
    statuses = {
        shown: [
            (await it.request(method, path, json=body, headers={"x-api-key": shown})).status_code
            for method, path, body in (("GET", KEYS, None), ("POST", "/v1/query", {"prompt": "hi"}))
        ]
        for shown in ("", admin, key)
    }
    second = await it.post(KEYS, json={"tenant": "globex"}, headers={"x-api-key": admin})
    again = await client().get(KEYS, headers={"x-api-key": admin})

    assert made.status_code == 201
    assert admin.startswith("sadm-")
    assert statuses == {"": [401, 401], admin: [200, 401], key: [401, 200]}
    assert (second.status_code, second.json()["admin_key"]) == (201, None)
    assert [each["tenant"] for each in again.json()["keys"]] == ["acme", "globex"]
    assert _files_with(tmp_path, admin) == []


def _files_with(folder: Path, text: str) -> list[Path]:
    return [path for path in folder.iterdir() if text in path.read_text()]


async def test_an_admin_key_of_the_settings_is_not_made_again(
    client: Callable[..., httpx.AsyncClient], tmp_path: Path
) -> None:
    made = await client(admin_key="a" * 24).post(KEYS, json={"tenant": "acme"}, headers={"x-api-key": "a" * 24})

    assert (made.status_code, made.json()["admin_key"]) == (201, None)
    assert not (tmp_path / "admin_key.sha256").exists()
