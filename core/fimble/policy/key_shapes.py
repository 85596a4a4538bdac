"""Shapes by which keys are known, wherever they stand.

They are those of gitleaks/gitleaks:config/gitleaks.toml and of the issuers' own documents. Every
pattern is linear, and none is tried on a text that lacks the letters that it begins with (T17).
"""

from __future__ import annotations

from typing import Final

SHAPES: Final[tuple[tuple[str, tuple[str, ...], str], ...]] = (
    (
        "aws-key",
        (
            "AKIA",
            "ASIA",
            "ABIA",
            "ACCA",
            "A3T",
        ),
        r"\b(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z2-7]{16}\b",
    ),
    (
        "github-token",
        (
            "ghp_",
            "gho_",
            "ghu_",
            "ghs_",
            "ghr_",
        ),
        r"\b(?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{36,255}\b",
    ),
    ("github-token", ("github_pat_",), r"\bgithub_pat_[A-Za-z0-9_]{22,255}\b"),
    (
        "gitlab-token",
        ("gl",),
        r"\bgl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent|oas)-[A-Za-z0-9_.-]{20,255}",
    ),
    ("slack-token", ("xox",), r"\bxox[abposre]-[A-Za-z0-9-]{10,255}"),
    (
        "slack-webhook",
        ("hooks.slack.com",),
        r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/]{20,100}",
    ),
    (
        "stripe-key",
        (
            "k_live_",
            "k_test_",
            "k_prod_",
        ),
        r"\b(?:sk|rk)_(?:live|test|prod)_[A-Za-z0-9]{10,247}\b",
    ),
    ("google-key", ("AIza",), r"\bAIza[A-Za-z0-9_-]{35}"),
    ("google-token", ("ya29.",), r"\bya29\.[A-Za-z0-9_-]{20,255}"),
    ("google-secret", ("GOCSPX-",), r"\bGOCSPX-[A-Za-z0-9_-]{20,60}"),
    ("anthropic-key", ("sk-ant-",), r"\bsk-ant-[A-Za-z0-9_-]{20,255}"),
    ("huggingface-token", ("hf_",), r"\bhf_[A-Za-z0-9]{30,60}\b"),
    ("npm-token", ("npm_",), r"\bnpm_[A-Za-z0-9]{36}\b"),
    ("pypi-token", ("pypi-",), r"\bpypi-[A-Za-z0-9_-]{50,255}"),
    ("docker-token", ("dckr_",), r"\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{20,100}"),
    ("twilio-key", ("SK",), r"\bSK[0-9a-f]{32}\b"),
    ("sendgrid-key", ("SG.",), r"\bSG\.[A-Za-z0-9_-]{16,40}\.[A-Za-z0-9_-]{16,80}"),
    ("mailgun-key", ("key-",), r"\bkey-[0-9a-f]{32}\b"),
    ("telegram-token", (":AA",), r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{32,34}"),
    ("digitalocean-token", ("_v1_",), r"\bdo[opr]_v1_[0-9a-f]{64}\b"),
    (
        "vault-token",
        (
            "hvs.",
            "hvb.",
            "hvr.",
        ),
        r"\bhv[sbr]\.[A-Za-z0-9_-]{24,255}",
    ),
    (
        "azure-key",
        ("Key=",),
        r"(?:AccountKey|SharedAccessKey)=(?P<value>[A-Za-z0-9+/]{40,100}={0,2})",
    ),
    (
        "shopify-token",
        (
            "shpat_",
            "shpca_",
            "shppa_",
            "shpss_",
        ),
        r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b",
    ),
    ("linear-key", ("lin_api_",), r"\blin_api_[A-Za-z0-9]{30,60}\b"),
    ("age-key", ("AGE-SECRET-KEY-",), r"\bAGE-SECRET-KEY-1[A-Z0-9]{50,70}\b"),
    (
        "jwt",
        ("eyJ",),
        r"\beyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{10,1000}",
    ),
    (
        "url-password",
        ("://",),
        r"://(?P<value>[A-Za-z0-9._%+-]{1,64}:(?![$<{*])[^\s:/@'\"<>]{3,128})@",
    ),
    ("azure-secret", ("Q~",), r"[A-Za-z0-9_.~-]{3}[0-9]Q~[A-Za-z0-9_.~-]{31,34}"),
    (
        "authorization",
        ("uthorization",),
        (
            r"[Aa]uthorization[\"']?\ {0,4}[:=,]\ {0,4}[\"'`]?(?:[Tt]oken|[Aa]pi[Kk]ey|[Kk]ey)\ "
            r"(?P<value>[A-Za-z0-9._~+/-]{16,2000}={0,2})"
        ),
    ),
    ("basic-auth", ("asic ",), r"[Bb]asic (?P<value>[A-Za-z0-9+/]{16,255}={0,2})"),
    ("bearer-token", ("earer ",), r"[Bb]earer (?P<value>[A-Za-z0-9._~+/-]{20,2000}={0,2})"),
    ("openai-key", ("sk-",), r"\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,255}"),
)
"""Kind, texts of which one is in every such key, and the key; its group `value` is the secret."""
