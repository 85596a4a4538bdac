"""The registry: one row of data per language. To add a language is to add a row, nothing else."""

from __future__ import annotations

from fimble.syntax.language import Language
from fimble.syntax.rows.c_family import CPP, CSHARP, C
from fimble.syntax.rows.data import JSON, TOML, YAML
from fimble.syntax.rows.ecmascript import JAVASCRIPT, TSX, TYPESCRIPT
from fimble.syntax.rows.jvm import JAVA, KOTLIN, SCALA
from fimble.syntax.rows.markup import CSS, HTML, MARKDOWN
from fimble.syntax.rows.python import PYTHON
from fimble.syntax.rows.scripting import BASH, LUA, PHP, RUBY
from fimble.syntax.rows.systems import GO, RUST

ROWS: tuple[Language, ...] = (
    PYTHON,
    TYPESCRIPT,
    TSX,
    JAVASCRIPT,
    GO,
    RUST,
    JAVA,
    C,
    CPP,
    CSHARP,
    RUBY,
    PHP,
    BASH,
    LUA,
    KOTLIN,
    SCALA,
    HTML,
    CSS,
    JSON,
    YAML,
    TOML,
    MARKDOWN,
)
