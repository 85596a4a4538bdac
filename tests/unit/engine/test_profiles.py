"""Model profiles: the right family is chosen, and every token belongs to its own prompt."""

from __future__ import annotations

import pytest

from fimble.completion.layout import Layout
from fimble.engine.profile_table import (
    CODELLAMA,
    CODESTRAL,
    DEEPSEEK_CODER,
    PLAIN,
    PROFILES,
    QWEN2_5_CODER,
    QWEN3_5,
    STARCODER2,
)
from fimble.engine.profiles import ModelProfile, profile_for

QWEN_TOKENS = frozenset(
    {"<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|im_start|>", "<|im_end|>"}
    | {"<|repo_name|>", "<|file_sep|>", "<|endoftext|>"}
)


@pytest.mark.parametrize(
    ("model", "architecture", "family"),
    [
        ("qwen3.6:27b", "qwen35", "qwen3.5"),
        ("qwen3.5", "", "qwen3.5"),
        ("qwen3.8:27b-q8_0", "", "qwen3.5"),
        ("hf.co/unsloth/Qwen3.6-27B-GGUF:Q4_K_M", "", "qwen3.5"),
        ("team-model:latest", "qwen35", "qwen3.5"),
        ("qwen2.5-coder:7b", "qwen2", "qwen2.5-coder"),
        ("hf.co/Qwen/Qwen2.5-Coder-1.5B-GGUF", "qwen2", "qwen2.5-coder"),
        ("qwen3-coder:30b", "qwen3moe", "qwen3-coder"),
        ("qwen3-coder-next", "qwen3next", "qwen3-coder-next"),
        ("codestral:22b", "llama", "codestral"),
        ("deepseek-coder-v2:16b", "deepseek2", "deepseek-coder"),
        ("deepseek-coder:6.7b", "llama", "deepseek-coder"),
        ("starcoder2:3b", "starcoder2", "starcoder2"),
        ("stable-code:3b", "stablelm", "stable-code"),
        ("codegemma:2b", "gemma", "codegemma"),
        ("granite3.3:8b", "granite", "granite3"),
        ("granite-code:8b", "llama", "granite3"),
        ("granite4:micro", "granitehybrid", "granite4"),
        ("granite-4.0-h-tiny", "granitehybrid", "granite4"),
        ("codellama:7b-code", "llama", "codellama"),
        ("llama3.2:3b", "llama", "plain"),
        ("mystery", "", "plain"),
    ],
)
def test_a_model_gets_the_profile_of_its_family(model, architecture, family):
    assert profile_for(model, architecture).family == family


def test_tokens_give_an_unknown_name_away():
    assert profile_for("x", "llama", {"<fim_prefix>", "<fim_suffix>", "<fim_middle>"}).fim_tokens
    assert profile_for("x", "qwen2", QWEN_TOKENS).family == QWEN2_5_CODER.family


def test_orders_whose_tokens_the_vocabulary_lacks_are_left_out():
    without_fim = frozenset({"<|im_start|>", "<|im_end|>"})

    profile = profile_for("qwen2.5-coder:7b", "qwen2", without_fim)

    assert profile.layouts == (Layout.PREFILL,)
    assert profile.file_marker == ""


def test_a_vocabulary_without_any_of_the_tokens_leaves_the_plain_profile():
    assert profile_for("starcoder2:3b", "starcoder2", frozenset({"<s>"})) is PLAIN


def test_a_full_vocabulary_changes_nothing():
    assert profile_for("qwen3.6:27b", "qwen35", QWEN_TOKENS).layouts == QWEN3_5.layouts


def _prompts(profile: ModelProfile) -> str:
    """All prompts that a profile can make, with several files in front, in one string."""
    files = f"{profile.repository_marker}r\n{profile.file_marker}a.py\n"
    forms = "".join(form.render("P", "S") for form in (profile.psm, profile.spm) if form)
    chat = profile.chat
    prefill = chat.render_prefill(rules="R", question="Q", begun="P") if chat else ""
    return files + forms + prefill


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.family)
def test_every_stop_and_token_stands_in_the_profiles_own_prompt(profile: ModelProfile):
    prompt = _prompts(profile)

    for layout in profile.layouts:
        for stop in profile.stops(layout):
            assert stop in prompt or stop in profile.end_tokens
    assert all(token in prompt for token in profile.fim_tokens)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.family)
def test_every_profile_offers_a_layout_and_samples_for_code(profile: ModelProfile):
    assert profile.default_layout in profile.layouts
    assert 0 <= profile.sampling.temperature <= 0.2
    assert profile.sampling.presence_penalty == 0
    assert profile.sampling.repeat_penalty == 1


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.family)
def test_no_stop_is_a_string_that_code_may_hold(profile: ModelProfile):
    for layout in profile.layouts:
        assert all(stop[0] in "<[" for stop in profile.stops(layout))
        assert not {"<think>", "</think>", "<s>", "</s>"} & set(profile.stops(layout))


def test_raw_forms_are_written_as_documented():
    expected = {
        QWEN2_5_CODER: "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>",
        DEEPSEEK_CODER: "<｜fim▁begin｜>P<｜fim▁hole｜>S<｜fim▁end｜>",
        STARCODER2: "<fim_prefix>P<fim_suffix>S<fim_middle>",
        CODELLAMA: "<PRE> P <SUF>S <MID>",
    }

    for profile, prompt in expected.items():
        assert profile.psm.render("P", "S") == prompt
    assert CODESTRAL.spm.render("S", "P") == "[SUFFIX]S[PREFIX]P"
    assert STARCODER2.spm.render("S", "P") == ("<fim_prefix><fim_suffix>S<fim_middle>P")


def test_the_prefill_prompt_of_qwen_ends_inside_the_answer_with_thinking_off():
    assert QWEN3_5.chat is not None

    prompt = QWEN3_5.chat.render_prefill(rules="R", question="Q", begun="def f(")

    assert prompt == (
        "<|im_start|>system\nR<|im_end|>\n<|im_start|>user\nQ<|im_end|>\n"
        "<|im_start|>assistant\n<think>\n\n</think>\n\ndef f("
    )
