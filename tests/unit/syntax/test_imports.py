"""What a document imports, for every language that has imports: module, name, local name."""

import pytest

from fimble.syntax.imports import imports
from fimble.syntax.language import ImportStyle
from fimble.syntax.languages import languages
from fimble.text.position import Position, Range
from support.parsed_source import parsed

CASES: dict[str, tuple[str, list[tuple[str, str, str]]]] = {
    "python": (
        """\
from __future__ import annotations
import os, sys as s
from a.b import c as d, e
from . import x
from ..q import *
try:
    import z
except ImportError:
    z = None
def f():
    import local
""",
        [
            ("__future__", "annotations", "annotations"),
            ("os", "", "os"),
            ("sys", "", "s"),
            ("a.b", "c", "d"),
            ("a.b", "e", "e"),
            (".", "x", "x"),
            ("..q", "*", ""),
            ("z", "", "z"),
        ],
    ),
    "typescript": (
        """\
import a, { b as c, type D } from "x";
import * as ns from 'y';
import type { T } from "z";
import "side";
import fs = require("fs");
export * from "r";
export { m as n } from "s";
export const nothing = 1;
""",
        [
            ("x", "default", "a"),
            ("x", "b", "c"),
            ("x", "D", "D"),
            ("y", "*", "ns"),
            ("z", "T", "T"),
            ("side", "", "side"),
            ("fs", "", "fs"),
            ("r", "", "r"),
            ("s", "m", "n"),
        ],
    ),
    "tsx": ('import { A } from "./a";\n', [("./a", "A", "A")]),
    "javascript": (
        """\
const q = require("q");
var { a, b } = require('r');
require("side");
other("not");
""",
        [("q", "", "q"), ("r", "", "r"), ("side", "", "side")],
    ),
    "go": (
        """\
package main
import "fmt"
import (
	a "x/y"
	. "z"
	_ "side"
)
""",
        [("fmt", "", "fmt"), ("x/y", "", "a"), ("z", "*", ""), ("side", "", "_")],
    ),
    "rust": (
        """\
use std::io::{self, Read as R, x::{y, z::*}};
use a::b;
use c::*;
use d;
extern crate e;
mod n { use f::g; }
""",
        [
            ("std::io", "", "std::io"),
            ("std::io", "Read", "R"),
            ("std::io::x", "y", "y"),
            ("std::io::x::z", "*", ""),
            ("a", "b", "b"),
            ("c", "*", ""),
            ("", "d", "d"),
            ("e", "", "e"),
            ("f", "g", "g"),
        ],
    ),
    "java": (
        """\
package a.b;
import java.util.List;
import java.util.*;
import static a.b.C.d;
""",
        [("java.util", "List", "List"), ("java.util", "*", ""), ("a.b.C", "d", "d")],
    ),
    "c": (
        """\
#include <stdio.h>
#ifdef X
#include "dir/a.h"
#endif
""",
        [("stdio.h", "", "stdio.h"), ("dir/a.h", "", "dir/a.h")],
    ),
    "cpp": (
        """\
#include <vector>
using namespace std;
using std::string;
""",
        [("vector", "", "vector"), ("std", "*", ""), ("std", "string", "string")],
    ),
    "csharp": (
        """\
using System.Text;
using A = B.C;
using static D.E;
global using F;
""",
        [("System.Text", "*", ""), ("B.C", "", "A"), ("D.E", "*", ""), ("F", "*", "")],
    ),
    "ruby": (
        """\
require 'a'
require_relative "b/c"
puts "not"
module M
  require 'd'
end
""",
        [("a", "", "a"), ("b/c", "", "b/c"), ("d", "", "d")],
    ),
    "php": (
        """\
<?php
namespace A;
use C\\D;
use E\\{F, G as H};
use function I\\j;
require_once 'x.php';
include "y.php";
echo "not";
""",
        [
            ("C", "D", "D"),
            ("E", "F", "F"),
            ("E", "G", "H"),
            ("I", "j", "j"),
            ("x.php", "", "x.php"),
            ("y.php", "", "y.php"),
        ],
    ),
    "bash": (
        """\
source a.sh
. "lib/b.sh"
echo not
""",
        [("a.sh", "", "a.sh"), ("lib/b.sh", "", "lib/b.sh")],
    ),
    "lua": (
        """\
local a = require("b.c")
require "d"
e = require 'f'
print("not")
""",
        [("b.c", "", "a"), ("d", "", "d"), ("f", "", "e")],
    ),
    "kotlin": (
        """\
package a.b
import c.d.E
import f.g.*
import h.i as j
""",
        [("c.d", "E", "E"), ("f.g", "*", ""), ("h", "i", "j")],
    ),
    "scala": (
        """\
import c.d.E
import f.g._
import h.{i, j => k, _}
""",
        [("c.d", "E", "E"), ("f.g", "*", ""), ("h", "i", "i"), ("h", "j", "k"), ("h", "*", "")],
    ),
    "html": (
        """\
<html><head><script src="a.js"></script><link rel="x" href='b.css'></head>
<body><img src="not.png"><a href="not">x</a></body></html>
""",
        [("a.js", "", "a.js"), ("b.css", "", "b.css")],
    ),
    "css": (
        """\
@import "a.css";
@import url(b.css);
@import url("c.css") print;
""",
        [("a.css", "", "a.css"), ("b.css", "", "b.css"), ("c.css", "", "c.css")],
    ),
}


def check(language: str, source: str, expected: list[tuple[str, str, str]]):
    found = [(each.module, each.name, each.local) for each in imports(parsed(language, source))]

    assert expected == found


@pytest.mark.parametrize("language", CASES)
def test_the_imports(language: str):
    check(language, *CASES[language])


def test_every_language_with_imports_has_a_case():
    assert {row.name for row in languages() if row.nodes.imports} == CASES.keys()


def test_languages_without_imports_have_none():
    for row in languages():
        if not row.nodes.imports:
            check(row.name, "a\n", [])


def test_every_style_is_used_by_some_language():
    used = {rule.style for row in languages() for rule in row.nodes.imports.values()}

    assert used == set(ImportStyle)


def test_an_import_knows_its_place():
    found = imports(parsed("python", "é = 1\nfrom a import (\n    b,\n)\n"))

    assert [each.range for each in found] == [Range(Position(1, 0), Position(3, 1))]


@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("python", "import\n"),
        ("python", "from a import\n"),
        ("typescript", "import {"),
        ("rust", "use a::{b, "),
        ("java", "import ;"),
        ("c", "#include\n"),
        ("scala", "import a.{"),
        ("php", "<?php use ;"),
        ("css", "@import ;"),
        ("go", "import ("),
    ],
)
def test_an_import_that_is_being_typed_harms_nothing(language: str, source: str):
    imports(parsed(language, source))
