"""What a replay amounts to: figures from what was typed, shown and served."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fimble.completion.overlap import shared_prefix_length
from fimble_cli.bench.requests import ServedRequest
from fimble_cli.bench.trace import StepKind
from fimble_cli.bench.typing_log import KeyEvent, TypingLog

_FRAME_S: Final = 0.017
"""What is away for less than one frame of a 60 Hz screen was never away."""

_STEADY_SHARE: Final = 0.95
"""Consecutive prompts that share less of their bytes as a prefix cost a new evaluation."""

_TYPED: Final = frozenset({StepKind.KEY, StepKind.SLIP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """One trace replayed with one contestant."""

    log: TypingLog
    requests: Sequence[ServedRequest]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Figures of one or several replays; None where nothing was there to be measured."""

    typed_characters: int
    """Keys that put text in, slips included; Enter with its indentation is one."""
    accepted_characters: int
    requests: int
    warm_ups: int
    """Of the requests, those that asked for one token only."""
    cancelled: int
    evaluated_tokens: float
    evaluated_after_jumps: float
    """Of these, those for the first prompt at each place: nobody can have read it before."""
    prompt_p50: float | None
    """Tokens of the median prompt, warm-ups not counted: how much the model gets to see."""
    generated_tokens: int
    wasted_tokens: float
    """Generated, but neither shown nor typed."""
    foreseen_share: float | None
    """Share of typed keys that a suggestion on the screen had already said."""
    typed_through_share: float | None
    """Share of keys typed into a suggestion after which the rest of it stayed on the screen."""
    shown_p50_ms: float | None
    """From the last key to a suggestion that was not there before."""
    shown_p90_ms: float | None
    prompt_pairs: int
    """Consecutive requests between which the cursor did not jump."""
    steady_pairs: int
    """Those that share at least 95 % of their bytes as a prefix."""
    shared_prefix_share: float | None
    """Mean over the pairs."""
    diverged: int
    """Running streams that were closed after a key contradicted them."""
    close_p50_ms: float | None
    """From the contradiction (known by key and stream) to the closed connection."""
    close_worst_ms: float | None
    free_worst_ms: float | None
    """The same to the free slot."""

    @property
    def requests_per_character(self) -> float:
        """Requests of every kind for each typed character."""
        return self.requests / max(1, self.typed_characters)

    @property
    def evaluated_per_character(self) -> float:
        """Evaluated prompt tokens for each typed character."""
        return self.evaluated_tokens / max(1, self.typed_characters)

    @property
    def evaluated_per_character_in_place(self) -> float:
        """The same without the first prompt after each jump: what typing itself costs."""
        tokens = self.evaluated_tokens - self.evaluated_after_jumps
        return tokens / max(1, self.typed_characters)

    @property
    def wasted_per_character(self) -> float:
        """Generated tokens nobody saw for each typed character."""
        return self.wasted_tokens / max(1, self.typed_characters)


def measure(replays: Sequence[Replay]) -> Figures:
    """Reduce replays, each with a screen and a server of its own, to figures."""
    keys = [key for replay in replays for key in replay.log.keys]
    requests = [request for replay in replays for request in replay.requests]
    typed = [key for key in keys if key.kind in _TYPED]
    kept = [stays for replay in replays for stays in _typed_through(replay.log)]
    shown = [delay for replay in replays for delay in _times_to_show(replay.log)]
    shares = [share for replay in replays for share in _shared_prefixes(replay)]
    closings = [closing for replay in replays for closing in _closings(replay)]
    freed = [free for _, free in closings if free is not None]
    foreseen = [key.shown_before is not None and _was_right(key) for key in typed]
    return Figures(
        typed_characters=len(typed),
        accepted_characters=sum(len(key.accepted) for key in keys),
        requests=len(requests),
        warm_ups=sum(request.is_warm_up for request in requests),
        cancelled=sum(request.cancelled for request in requests),
        evaluated_tokens=sum(request.evaluated_tokens for request in requests),
        evaluated_after_jumps=sum(_evaluated_after_jumps(replay) for replay in replays),
        prompt_p50=_median([it.prompt_tokens for it in requests if not it.is_warm_up]),
        generated_tokens=sum(request.generated_tokens for request in requests),
        wasted_tokens=sum(_wasted(replay) for replay in replays),
        foreseen_share=mean(foreseen),
        typed_through_share=mean(kept),
        shown_p50_ms=percentile_ms(shown, 50),
        shown_p90_ms=percentile_ms(shown, 90),
        prompt_pairs=len(shares),
        steady_pairs=sum(share >= _STEADY_SHARE for share in shares),
        shared_prefix_share=mean(shares),
        diverged=len(closings),
        close_p50_ms=percentile_ms([close for close, _ in closings], 50),
        close_worst_ms=percentile_ms([close for close, _ in closings], 100),
        free_worst_ms=percentile_ms(freed, 100),
    )


def _was_right(key: KeyEvent) -> bool:
    return key.shown_before is not None and key.shown_before.text.startswith(key.text)


def _typed_through(log: TypingLog) -> Iterator[bool]:
    """Tell for each key typed into a suggestion whether the rest stayed, all the time."""
    for number, key in enumerate(log.keys):
        if key.expected is None:
            continue
        until = log.keys[number + 1].at_s if number + 1 < len(log.keys) else float("inf")
        yield _stays(log, key, until)


def _stays(log: TypingLog, key: KeyEvent, until: float) -> bool:
    expected = "" if key.expected is None else key.expected.text
    away_since: float | None = None
    for screen in log.screens[bisect_right(log.screens, key.at_s, key=lambda it: it.at_s) :]:
        if screen.at_s >= until:
            break
        there = screen.ghost is not None and (
            screen.ghost.text.startswith(expected) or expected.startswith(screen.ghost.text)
        )
        if away_since is not None and screen.at_s - away_since > _FRAME_S:
            return False
        if screen.ghost is not None and not there:
            return False  # Something else came in its place.
        away_since = None if there else screen.at_s if away_since is None else away_since
    return away_since is None or until - away_since <= _FRAME_S


def _times_to_show(log: TypingLog) -> Iterator[float]:
    """Yield the time from a key to the first suggestion after it, where none stood there."""
    for number, key in enumerate(log.keys):
        if key.expected is not None or key.kind in {StepKind.JUMP, StepKind.DISMISS}:
            continue
        until = log.keys[number + 1].at_s if number + 1 < len(log.keys) else float("inf")
        first = bisect_right(log.screens, key.at_s, key=lambda it: it.at_s)
        for screen in log.screens[first:]:
            if screen.at_s >= until:
                break
            if screen.ghost is not None:
                yield screen.at_s - key.at_s
                break


def _evaluated_after_jumps(replay: Replay) -> float:
    """Return the tokens of each place's first prompts, up to one that was read to its end."""
    jumps = [key.at_s for key in replay.log.keys if key.kind is StepKind.JUMP]
    tokens = 0.0
    read_at = -1
    for request in replay.requests:
        place = bisect_right(jumps, request.received_at)
        if place == read_at:
            continue
        tokens += request.evaluated_tokens
        if request.first_token_at is not None or not request.cancelled:
            read_at = place
    return tokens


def _shared_prefixes(replay: Replay) -> Iterator[float]:
    """Yield the share of bytes that consecutive prompts have in common from the start."""
    jumps = [key.at_s for key in replay.log.keys if key.kind is StepKind.JUMP]
    for former, latter in zip(replay.requests, replay.requests[1:], strict=False):
        if bisect_right(jumps, former.received_at) != bisect_right(jumps, latter.received_at):
            continue
        left, right = former.prompt.encode(), latter.prompt.encode()
        shorter = max(1, min(len(left), len(right)))
        yield _common(left, right) / shorter


def _common(left: bytes, right: bytes) -> int:
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[:middle] == right[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _wasted(replay: Replay) -> float:
    """Return how many generated tokens were never on the screen and never typed."""
    shown = {screen.ghost.text for screen in replay.log.screens if screen.ghost is not None}
    wasted = 0.0
    for request in replay.requests:
        text = request.generated_text
        if not text or request.is_warm_up:
            wasted += request.generated_tokens
            continue
        used = max((_used(text, ghost) for ghost in shown), default=0)
        wasted += request.generated_tokens * (1 - used / len(text))
    return wasted


def _used(generated: str, ghost: str) -> int:
    """Return how far into `generated` a suggestion reaches that was made of it."""
    at = generated.find(ghost)
    if at >= 0:
        return at + len(ghost)
    common = shared_prefix_length(generated, ghost)
    return common if common >= min(len(generated), len(ghost)) / 2 else 0


def _closings(replay: Replay) -> Iterator[tuple[float, float | None]]:
    """Yield the time to close, and to a free slot, of streams that a key contradicted.

    What is typed ahead of a stream can only contradict it when the stream gets there; when it did
    is taken to be in proportion to its characters.
    """
    for request in replay.requests:
        if not request.cancelled or request.closed_at is None or request.first_token_at is None:
            continue
        contradiction = _contradiction(replay.log, request, until=request.closed_at)
        if contradiction is None:
            continue  # Closed because it had said enough.
        key, characters = contradiction
        share = min(1.0, characters / max(1, len(request.generated_text)))
        said_at = request.first_token_at + share * (request.closed_at - request.first_token_at)
        known = max(key.at_s, said_at if characters > 1 else request.first_token_at)
        free = None if request.freed_at is None else max(0.0, request.freed_at - known)
        yield max(0.0, request.closed_at - known), free


def _contradiction(
    log: TypingLog, request: ServedRequest, *, until: float
) -> tuple[KeyEvent, int] | None:
    """Return the key that made the stream of `request` useless, if one did.

    The number is how many of the stream's characters it takes to see it.
    """
    on_screen = bisect_right(log.screens, request.received_at, key=lambda it: it.at_s) - 1
    ghost = log.screens[on_screen].ghost if on_screen >= 0 else None
    leads = ["", ghost.text] if ghost is not None else [""]  # It may go on from what is shown.
    said = [lead + request.generated_text for lead in leads]
    typed = ""
    for key in log.keys[bisect_right(log.keys, request.received_at, key=lambda it: it.at_s) :]:
        if key.at_s > until:
            break
        if key.kind is StepKind.BACKSPACE and not typed:
            return key, 0
        typed = typed[:-1] if key.kind is StepKind.BACKSPACE else typed + key.text + key.accepted
        if not any(it.startswith(typed) or typed.startswith(it) for it in said):
            agreeing = max(
                shared_prefix_length(it, typed) - len(lead)
                for it, lead in zip(said, leads, strict=True)
            )
            return key, max(0, agreeing + 1)
    return None


def mean(values: Sequence[float]) -> float | None:
    """Return the arithmetic mean, None of nothing."""
    return sum(values) / len(values) if values else None


def _median(values: Sequence[float]) -> float | None:
    return sorted(values)[len(values) // 2] if values else None


def percentile_ms(values: Sequence[float], percent: float) -> float | None:
    """Return the nearest-rank percentile of seconds in milliseconds, None of nothing."""
    if not values:
        return None
    rank = -(-len(values) * percent // 100)
    return 1000 * sorted(values)[max(0, int(rank) - 1)]
