"""The families that Fimble knows: their control tokens, orders and stops, as one table.

Sources, per family: Ollama `docs/template.mdx`; continuedev/continue:core/autocomplete/templating/
AutocompleteTemplate.ts; ggml-org/llama.cpp:src/llama-vocab.cpp (which tokens end generation); the
models' own pages. Suffix-first orders end at the cursor and so only grow while the user types:
StarCoder's and CodeLlama's are documented (bigcode, Bavarian et al. 2022, "SPM"), Qwen's is not
and is offered for measurement only.
"""

from __future__ import annotations

from fimble.completion.layout import Layout
from fimble.engine.profiles import ChatMarkers, ModelProfile, PromptForm

_PSM_FIRST = (Layout.PSM, Layout.SPM, Layout.PREFILL)
_PREFILL_FIRST = (Layout.PREFILL, Layout.PSM, Layout.SPM)

_PIPE_PSM = PromptForm(opening="<|fim_prefix|>", between="<|fim_suffix|>", closing="<|fim_middle|>")
_PIPE_SPM = PromptForm(opening="<|fim_suffix|>", between="<|fim_prefix|>", closing="<|fim_middle|>")
_ANGLE_PSM = PromptForm(opening="<fim_prefix>", between="<fim_suffix>", closing="<fim_middle>")
_ANGLE_SPM = PromptForm(opening="<fim_prefix><fim_suffix>", between="<fim_middle>", closing="")

_CHATML = ChatMarkers(
    system_open="<|im_start|>system\n",
    user_open="<|im_start|>user\n",
    assistant_open="<|im_start|>assistant\n",
    turn_end="<|im_end|>\n",
)
_CHATML_WITHOUT_THINKING = ChatMarkers(
    system_open="<|im_start|>system\n",
    user_open="<|im_start|>user\n",
    # What the renderer of qwen3.5 writes before an answer when `think` is false.
    assistant_open="<|im_start|>assistant\n<think>\n\n</think>\n\n",
    turn_end="<|im_end|>\n",
)
_GRANITE_CHAT = ChatMarkers(
    system_open="<|start_of_role|>system<|end_of_role|>",
    user_open="<|start_of_role|>user<|end_of_role|>",
    assistant_open="<|start_of_role|>assistant<|end_of_role|>",
    turn_end="<|end_of_text|>\n",
)

QWEN3_5 = ModelProfile(
    family="qwen3.5",
    psm=_PIPE_PSM,
    spm=_PIPE_SPM,
    chat=_CHATML_WITHOUT_THINKING,
    # Trained on chat; whether on fill-in-the-middle is not published, though the tokens exist.
    preferred=_PREFILL_FIRST,
    repository_marker="<|repo_name|>",
    file_marker="<|file_sep|>",
    end_tokens=("<|endoftext|>", "<|im_end|>"),
    hybrid=True,
)
"""Qwen 3.5, 3.6 and 3.8, dense and mixture: one tokenizer, hybrid state."""

QWEN2_5_CODER = ModelProfile(
    family="qwen2.5-coder",
    psm=_PIPE_PSM,
    spm=_PIPE_SPM,
    chat=_CHATML,
    preferred=_PSM_FIRST,
    repository_marker="<|repo_name|>",
    file_marker="<|file_sep|>",
    end_tokens=("<|endoftext|>", "<|im_end|>"),
)

QWEN3_CODER = ModelProfile(
    family="qwen3-coder",
    psm=_PIPE_PSM,
    spm=_PIPE_SPM,
    chat=_CHATML,
    preferred=_PSM_FIRST,
    repository_marker="<|repo_name|>",
    file_marker="<|file_sep|>",
    end_tokens=("<|endoftext|>", "<|im_end|>"),
)

QWEN3_CODER_NEXT = ModelProfile(
    family="qwen3-coder-next",
    psm=_PIPE_PSM,
    spm=_PIPE_SPM,
    chat=_CHATML,
    preferred=_PSM_FIRST,
    repository_marker="<|repo_name|>",
    file_marker="<|file_sep|>",
    end_tokens=("<|endoftext|>", "<|im_end|>"),
    hybrid=True,
)

CODESTRAL = ModelProfile(
    family="codestral",
    spm=PromptForm(opening="[SUFFIX]", between="[PREFIX]", closing=""),
    preferred=(Layout.SPM,),
)

DEEPSEEK_CODER = ModelProfile(
    family="deepseek-coder",
    psm=PromptForm(opening="<｜fim▁begin｜>", between="<｜fim▁hole｜>", closing="<｜fim▁end｜>"),
    preferred=_PSM_FIRST,
    end_tokens=("<｜end▁of▁sentence｜>", "<|EOT|>"),
)

STARCODER2 = ModelProfile(
    family="starcoder2",
    psm=_ANGLE_PSM,
    spm=_ANGLE_SPM,
    preferred=_PSM_FIRST,
    repository_marker="<repo_name>",
    file_marker="<file_sep>",
    end_tokens=("<|endoftext|>",),
)

STABLE_CODE = ModelProfile(
    family="stable-code",
    psm=_ANGLE_PSM,
    spm=_ANGLE_SPM,
    preferred=_PSM_FIRST,
    end_tokens=("<|endoftext|>",),
)

CODEGEMMA = ModelProfile(
    family="codegemma",
    psm=_PIPE_PSM,
    preferred=_PSM_FIRST,
    file_marker="<|file_separator|>",
    end_tokens=("<end_of_turn>",),
)

GRANITE3 = ModelProfile(
    family="granite3",
    psm=_ANGLE_PSM,
    spm=_ANGLE_SPM,
    chat=_GRANITE_CHAT,
    preferred=_PSM_FIRST,
    repository_marker="<reponame>",
    end_tokens=("<|end_of_text|>",),
)
"""Granite 3 and Granite Code."""

GRANITE4 = ModelProfile(
    family="granite4",
    psm=_PIPE_PSM,
    chat=_GRANITE_CHAT,
    preferred=_PSM_FIRST,
    end_tokens=("<|end_of_text|>",),
    hybrid=True,
)

CODELLAMA = ModelProfile(
    family="codellama",
    psm=PromptForm(opening="<PRE> ", between=" <SUF>", closing=" <MID>"),
    # meta-llama/codellama:llama/generation.py `infilling_prompt_tokens`, suffix_first.
    spm=PromptForm(opening="<PRE> <SUF>", between=" <MID> ", closing=""),
    preferred=_PSM_FIRST,
    end_tokens=("<EOT>",),
)

PLAIN = ModelProfile(
    family="plain",
    chat=ChatMarkers(system_open="", user_open="", assistant_open="", turn_end="\n\n"),
    preferred=(Layout.PREFILL,),
)
"""A model of which nothing is known: it only continues text."""

PROFILES = (
    QWEN3_5,
    QWEN2_5_CODER,
    QWEN3_CODER,
    QWEN3_CODER_NEXT,
    CODESTRAL,
    DEEPSEEK_CODER,
    STARCODER2,
    STABLE_CODE,
    CODEGEMMA,
    GRANITE3,
    GRANITE4,
    CODELLAMA,
    PLAIN,
)

BY_NAME = (
    (r"qwen-?2\.?5-?coder|codeqwen", QWEN2_5_CODER),
    (r"qwen-?3-?coder-?next", QWEN3_CODER_NEXT),
    (r"qwen-?3-?coder", QWEN3_CODER),
    (r"qwen-?3[._-]?[5-9]", QWEN3_5),
    (r"codestral", CODESTRAL),
    (r"deepseek-?coder", DEEPSEEK_CODER),
    (r"starcoder", STARCODER2),
    (r"stable-?code", STABLE_CODE),
    (r"codegemma", CODEGEMMA),
    (r"granite-?4|granite:4", GRANITE4),
    (r"granite", GRANITE3),
    (r"code-?llama", CODELLAMA),
)
"""Patterns for a folded model name, tried in order; the first match wins."""

BY_ARCHITECTURE = {
    "qwen35": QWEN3_5,
    "qwen35moe": QWEN3_5,
    "qwen3next": QWEN3_CODER_NEXT,
    "starcoder2": STARCODER2,
    "granitehybrid": GRANITE4,
}
"""Architectures that one family alone uses, for models under names of their owner's making."""

BY_TOKEN = (
    ("<|fim_prefix|>", QWEN2_5_CODER),
    ("<fim_prefix>", STARCODER2),
    ("<｜fim▁begin｜>", DEEPSEEK_CODER),
    ("[SUFFIX]", CODESTRAL),
    ("<PRE>", CODELLAMA),
    ("▁<PRE>", CODELLAMA),
    ("<|im_start|>", QWEN3_5),
)
"""Tokens that give a family away when neither name nor architecture does."""
