"""Which projects the embedded engine's ranker is fitted on, and which only measure it."""

from __future__ import annotations

from source_trees import Project

FITTED_ON = (
    Project(name="httpx", version="0.28.1", licence="BSD-3-Clause"),
    Project(name="flask", version="3.1.3", licence="BSD-3-Clause"),
    Project(name="attrs", version="26.1.0", licence="MIT"),
    Project(name="click", version="8.3.1", licence="BSD-3-Clause"),
    Project(name="starlette", version="1.10.0", licence="BSD-3-Clause"),
    Project(name="rich", version="15.0.0", licence="MIT"),
    Project(name="jinja2", version="3.1.6", licence="BSD-3-Clause"),
    Project(name="werkzeug", version="3.1.9", licence="BSD-3-Clause"),
    Project(name="pluggy", version="1.7.0", licence="MIT"),
    Project(name="poetry-core", version="2.5.0", licence="MIT"),
    Project(name="rxjs", version="7.8.2", licence="Apache-2.0", registry="npm"),
    Project(name="zod", version="4.6.7", licence="MIT", registry="npm"),
)
HELD_OUT = (
    Project(name="anyio", version="4.12.0", licence="MIT"),
    Project(name="structlog", version="26.1.0", licence="MIT OR Apache-2.0"),
    Project(name="requests", version="2.34.2", licence="Apache-2.0"),
    Project(name="marshmallow", version="4.4.0", licence="MIT"),
    Project(name="pygls", version="2.1.1", licence="Apache-2.0"),
    Project(name="@tanstack/query-core", version="5.108.0", licence="MIT", registry="npm"),
    Project(name="@trpc/server", version="11.25.2", licence="MIT", registry="npm"),
)
