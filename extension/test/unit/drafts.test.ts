/** Which editors may be sent drafts, and which document a notification of one is about. */

import assert from "node:assert/strict";
import test from "node:test";
import { draftOf, exchangesDrafts } from "../../src/server/draftNotice.ts";

test("only editors that were seen to exchange a draft are sent one", () => {
  for (const version of ["1.139.0", "1.139.1-insider", "1.200.3", "2.0.0"]) {
    assert.ok(exchangesDrafts(version), version);
  }
  for (const version of ["1.91.0", "1.138.9", "0.200.0", "", "new"]) {
    assert.ok(!exchangesDrafts(version), version);
  }
});

test("a draft is of one version of one document", () => {
  const textDocument = { uri: "file:///a.py", version: 7 };

  assert.equal(draftOf({ textDocument }), "7 file:///a.py");
  assert.equal(draftOf({ textDocument: { ...textDocument, version: "7" } }), undefined);
  assert.equal(draftOf({}), undefined);
  assert.equal(draftOf(undefined), undefined);
});
