"""Which options reload a model, and which are refused: as measured on a real v0.33.0-rc2."""

from __future__ import annotations

import pytest

from support.stub_ollama.go_json import Json
from support.stub_ollama.options import (
    LoadRequest,
    batch_for_context,
    check_options,
    load_request,
    predict_options,
)
from support.stub_ollama.script import StubModel

MODEL = StubModel(trained_context=8192)


def loading(*, shift: bool = True, **options: Json) -> LoadRequest:
    return load_request(MODEL, options, shift=shift)


@pytest.mark.parametrize(
    ("loaded", "wanted", "reloads"),
    [
        (loading(), loading(), False),
        (loading(), loading(temperature=0.5, num_predict=9, foo=1), False),
        (loading(), loading(num_ctx=4096), False),
        (loading(num_ctx=4096), loading(), False),
        (loading(), loading(num_ctx=2048), True),
        (loading(num_ctx=2048), loading(), True),
        (loading(num_ctx=2048), loading(num_ctx=2048, num_batch=512), False),
        (loading(), loading(num_batch=1024), True),
        (loading(), loading(use_mmap=True), True),
        (loading(use_mmap=True), loading(), True),
        (loading(), loading(num_gpu=-1), False),
        (loading(), loading(num_gpu=0), True),
        (loading(num_gpu=0), loading(), False),
        (loading(), loading(main_gpu=1), True),
        (loading(), loading(num_thread=2), True),
        (loading(), loading(draft_num_predict=4), True),
        (loading(num_ctx=99999), loading(num_ctx=8192), False),
        (loading(), loading(shift=False), True),
    ],
)
def test_reload_rule(loaded: LoadRequest, wanted: LoadRequest, *, reloads: bool) -> None:
    assert wanted.needs_reload(loaded) is reloads


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_predict": "3"}, 'option "num_predict" must be of type integer'),
        ({"num_ctx": True}, 'option "num_ctx" must be of type integer'),
        ({"temperature": "hot"}, 'option "temperature" must be of type float32'),
        ({"use_mmap": 1}, 'option "use_mmap" must be of type boolean'),
        ({"stop": "x"}, 'option "stop" must be of type array'),
        ({"stop": [1]}, 'option "stop" must be of an array of strings'),
    ],
)
def test_wrong_types_are_refused_in_ollamas_words(options: dict[str, Json], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        check_options(options)


def test_unknown_and_null_options_pass() -> None:
    check_options({"foo": object.__name__, "num_ctx": None, "stop": ["a"], "top_p": 1})


def test_automatic_batch_size_follows_the_context() -> None:
    assert [batch_for_context(it) for it in (4096, 4097, 32768, 32769)] == [512, 1024, 1024, 2048]


@pytest.mark.parametrize(
    ("num_predict", "limit"), [(0, None), (-1, 40960), (-2, 40960), (7, 7), (99999, 40960)]
)
def test_num_predict_zero_is_unlimited_and_the_rest_is_bounded(
    num_predict: int, limit: int | None
) -> None:
    assert predict_options({"num_predict": num_predict}).token_limit(4096) == limit
