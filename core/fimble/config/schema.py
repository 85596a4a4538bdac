"""Every setting there is, with its type, bounds, default and meaning: the one schema.

Validation, the JSON Schema for editors, `fimble config` and the table of what a repository may
set (`classification`) are all read from these classes. A section is one level deep, so that every
setting has one dotted key such as `ollama.num_ctx`.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

Seconds: TypeAlias = Annotated[float, Meta(gt=0, le=3600)]
TokenLimit: TypeAlias = Annotated[int, Meta(ge=1, le=1_000_000)]
ShortText: TypeAlias = Annotated[str, Meta(min_length=1, max_length=512)]
Globs: TypeAlias = Annotated[
    tuple[Annotated[str, Meta(min_length=1, max_length=256)], ...], Meta(max_length=500)
]
Names: TypeAlias = Annotated[
    tuple[Annotated[str, Meta(min_length=1, max_length=64)], ...], Meta(max_length=200)
]

# What every model server has is described once.
RemoteHosts: TypeAlias = Annotated[
    Names,
    Meta(description="Exact names of hosts other than this machine that may receive your code."),
]
ConnectTimeout: TypeAlias = Annotated[
    Seconds, Meta(description="Longest wait for a connection, in seconds.")
]
InterTokenTimeout: TypeAlias = Annotated[
    Seconds, Meta(description="Longest silence between two tokens, in seconds.")
]
TotalTimeout: TypeAlias = Annotated[
    Seconds, Meta(description="Longest duration of one generation, in seconds.")
]

EngineKind: TypeAlias = Literal["auto", "ollama", "openai", "embedded"]
OpenAIDialect: TypeAlias = Literal["auto", "vllm", "sglang", "llama-server", "other"]
LayoutChoice: TypeAlias = Literal["auto", "psm", "spm", "prefill"]
ChatTheme: TypeAlias = Literal["auto", "dark", "light", "ansi"]
LogLevel: TypeAlias = Literal["error", "warning", "info", "debug"]


class EngineSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where completions come from."""

    kind: Annotated[
        EngineKind,
        Meta(
            description="auto: the model server, and the embedded engine while it is absent, "
            "loading or failing; the server is that of openai.endpoint where one is set, else "
            "Ollama. ollama, openai or embedded: only that one."
        ),
    ] = "auto"


class OllamaSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The model server, its model, and how long to wait for it."""

    endpoint: Annotated[
        ShortText,
        Meta(
            description="Address of the model server; a loopback address unless its host is in "
            "allowed_remote_hosts. OLLAMA_HOST is not read."
        ),
    ] = "http://127.0.0.1:11434"
    model: Annotated[
        ShortText, Meta(description="Name of the model as `ollama list` shows it.")
    ] = "qwen3.6:27b"
    num_ctx: Annotated[
        int,
        Meta(
            ge=2048,
            le=1_048_576,
            description="Context window in tokens, sent with every request; changing it makes the "
            "server load the model again.",
        ),
    ] = 16384
    keep_alive: Annotated[
        str,
        Meta(
            pattern=r"^-?([0-9]+(\.[0-9]+)?(ms|s|m|h))+$",
            max_length=32,
            description='How long the server keeps the model loaded after a request, as "30m" or '
            '"1h30m"; negative means for ever.',
        ),
    ] = "30m"
    allowed_remote_hosts: RemoteHosts = ()
    connect_timeout_s: ConnectTimeout = 2.0
    first_token_timeout_s: Annotated[
        Seconds,
        Meta(description="Longest wait for the first token of a loaded model, in seconds."),
    ] = 60.0
    inter_token_timeout_s: InterTokenTimeout = 15.0
    total_timeout_s: TotalTimeout = 120.0
    load_timeout_s: Annotated[
        Seconds,
        Meta(description="Longest wait for the server to load the model from disk, in seconds."),
    ] = 300.0


class OpenAISettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model server that speaks OpenAI's protocol: vLLM, SGLang, llama-server, LiteLLM."""

    endpoint: Annotated[
        str,
        Meta(
            max_length=512,
            description="Address of the server, as http://127.0.0.1:8000; empty: none. A loopback "
            "address unless its host is in openai.allowed_remote_hosts, and then https.",
        ),
    ] = ""
    model: Annotated[ShortText, Meta(description="Name of the model as /v1/models lists it.")] = (
        "Qwen/Qwen3.6-27B"
    )
    dialect: Annotated[
        OpenAIDialect,
        Meta(
            description="Which server it is, for what goes beyond OpenAI's own protocol; auto asks "
            "it. Behind a gateway such as LiteLLM, name the servers that it hands on to."
        ),
    ] = "auto"
    api_key_env: Annotated[
        str,
        Meta(
            pattern=r"^([A-Z_][A-Z0-9_]{0,63})?$",
            description="Name of the environment variable that holds the key, never the key; "
            "empty: none.",
        ),
    ] = ""
    api_key_in_keyring: Annotated[
        bool,
        Meta(
            description="Whether the key is in the system's keyring, under the service fimble and "
            "the server's host name."
        ),
    ] = False
    ca_file: Annotated[
        str,
        Meta(
            max_length=4096,
            description="File with the certificate authorities (PEM) that the server's certificate "
            "is checked with; empty: the usual ones. It is checked always.",
        ),
    ] = ""
    allowed_remote_hosts: RemoteHosts = ()
    num_ctx: Annotated[
        int,
        Meta(
            ge=2048,
            le=1_048_576,
            description="Context window in tokens that prompts are kept under.",
        ),
    ] = 16384
    connect_timeout_s: ConnectTimeout = 5.0
    first_token_timeout_s: Annotated[
        Seconds,
        Meta(description="Longest wait for the first token, repeated tries included, in seconds."),
    ] = 60.0
    inter_token_timeout_s: InterTokenTimeout = 15.0
    total_timeout_s: TotalTimeout = 120.0


ModelServerSettings: TypeAlias = OllamaSettings | OpenAISettings
"""The settings that all model servers have (endpoint, model, num_ctx, timeouts) and more."""


class CompletionSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When completions are asked for and how large they may be."""

    enabled: Annotated[bool, Meta(description="Whether completions are offered at all.")] = True
    disabled_languages: Annotated[
        Names,
        Meta(description='Languages without completions, by LSP identifier such as "markdown".'),
    ] = ()
    ignore: Annotated[
        Globs,
        Meta(
            description="Files that are neither completed nor read as context: patterns as in "
            ".gitignore, relative to the workspace."
        ),
    ] = ()
    layout: Annotated[
        LayoutChoice,
        Meta(
            description="Order of the prompt: prefix-suffix-middle, suffix first, or a prefilled "
            "answer; auto picks by model."
        ),
    ] = "auto"
    debounce_ms: Annotated[
        Literal["adaptive"] | Annotated[int, Meta(ge=0, le=5000)],
        Meta(
            description="Pause in typing, in milliseconds, before the model is asked; adaptive "
            "follows your rhythm and the model's speed."
        ),
    ] = "adaptive"
    max_line_tokens: Annotated[
        TokenLimit, Meta(description="Longest completion of the rest of a line, in tokens.")
    ] = 64
    max_block_tokens: Annotated[
        TokenLimit, Meta(description="Longest completion of a whole block, in tokens.")
    ] = 256
    max_prefix_tokens: Annotated[
        TokenLimit,
        Meta(
            description="Most text before the cursor in a prompt, in tokens; num_ctx bounds it too."
        ),
    ] = 6000
    max_suffix_tokens: Annotated[
        TokenLimit,
        Meta(
            description="Most text after the cursor in a prompt, in tokens; num_ctx bounds it too."
        ),
    ] = 1500
    rules_tokens: Annotated[
        int,
        Meta(
            ge=0,
            le=4000,
            description="Most tokens of the project's reviewed AGENTS.md at the head of a prompt "
            "whose layout shows rules; 0 for none. Every new prompt costs them again.",
        ),
    ] = 0
    context_tokens: Annotated[
        int,
        Meta(
            ge=0,
            le=8000,
            description="Most tokens of other code of a trusted workspace at the head of a new "
            "prompt; 0 for none. Read once for each prompt, never again for a key.",
        ),
    ] = 600
    temperature: Annotated[
        float, Meta(ge=0, le=2, description="Randomness of completions; 0 always takes the best.")
    ] = 0.0
    prefetch: Annotated[
        bool,
        Meta(
            description="Whether an idle model computes what would follow the suggestion on show."
        ),
    ] = True
    logprob_gate: Annotated[
        Literal["off"] | Annotated[float, Meta(ge=-20, le=0)],
        Meta(
            description="Mean log-probability per token (natural logarithm) below which a "
            "suggestion is not shown, where the server reports them."
        ),
    ] = "off"


class EmbeddedSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The engine without a model, which learns from the workspace's own text."""

    enabled: Annotated[bool, Meta(description="Whether it may stand in for the model server.")] = (
        True
    )
    confidence: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            description="Estimated probability of being right below which it stays silent.",
        ),
    ] = 0.7
    draft: Annotated[
        bool,
        Meta(
            description="Whether its text is shown until the model has answered, in editors that "
            "can put the model's in its place. No request to the model comes of it."
        ),
    ] = True


class StatisticsSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Counts of what was shown and accepted; they stay on this machine and hold no code."""

    enabled: Annotated[bool, Meta(description="Whether they are kept.")] = True


class ChatSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The chat in the terminal."""

    think: Annotated[
        bool,
        Meta(description="Whether the model may think first, where a prompt leaves it open."),
    ] = False
    time_slicing: Annotated[
        bool,
        Meta(
            description="Whether answers are generated in pieces, so that completions in editors "
            "get the model in between."
        ),
    ] = True
    keep_sessions: Annotated[
        bool, Meta(description="Whether conversations are stored on this machine.")
    ] = True
    mouse: Annotated[
        bool,
        Meta(description="Whether the chat takes the mouse; off leaves it to the terminal."),
    ] = True
    notifications: Annotated[
        bool,
        Meta(
            description="Whether the desktop tells that a long answer ended while you looked "
            "elsewhere."
        ),
    ] = True
    theme: Annotated[
        ChatTheme, Meta(description="Colours; auto follows the terminal's background.")
    ] = "auto"


class LogSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The log; no level writes code or prompts."""

    level: Annotated[
        LogLevel, Meta(description="The least important messages that are written.")
    ] = "warning"
    file: Annotated[
        str, Meta(max_length=4096, description="Path of the log file; empty means stderr.")
    ] = ""
    keep: Annotated[
        bool, Meta(description="Keep warnings and errors on this machine for `fimble bugreport`.")
    ] = True


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole configuration of Fimble."""

    engine: EngineSettings = EngineSettings()
    ollama: OllamaSettings = OllamaSettings()
    openai: OpenAISettings = OpenAISettings()
    completion: CompletionSettings = CompletionSettings()
    embedded: EmbeddedSettings = EmbeddedSettings()
    chat: ChatSettings = ChatSettings()
    statistics: StatisticsSettings = StatisticsSettings()
    log: LogSettings = LogSettings()

    @property
    def asks_openai(self) -> bool:
        """Whether the model server is the one of `openai.endpoint`."""
        kind = self.engine.kind
        return kind == "openai" or (kind == "auto" and bool(self.openai.endpoint))

    @property
    def model_server(self) -> ModelServerSettings:
        """How the model server is reached; of no use when `engine.kind` is "embedded"."""
        return self.openai if self.asks_openai else self.ollama

    @property
    def model_server_section(self) -> str:
        """The section that `model_server` stands in."""
        return "openai" if self.asks_openai else "ollama"
