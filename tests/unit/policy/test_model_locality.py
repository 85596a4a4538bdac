"""Cloud and remote models are refused by name and by manifest."""

from __future__ import annotations

import pytest

from fimble.errors import EngineNotLocalError
from fimble.policy.model_locality import check_model_name, check_show


@pytest.mark.parametrize(
    "name",
    [
        "gpt-oss:120b-cloud",
        "gpt-oss:120B-Cloud",
        "kimi-k2:cloud",
        "kimi-k2:Cloud",
        "kimi-k2: cloud ",
        "registry.example.com:5000/team/model:cloud",
        "model:8b:cloud",
        "model-cloud",
    ],
)
def test_cloud_names_are_refused(name):
    with pytest.raises(EngineNotLocalError, match="cloud"):
        check_model_name(name)


@pytest.mark.parametrize(
    "name",
    ["qwen3.6:27b", "qwen3.6", "cloudy:latest", "icloud/model:7b", "cloud-model:7b", "x:local"],
)
def test_local_names_pass(name):
    check_model_name(name)


@pytest.mark.parametrize("field", ["remote_host", "remote_model"])
def test_a_manifest_that_points_elsewhere_is_refused_and_the_model_named(field):
    with pytest.raises(EngineNotLocalError, match=r"qwen.*evil"):
        check_show({"details": {}, field: "https://evil.example"}, model="qwen")


@pytest.mark.parametrize("show", [{}, {"remote_host": ""}, {"remote_model": None}])
def test_a_manifest_without_a_remote_passes(show):
    check_show(show)
