"""T15: no planted secret leaves in a text that goes along as context, and code stays code."""

from __future__ import annotations

import random
import string
import time
from base64 import b64encode
from pathlib import Path

import pytest

from fimble.policy.masking import mask_secrets
from support.planted_secrets import planted

SEED = 15
EACH = 12
ALNUM = string.ascii_letters + string.digits


def corpus() -> list[tuple[str, str, str]]:
    """Return shape, secret and the line that it is planted in; drawn anew, no real key."""
    draw = random.Random(SEED)

    def some(alphabet: str, count: int) -> str:
        return "".join(draw.choices(alphabet, k=count))

    def jwt() -> str:
        return f"eyJ{some(ALNUM, 30)}.eyJ{some(ALNUM, 60)}.{some(ALNUM, 43)}"

    shapes = {
        "aws": lambda: f"AKIA{some(string.ascii_uppercase + '234567', 16)}",
        "github": lambda: f"ghp_{some(ALNUM, 36)}",
        "gitlab": lambda: f"glpat-{some(ALNUM, 20)}",
        "slack": lambda: f"xoxb-{some(string.digits, 12)}-{some(ALNUM, 24)}",
        "stripe": lambda: f"sk_live_{some(ALNUM, 24)}",
        "google": lambda: f"AIza{some(ALNUM, 35)}",
        "openai": lambda: f"sk-proj-{some(ALNUM, 48)}",
        "npm": lambda: f"npm_{some(ALNUM, 36)}",
        "jwt": jwt,
        "hex": lambda: some("0123456789abcdef", 40),
        "base64": lambda: b64encode(draw.randbytes(30)).decode(),
        "password": lambda: some(ALNUM, 9) + draw.choice("!#%&*+") + some(string.digits, 3),
    }
    lines = (
        'API_TOKEN = "{}"',
        "password: {}",
        "    client_secret='{}',",
        "export SECRET_KEY={}",
        '"apiKey": "{}",',
    )
    return [
        (name, secret, lines[number % len(lines)].format(secret))
        for name, make in shapes.items()
        for number in range(EACH)
        for secret in [make()]
    ]


CORPUS = corpus()


def test_t15_there_are_enough_planted_secrets() -> None:
    assert len(CORPUS) >= 120
    assert len({name for name, _, _ in CORPUS}) >= 12


@pytest.mark.parametrize("shape", sorted({name for name, _, _ in CORPUS}))
def test_t15_no_planted_secret_stays(shape: str) -> None:
    for name, secret, line in CORPUS:
        if name == shape:
            masked, count = mask_secrets(f"x = 1\n{line}\ny = 2\n")
            assert secret not in masked, line
            assert count == 1
            assert masked.startswith("x = 1\n")
            assert masked.endswith("\ny = 2\n")


@pytest.mark.parametrize(
    "text",
    [
        "postgres://admin:hunter22x@db.internal/shop",
        "Authorization: Bearer abcdef0123456789abcdef",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nabc\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNza\n",
        "AccountKey=" + "A1b2" * 20 + "==;",
    ],
)
def test_t15_other_places_of_secrets(text: str) -> None:
    masked, count = mask_secrets(text)

    assert count == 1
    for secret in ("hunter22x", "abcdef0123456789", "MIIEow", "b3BlbnNza", "A1b2A1b2"):
        assert secret not in masked


@pytest.mark.parametrize(
    "line",
    [
        "token = self.tokens.next()",
        "password = os.environ['DB_PASSWORD']",
        "api_key = settings.api_key",
        'password = "changeme"',
        'token: str = ""',
        "const token = await getToken(user);",
        'secret_name = "database/credentials"',
        "password: ${DB_PASSWORD}",
        'TOKEN_URL = "https://example.org/oauth/token"',
        "if token.kind is TokenKind.STRING:",
        "passwords = [hash_password(each) for each in users]",
        "git commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ],
)
def test_t15_code_about_secrets_is_no_secret(line: str) -> None:
    assert mask_secrets(line) == (line, 0)


def test_t15_our_own_sources_are_hardly_masked() -> None:
    """Precision: fewer than five false masks in ten thousand lines of code about tokens."""
    root = Path(__file__).parents[2]
    texts = [path.read_text("utf-8") for path in (root / "core").rglob("*.py")]
    lines = sum(text.count("\n") for text in texts)
    masked = sum(mask_secrets(text)[1] for text in texts)

    assert lines > 10_000
    assert masked / lines * 10_000 < 5


@pytest.mark.parametrize(
    "hostile",
    [
        "password=" * 100_000,
        "a" * 1_000_000,
        "-----BEGIN PRIVATE KEY-----" * 30_000,
        "eyJ." * 250_000,
        "://a:" * 200_000,
        "x_token_" * 100_000,
        "bearer " * 140_000,
    ],
)
def test_t17_hostile_text_costs_no_more_than_its_length(hostile: str) -> None:
    """The same pattern on ten times the text takes about ten times as long, not a hundred."""
    short, long = hostile[: len(hostile) // 10], hostile
    assert _cost(long) < 40 * max(_cost(short), 1e-4)


def _cost(text: str) -> float:
    start = time.process_time()
    mask_secrets(text)
    return time.process_time() - start


def test_t15_nothing_stays_of_a_secret_of_any_shape_at_any_place() -> None:
    """Nor any eight characters of one; every text is one that people write."""
    texts = planted()
    stayed = [
        (each.shape, each.place)
        for each in texts
        for masked, _ in [mask_secrets(each.text)]
        for secret in each.secrets
        if any(secret[at : at + 8] in masked for at in range(max(1, len(secret) - 7)))
    ]

    assert len(texts) >= 500
    assert len({each.shape for each in texts}) >= 25
    assert stayed == []
