import assert from "node:assert/strict";
import { test } from "node:test";
import { mention, selectedLines } from "../../src/commands/mention.ts";

const at = (line: number, character: number) => ({ line, character });

test("a cursor without a selection mentions the file", () => {
  assert.equal(selectedLines(at(3, 4), at(3, 4)), undefined);
  assert.equal(mention({ file: "src/shop.py", lines: undefined }), "@src/shop.py");
});

test("lines count from 1 and both ends are included", () => {
  const lines = selectedLines(at(9, 2), at(11, 5));

  assert.equal(mention({ file: "src/shop.py", lines }), "@src/shop.py:10-12");
});

test("a selection that ends at the start of a line does not include that line", () => {
  assert.deepEqual(selectedLines(at(0, 0), at(3, 0)), { first: 1, last: 3 });
});

test("a single line is named once", () => {
  const lines = selectedLines(at(4, 1), at(4, 8));

  assert.equal(mention({ file: "a.py", lines }), "@a.py:5");
});

test("a name with white space or signs stands in quotes", () => {
  assert.equal(mention({ file: "my file.py", lines: { first: 1, last: 2 } }), '@"my file.py":1-2');
  assert.equal(mention({ file: "über.py", lines: undefined }), '@"über.py"');
});

test("a name that no quotes can hold is not mentioned: a line end would send the message", () => {
  assert.equal(mention({ file: 'a"b.py', lines: undefined }), "");
  assert.equal(mention({ file: "a\nb.py", lines: undefined }), "");
});
