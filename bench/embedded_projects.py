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
"""For `bench/context.py`."""

LARGE = Project(name="sqlalchemy", version="2.1.9", licence="MIT")
LARGE_PART = "lib"
"""The folder of it that has some 250,000 lines."""

RANKER_FITTED_ON = (
    *FITTED_ON,
    LARGE,
    Project(name="textual", version="8.2.8", licence="MIT"),
    Project(name="pydantic", version="2.14.4", licence="MIT"),
    Project(name="requests", version="2.34.2", licence="Apache-2.0"),
    Project(name="pygls", version="2.1.1", licence="Apache-2.0"),
    Project(name="@tanstack/query-core", version="5.108.0", licence="MIT", registry="npm"),
    Project(name="@trpc/server", version="11.25.2", licence="MIT", registry="npm"),
)
"""For `bench/embedded_fit.py`: what the engine's parameters were ever chosen on is in here."""

RANKER_HELD_OUT = (
    Project(name="anyio", version="4.12.0", licence="MIT"),
    Project(name="structlog", version="26.1.0", licence="MIT OR Apache-2.0"),
    Project(name="marshmallow", version="4.4.0", licence="MIT"),
    Project(name="trio", version="0.35.0", licence="MIT OR Apache-2.0"),
    Project(name="scrapy", version="2.19.0", licence="BSD-3-Clause"),
    Project(name="aiohttp", version="3.14.5", licence="Apache-2.0 AND MIT"),
    Project(name="pytest", version="9.2.0", licence="MIT"),
    Project(name="urllib3", version="2.8.0", licence="MIT"),
    Project(name="tornado", version="6.6.1", licence="Apache-2.0"),
    Project(name="celery", version="5.7.0", licence="BSD-3-Clause"),
    Project(name="@tanstack/router-core", version="1.171.39", licence="MIT", registry="npm"),
    Project(name="@tanstack/form-core", version="1.33.5", licence="MIT", registry="npm"),
    Project(name="@reduxjs/toolkit", version="2.15.0", licence="MIT", registry="npm"),
    Project(name="immer", version="11.2.13", licence="MIT", registry="npm"),
)
"""For `bench/embedded.py`: nothing is fitted on these; it says what a look decided."""
