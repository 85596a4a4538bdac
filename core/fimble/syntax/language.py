"""What Fimble knows about one language: values only, filled in by the rows of the registry.

Everything that differs between languages is data here; the walks over trees (`outline`, `scopes`,
`imports`, `blocks`, `cursor`) are the same for all of them and know no language by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class SymbolKind(StrEnum):
    """What a definition defines; the words are ours, editors' numbers are made at the border."""

    NAMESPACE = "namespace"
    CLASS = "class"
    INTERFACE = "interface"
    STRUCT = "struct"
    ENUM = "enum"
    TRAIT = "trait"
    IMPLEMENTATION = "implementation"
    FUNCTION = "function"
    METHOD = "method"
    FIELD = "field"
    CONSTANT = "constant"
    VARIABLE = "variable"
    TYPE = "type"
    MACRO = "macro"
    SECTION = "section"
    KEY = "key"
    RULE = "rule"
    ELEMENT = "element"


class ImportStyle(StrEnum):
    """How an import node is read; one reader for each in `import_readers`."""

    MODULES = "modules"
    """The node lists modules, each perhaps renamed: Python's `import a, b as c`."""
    FROM = "from"
    """A module and names out of it: Python's `from a import b as c`."""
    ECMASCRIPT = "ecmascript"
    """`import a, { b as c } from "m"`, `import * as n from "m"`, `export … from "m"`."""
    PATH = "path"
    """One quoted or bracketed path, perhaps a local name before it: Go, C, CSS."""
    QUALIFIED = "qualified"
    """One dotted name whose last part is the imported name: Java, Kotlin."""
    USE_TREE = "use tree"
    """Rust's nested `use a::{b, c::d as e}`."""
    NAMESPACE = "namespace"
    """A whole namespace, perhaps renamed: C#, `using namespace` of C++."""
    PHP_USE = "php use"
    """`use A\\B`, `use A\\{B, C as D}`."""
    SELECTORS = "selectors"
    """Scala's `import a.b.{c, d => e}`."""
    CALL = "call"
    """A call of a loading function with a literal: Ruby, Lua, Bash, CommonJS, PHP's `require`."""
    ATTRIBUTE = "attribute"
    """A tag whose `src` or `href` loads another file: HTML."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """Where the compiled grammar is found; nothing is imported before it is needed."""

    module: str
    """The Python module of the grammar's wheel."""
    function: str = "language"
    """The function in it that returns the grammar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """How to read one node type that defines something.

    Paths are steps joined by "/"; a step is the name of a field or, where the node has no such
    field, the type of a child. A step that ends in "*" is followed as often as it leads further.
    """

    kind: SymbolKind
    name: tuple[str, ...] = ("name",)
    """Paths to the node whose text is the name; the first that exists counts."""
    body: tuple[str, ...] = ("body",)
    """Paths to the body; a definition without one is its own header."""
    header: tuple[str, ...] = ()
    """Paths to the header where it is a node of its own; else it is all text before the body."""
    scope: bool = True
    """Whether a cursor inside is "in" this definition."""
    symbol: bool = True
    """Whether the outline lists it."""
    container: bool = False
    """Whether the outline looks inside it for further definitions."""
    variants: Mapping[str, SymbolKind] = field(default_factory=dict[str, SymbolKind])
    """Paths that, where they lead somewhere, make it another kind: a constant that holds an arrow
    function is a function, and a scope if it has a body."""
    owner: tuple[str, ...] = ()
    """Paths to the type it belongs to though it stands elsewhere, such as Go's receiver."""
    needs: tuple[str, ...] = ()
    """Paths of which one must exist, such as the body of a C struct that is defined, not used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """How to read one node type that imports something."""

    style: ImportStyle
    callees: frozenset[str] = frozenset()
    """Names of loading functions (style CALL only)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeTypes:
    """The node types of a grammar that mean something to us."""

    comments: frozenset[str] = frozenset()
    strings: frozenset[str] = frozenset()
    """Literals whose inside is text; the innermost of strings and interpolations counts."""
    interpolations: frozenset[str] = frozenset()
    """Code inside strings."""
    open_ended: frozenset[str] = frozenset()
    """Nodes without a closing mark, whose end is still inside them: block scalars, sections."""
    opaque: frozenset[str] = frozenset()
    """Nodes whose inside the grammar leaves as it is, such as the text of a C macro."""
    definitions: Mapping[str, Definition] = field(default_factory=dict[str, Definition])
    imports: Mapping[str, Import] = field(default_factory=dict[str, Import])
    transparent: frozenset[str] = frozenset()
    """Nodes that definitions and imports are looked for in: bodies, wrappers, lists."""
    bodies: frozenset[str] = frozenset()
    """Blocks of statements, members or entries: a blank line directly inside wants one more."""
    decorations: frozenset[str] = frozenset()
    """Annotations and attributes that stand before a definition's first line."""
    signatures: frozenset[str] = frozenset()
    """Parameter lists: behind a name, they open a function that has no keyword."""
    keywords: Mapping[str, SymbolKind] = field(default_factory=dict[str, SymbolKind])
    """Tokens that open a definition, to find scopes where the code does not parse yet."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Language:
    """One row of the registry; equal only to itself, as there is one row per language."""

    name: str
    """Fimble's own name, also what people see."""
    lsp_ids: frozenset[str]
    """Language identifiers that editors send (LSP 3.18, "TextDocumentItem", and common others)."""
    suffixes: frozenset[str] = frozenset()
    """File name endings with their dot, in lower case."""
    filenames: frozenset[str] = frozenset()
    """Whole file names, in lower case."""
    interpreters: frozenset[str] = frozenset()
    """Programs that a first line beginning with "#!" names."""
    line_comment: str | None = None
    block_comment: tuple[str, str] | None = None
    quotes: tuple[str, ...] = ()
    """Marks that open and close a string within a line, longest first."""
    docstrings: bool = False
    """Whether documentation is the first string of a body instead of comments before it."""
    indent_blocks: bool = False
    """Whether indentation, not a closing mark, ends a block."""
    blank_line_blocks: bool = True
    """Whether a blank line between two parts of a body is a place for a further one."""
    block_header: str = r"[{]$"
    """Regular expression for a line, without its comment, that opens a block; linear by T17."""
    grammar: Grammar
    nodes: NodeTypes
