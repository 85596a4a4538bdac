"""Request options as Ollama reads them: types, defaults, and which differences reload a model.

After ``ollama/ollama:api/types.go`` (`Options`, `FromMap`) and ``server/sched.go``
(`needsReload`, `generationBatchForContext`), v0.33.0-rc2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from support.stub_ollama.go_json import Json
from support.stub_ollama.script import StubModel

_INTEGERS = frozenset(
    [
        "num_ctx",
        "num_batch",
        "num_gpu",
        "num_thread",
        "draft_num_predict",
        "main_gpu",
        "num_keep",
        "seed",
        "num_predict",
        "top_k",
        "repeat_last_n",
    ]
)
_FLOATS = frozenset(
    [
        "top_p",
        "min_p",
        "typical_p",
        "temperature",
        "repeat_penalty",
        "presence_penalty",
        "frequency_penalty",
    ]
)
OPEN_ENDED_CONTEXTS = 10
"""`num_predict` below zero generates at most this many context windows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerOptions:
    """The options that belong to a loaded model."""

    num_ctx: int
    num_batch: int
    num_gpu: int = -1
    main_gpu: int | None = None
    use_mmap: bool | None = None
    num_thread: int = 0
    draft_num_predict: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRequest:
    """How one request wants the model to be loaded."""

    runner: RunnerOptions
    num_ctx_auto: bool
    num_batch_auto: bool
    context_shift: bool

    def needs_reload(self, loaded: LoadRequest) -> bool:
        """Whether a model loaded for `loaded` must be loaded anew for this request."""
        existing, new = loaded.runner, self.runner
        if loaded.num_ctx_auto and self.num_ctx_auto:
            new = replace(new, num_ctx=existing.num_ctx)
        if loaded.num_batch_auto and self.num_batch_auto:
            new = replace(new, num_batch=existing.num_batch)
        if new.num_gpu < 0:
            existing, new = replace(existing, num_gpu=-1), replace(new, num_gpu=-1)
        return existing != new or loaded.context_shift != self.context_shift


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictOptions:
    """The options that belong to one request."""

    num_predict: int = -1
    num_keep: int = 4
    stop: tuple[str, ...] = ()

    def token_limit(self, num_ctx: int) -> int | None:
        """How many tokens may be generated; None is "until the context is full".

        0 is lost on the way to llama-server (``omitempty``), whose default has no limit.
        """
        if self.num_predict == 0:
            return None
        limit = OPEN_ENDED_CONTEXTS * num_ctx
        return limit if self.num_predict < 0 else min(self.num_predict, limit)


def check_options(options: Mapping[str, Json]) -> None:
    """Raises ValueError with Ollama's words for the first wrong type; unknown keys are ignored."""
    for name, value in options.items():
        if value is None:
            continue
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if name in _INTEGERS and not number:
            raise ValueError(f'option "{name}" must be of type integer')
        if name in _FLOATS and not number:
            raise ValueError(f'option "{name}" must be of type float32')
        if name == "use_mmap" and not isinstance(value, bool):
            raise ValueError(f'option "{name}" must be of type boolean')
        if name == "stop":
            if not isinstance(value, list):
                raise ValueError(f'option "{name}" must be of type array')
            if not all(isinstance(it, str) for it in value):
                raise ValueError(f'option "{name}" must be of an array of strings')


def load_request(model: StubModel, options: Mapping[str, Json], *, shift: bool) -> LoadRequest:
    """Read the runner options of a request; `check_options` came before."""
    num_ctx_auto = "num_ctx" not in options
    num_batch_auto = "num_batch" not in options
    num_ctx = min(_integer(options, "num_ctx", model.default_num_ctx), model.trained_context)
    mmap = options.get("use_mmap")
    main_gpu = options.get("main_gpu")
    return LoadRequest(
        runner=RunnerOptions(
            num_ctx=num_ctx,
            num_batch=_integer(options, "num_batch", batch_for_context(num_ctx)),
            num_gpu=_integer(options, "num_gpu", -1),
            main_gpu=int(main_gpu) if isinstance(main_gpu, (int, float)) else None,
            use_mmap=mmap if isinstance(mmap, bool) else None,
            num_thread=_integer(options, "num_thread", 0),
            draft_num_predict=_integer(options, "draft_num_predict", 0),
        ),
        num_ctx_auto=num_ctx_auto,
        num_batch_auto=num_batch_auto,
        context_shift=shift,
    )


def predict_options(options: Mapping[str, Json]) -> PredictOptions:
    """Read the options of one generation; `check_options` came before."""
    stop = options.get("stop")
    return PredictOptions(
        num_predict=_integer(options, "num_predict", -1),
        num_keep=_integer(options, "num_keep", 4),
        stop=tuple(str(it) for it in stop) if isinstance(stop, list) else (),
    )


def batch_for_context(num_ctx: int) -> int:
    """The automatic `num_batch`; a smaller one when memory is short is not modelled."""
    if num_ctx <= 4096:
        return 512
    return 1024 if num_ctx <= 32768 else 2048


def _integer(options: Mapping[str, Json], name: str, default: int) -> int:
    value = options.get(name)
    return int(value) if isinstance(value, (int, float)) else default
