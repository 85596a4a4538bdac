import assert from "node:assert/strict";
import { test } from "node:test";
import { CrashPolicy } from "../../src/server/crashes.ts";

const MINUTE_MS = 60_000;

test("F13: five restarts within three minutes are forgiven, the sixth is not", () => {
  let now = 0;
  const policy = new CrashPolicy(() => now);
  const answers = [1, 2, 3, 4, 5, 6].map((second) => {
    now = second * 1000;
    return policy.mayRestart();
  });

  assert.deepEqual(answers, [true, true, true, true, true, false]);
});

test("restarts of more than three minutes ago are forgotten, one by one", () => {
  let now = 0;
  const policy = new CrashPolicy(() => now);
  for (now = 0; now < 5 * MINUTE_MS; now += MINUTE_MS / 2 + 6_001) {
    assert.ok(policy.mayRestart(), `at ${now} ms`);
  }
});

test("a server that dies once a minute is restarted for ever", () => {
  let now = 0;
  const policy = new CrashPolicy(() => now);
  for (let minute = 0; minute < 100; minute += 1) {
    now = minute * MINUTE_MS;
    assert.ok(policy.mayRestart());
  }
});

test("restarting by hand forgets them all", () => {
  const policy = new CrashPolicy(() => 0);
  while (policy.mayRestart()) {
    // Until there are no more.
  }
  policy.reset();

  assert.ok(policy.mayRestart());
});
