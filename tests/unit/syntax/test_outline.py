"""What a document defines, for every language: kind, container, name; signature; documentation."""

import pytest

from fimble.syntax.imports import imports
from fimble.syntax.languages import languages
from fimble.syntax.outline import listing, outline
from fimble.text.position import Position, Range
from support.parsed_source import parsed

CASES: dict[str, tuple[str, list[str]]] = {
    "python": (
        '''\
class A(B):
    """About A.

    More.
    """

    X: int = 1

    @property
    def f(self, a=f"x{a}") -> int:  # why
        """About f."""
        local = 1
        def inner(): pass

async def g(
    a,
    b,
) -> None: ...

a.b = c, d = 1
if T:
    W = 1
''',
        [
            "class A | class A(B) | About A.",
            "field A.X | X: int = 1",
            'method A.f | def f(self, a=f"x{a}") -> int | About f.',
            "function g | async def g( a, b, ) -> None",
            "variable W | W = 1",
        ],
    ),
    "typescript": (
        """\
/**
 * About A.
 * @param x nothing
 */
@Dec()
export class A<T> extends B {
  private x: number = 1;
  /** About m. */
  async m(): Promise<void> { const local = 1; }
  handler = () => { };
}
interface I { a: string; m(): void }
type U = { a: string };
enum E { A, B }
namespace N { export function f() {} }
export const arrow = (a) => { return a; };
const { x, y } = z;
declare function d(a: string): void;
""",
        [
            "class A | export class A<T> extends B | About A.",
            "field A.x | private x: number = 1",
            "method A.m | async m(): Promise<void> | About m.",
            "method A.handler | handler = () =>",
            "interface I | interface I",
            "field I.a | a: string",
            "method I.m | m(): void",
            "type U | type U = { a: string }",
            "enum E | enum E",
            "namespace N | namespace N",
            "function N.f | function f()",
            "function arrow | export const arrow = (a) =>",
            "function d | declare function d(a: string): void",
        ],
    ),
    "tsx": (
        """\
// About A.
export const A = (p: P) => <b>{p.c}</b>;
const n = 1;
""",
        [
            "function A | export const A = (p: P) => | About A.",
            "constant n | const n = 1",
        ],
    ),
    "javascript": (
        """\
class A {
  #p = 1;
  get z() { return 1; }
}
function* gen() { }
var o = { m() { } };
""",
        [
            "class A | class A",
            "field A.#p | #p = 1",
            "method A.z | get z()",
            "function gen | function* gen()",
            "constant o | var o = { m() { } }",
        ],
    ),
    "go": (
        """\
package m

// F is about f.
func F(a int) (int, error) { }
func (r *R) M() {}
type T struct { A int }
type I interface { M() }
const (
	C = 1
)
var V = `raw`
""",
        [
            "function F | func F(a int) (int, error) | F is about f.",
            "method R.M | func (r *R) M()",
            "struct T | type T struct",
            "field T.A | A int",
            "interface I | type I",
            "method I.M | M()",
            "constant C | C = 1",
            "variable V | var V = `raw`",
        ],
    ),
    "rust": (
        """\
/// About S.
#[derive(Debug)]
pub struct S {
    a: i32,
}
enum E { A }
trait T { fn f(&self); }
impl T for S {
    // Plain.
    fn f(&self) { }
}
mod n { const X: i32 = 1; }
mod elsewhere;
macro_rules! mm { () => {} }
""",
        [
            "struct S | pub struct S | About S.",
            "field S.a | a: i32",
            "enum E | enum E",
            "trait T | trait T",
            "method T.f | fn f(&self)",
            "implementation S | impl T for S",
            "method S.f | fn f(&self) | Plain.",
            "namespace n | mod n",
            "constant n.X | const X: i32 = 1",
            "macro mm | macro_rules! mm { () => {} }",
        ],
    ),
    "java": (
        """\
/** About A. */
@X
public class A extends B {
  int f = 1;
  A() { }
  /** d */
  @Override
  public void m(int a) throws E { }
}
enum E { A, B; void f() {} }
record R(int a) { }
interface I { void m(); }
""",
        [
            "class A | public class A extends B | About A.",
            "field A.f | int f = 1",
            "method A.A | A()",
            "method A.m | public void m(int a) throws E | d",
            "enum E | enum E",
            "method E.f | void f()",
            "class R | record R(int a)",
            "interface I | interface I",
            "method I.m | void m()",
        ],
    ),
    "c": (
        """\
#define X 1
/* About S. */
struct S { int a; };
typedef struct { int b; } T;
int g;
/**
 * About f.
 */
static int *f(int a, char *b) { int local; }
int proto(void);
struct S *use(struct S *s) { }
#ifdef Q
int h() { }
#endif
""",
        [
            "macro X | #define X 1",
            "struct S | struct S | About S.",
            "field S.a | int a",
            "type T | typedef struct",
            "field T.b | int b",
            "variable g | int g",
            "function f | static int *f(int a, char *b) | About f.",
            "function proto | int proto(void)",
            "function use | struct S *use(struct S *s)",
            "function h | int h()",
        ],
    ),
    "cpp": (
        """\
namespace N {
/// About A.
template <typename T>
class A : public B {
public:
  A() : x(1) { }
  ~A();
  int& r() { }
  int x;
};
}
void A::m() { }
using X = int;
""",
        [
            "namespace N | namespace N",
            "class N.A | class A : public B | About A.",
            "method N.A.A | A() : x(1)",
            "method N.A.~A | ~A()",
            "method N.A.r | int& r()",
            "field N.A.x | int x",
            "function A::m | void A::m()",
            "type X | using X = int",
        ],
    ),
    "csharp": (
        """\
namespace N {
/// <summary>About C.</summary>
[X]
public class C : D {
  int f = 1;
  public int P { get; set; }
  void M(int a) { }
}
struct S { }
interface I { void M(); }
record R(int A) { }
}
""",
        [
            "namespace N | namespace N",
            "class N.C | public class C : D | About C.",
            "field N.C.f | int f = 1",
            "field N.C.P | public int P",
            "method N.C.M | void M(int a)",
            "struct N.S | struct S",
            "interface N.I | interface I",
            "method N.I.M | void M()",
            "class N.R | record R(int A)",
        ],
    ),
    "ruby": (
        """\
module M
  # About A.
  class A < B
    X = 1
    y = 2
    def f(a)
      1
    end
    def self.g; end
  end
end
""",
        [
            "namespace M | module M",
            "class M.A | class A < B | About A.",
            "constant M.A.X | X = 1",
            "method M.A.f | def f(a)",
            "method M.A.g | def self.g",
        ],
    ),
    "php": (
        """\
<p>html</p>
<?php
/** About A. */
class A extends B { const X = 1; public int $p = 1;
  public function m(int $a): int { } }
interface I { function m(); }
enum E: int { case A = 1; }
function f() { }
""",
        [
            "class A | class A extends B | About A.",
            "constant A.X | const X = 1",
            "field A.$p | public int $p = 1",
            "method A.m | public function m(int $a): int",
            "interface I | interface I",
            "method I.m | function m()",
            "enum E | enum E: int",
            "constant E.A | case A = 1",
            "function f | function f()",
        ],
    ),
    "bash": (
        """\
X=1
# About f.
f() {
  local y=1
}
function g { z; }
""",
        [
            "variable X | X=1",
            "function f | f() | About f.",
            "function g | function g",
        ],
    ),
    "lua": (
        """\
-- About a.
local a = 1
local function f(a) end
function M.g() end
function M:h() end
M.k = function() return 1 end
M.z = 3
""",
        [
            "variable a | local a = 1 | About a.",
            "function f | local function f(a)",
            "function M.g | function M.g()",
            "function M:h | function M:h()",
            "function M.k | M.k = function()",
        ],
    ),
    "kotlin": (
        """\
/** About A. */
@Ann
class A(val x: Int) : B() {
  val p: Int = 1
  fun m(a: Int): Int {
    return 1
  }
  companion object {
    fun z() {}
  }
}
interface I {
  fun m()
}
object O { }
enum class E { A, B }
fun String.ext() = 1
""",
        [
            "class A | class A(val x: Int) : B() | About A.",
            "field A.p | val p: Int = 1",
            "method A.m | fun m(a: Int): Int",
            "method A.z | fun z()",
            "interface I | interface I",
            "method I.m | fun m()",
            "class O | object O",
            "enum E | enum class E",
            "function ext | fun String.ext()",
        ],
    ),
    "scala": (
        """\
/** About A. */
class A(x: Int) extends B {
  val p: Int = 1
  def m(a: Int): Int = { 1 }
}
trait T { def m(): Unit }
case class D(a: Int)
object O:
  def z = 1
""",
        [
            "class A | class A(x: Int) extends B | About A.",
            "field A.p | val p: Int = 1",
            "method A.m | def m(a: Int): Int",
            "trait T | trait T",
            "method T.m | def m(): Unit",
            "class D | case class D(a: Int)",
            "class O | object O",
            "method O.z | def z",
        ],
    ),
    "html": (
        """\
<!-- About it. -->
<body>
<div id="x">text
</div>
</body>
""",
        [
            "element body | <body> | About it.",
            'element body.div | <div id="x">',
        ],
    ),
    "css": (
        """\
@media print { .a { b: c } }
/* About b. */
#b > a:hover, c { d: e; }
""",
        [
            "rule print | @media print",
            "rule print..a | .a",
            "rule #b > a:hover, c | #b > a:hover, c | About b.",
        ],
    ),
    "json": (
        """\
{"a": {"b": [{"x": 1}]},
 "c": null}
""",
        [
            'key a | "a"',
            'key a.b | "b"',
            'key c | "c"',
        ],
    ),
    "yaml": (
        """\
# About a.
a:
  b: x
  c:
    - d: 1
s: 1
""",
        [
            "key a | a | About a.",
            "key a.b | b",
            "key a.c | c",
            "key s | s",
        ],
    ),
    "toml": (
        """\
# About a.
a = 'x'
[t]
k = 1
[[arr]]
z = 1
""",
        [
            "key a | a = 'x' | About a.",
            "section t | [t]",
            "key t.k | k = 1",
            "section arr | [[arr]]",
            "key arr.z | z = 1",
        ],
    ),
    "markdown": (
        """\
# Title
text
## Sub
```c
# no heading
```
""",
        [
            "section Title | # Title",
            "section Title.Sub | ## Sub",
        ],
    ),
}


def check(language: str, source: str, expected: list[str]):
    found = [
        " | ".join(
            part
            for part in (
                f"{symbol.kind} {symbol.container}{'.' * bool(symbol.container)}{symbol.name}",
                symbol.signature,
                symbol.doc,
            )
            if part
        )
        for symbol in outline(parsed(language, source))
    ]

    assert expected == found


@pytest.mark.parametrize("language", CASES)
def test_the_outline(language: str):
    check(language, *CASES[language])


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("language", CASES)
def test_the_listing_is_the_outline_by_lines(language: str, ending: str):
    tree = parsed(language, CASES[language][0].replace("\n", ending))
    listed, imported = listing(tree)

    assert [(it.name, it.first_line, it.last_line, it[4:]) for it in listed] == [
        (it.name, it.range.start.line, it.range.end.line, (it.signature, it.doc, it.container))
        for it in outline(tree)
    ]
    assert tuple(imported) == imports(tree)


def test_every_language_has_a_case():
    assert {row.name for row in languages()} == CASES.keys()


def test_a_symbol_knows_its_place():
    symbol = outline(parsed("python", "é = 1\n\ndef f():\n    return '🙂'\n"))[1]

    assert symbol.range == Range(Position(2, 0), Position(3, 14))


@pytest.mark.parametrize(
    ("language", "source", "names"),
    [
        ("python", "def a(): pass\nx = (\ndef b(): pass\n", {"a", "b"}),
        ("typescript", "class A { m() { if (x { } }\nfunction b() { }\n", {"b"}),
        ("go", "package m\nfunc a() { x := \n}\nfunc b() { }\n", {"a", "b"}),
    ],
)
def test_broken_code_keeps_what_still_parses(language: str, source: str, names: set[str]):
    found = {symbol.name for symbol in outline(parsed(language, source))}

    assert names <= found


def test_a_comment_behind_code_documents_nothing():
    check("c", "int a; /* about a */\nint b;\n", ["variable a | int a", "variable b | int b"])


def test_a_long_header_is_cut():
    source = f"def f({', '.join(f'parameter_{n}' for n in range(200))}): ...\n"

    assert len(outline(parsed("python", source))[0].signature) == 240
