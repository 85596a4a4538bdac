import assert from "node:assert/strict";
import { test } from "node:test";
import { sizeOf } from "../../src/status/loading.ts";
import { type Knowledge, present } from "../../src/status/presentation.ts";
import { readReport, type ServerState, STATES } from "../../src/status/report.ts";
import { english } from "./english.ts";

function knowing(state: ServerState, more: Partial<Knowledge> = {}): Knowledge {
  return {
    server: "running",
    report: { state, engine: "ollama", model: "qwen3.6:27b", message: "", bytes: 0 },
    otherVersion: "",
    ownVersion: "0.1.0",
    thinking: false,
    loading: undefined,
    disabled: undefined,
    ...more,
  };
}

const label = (known: Knowledge): string => present(known, english).label;

for (const state of STATES) {
  test(`the label always says the state: ${state}`, () => {
    assert.equal(label(knowing(state)), `Fimble: ${state}`);
  });
}

test("what stands in the way is shown before what the server reports", () => {
  assert.equal(label(knowing("ready", { server: "missing" })), "Fimble: not installed");
  assert.equal(label(knowing("ready", { server: "stopped" })), "Fimble: stopped");
  assert.equal(label(knowing("ready", { server: "starting" })), "Fimble: starting");
  assert.equal(label(knowing("ready", { otherVersion: "0.2.0" })), "Fimble: version mismatch");
});

test("a running server that has not reported yet is starting", () => {
  assert.equal(label({ ...knowing("ready"), report: undefined }), "Fimble: starting");
});

test("thinking is shown while somebody can answer, and hides no trouble", () => {
  const thinking = { thinking: true };

  assert.equal(label(knowing("ready", thinking)), "Fimble: thinking");
  assert.equal(label(knowing("embedded", thinking)), "Fimble: thinking");
  assert.equal(label(knowing("offline", thinking)), "Fimble: offline");
  assert.equal(label(knowing("failing", thinking)), "Fimble: failing");
});

test("a load shows its size, and how far it is where a load was seen before", () => {
  const loading = { bytes: 17_411_000_000, elapsedMs: 12_400, lastMs: undefined };
  const first = present(knowing("loading", { loading }), english);
  const next = present(knowing("loading", { loading: { ...loading, lastMs: 31_000 } }), english);
  const longer = { ...loading, lastMs: 5_000 };

  assert.equal(first.word, "loading 17 GB");
  assert.ok(first.sentences.includes("Loading for 12 s."));
  assert.equal(next.word, "loading 17 GB, 40 %");
  assert.ok(next.sentences.includes("Loading for 12 s; last time it took 31 s."));
  assert.equal(label(knowing("loading", { loading: longer })), "Fimble: loading 17 GB, 99 %");
});

test("a size is said in two digits", () => {
  assert.deepEqual([0, 4_700_000, 1_240_000_000, 9_960_000_000].map(sizeOf), [
    "",
    "4.7 MB",
    "1.2 GB",
    "10 GB",
  ]);
});

test("both versions are named when they differ", () => {
  const [first] = present(knowing("ready", { otherVersion: "0.2.0" }), english).sentences;

  assert.match(first ?? "", /0\.2\.0.*0\.1\.0/);
});

test("the server's own sentence is shown, and who stands in for the model", () => {
  const report = {
    state: "offline",
    engine: "embedded",
    model: "m",
    message: "Start it.",
    bytes: 0,
  } as const;
  const { sentences } = present(knowing("offline", { report }), english);

  assert.deepEqual(sentences, [
    "Start it.",
    "Until then suggestions come from your workspace's own text.",
    "Model: m",
  ]);
});

test("switched off is said, for the language or everywhere, unless something fails", () => {
  assert.equal(label(knowing("ready", { disabled: "language" })), "Fimble: off");
  assert.equal(label(knowing("failing", { disabled: "everywhere" })), "Fimble: failing");
});

test("ready says so by its icon alone", () => {
  assert.equal(present(knowing("ready"), english).word, "");
  assert.equal(present(knowing("offline"), english).word, "offline");
});

test("a report that cannot be read is shown as failing, and never raises", () => {
  for (const params of [undefined, null, 3, [], {}, { state: "new", model: 7 }]) {
    const nothing = { state: "failing", engine: "", model: "", message: "", bytes: 0 };
    assert.deepEqual(readReport(params), nothing);
  }
});
