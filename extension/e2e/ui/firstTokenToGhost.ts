/**
 * How long after the model's first token its ghost text is on show.
 *
 * The stub's clock is the system's monotonic one, which is Node's `process.hrtime` too. The page
 * tells wall-clock times; one reading of both clocks in this process joins them.
 */

import { writeFileSync } from "node:fs";
import path from "node:path";
import type { Editor } from "../rig/browser.ts";
import { ARTEFACTS } from "../rig/places.ts";
import { until } from "../rig/processes.ts";
import type { Stub } from "../rig/stub.ts";

const ROUNDS = 15;

/** Type and take back a character again and again; print and keep the figures. */
export async function measureFirstTokenToGhost(editor: Editor, stub: Stub): Promise<void> {
  const delays: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    delays.push(await oneRound(editor, stub, round));
  }
  delays.sort((one, other) => one - other);
  const figures = {
    unit: "ms from the stub's first token to ghost text in the page",
    rounds: ROUNDS,
    median: rounded(delays, 0.5),
    p90: rounded(delays, 0.9),
    all: delays.map(Math.round),
  };
  writeFileSync(
    path.join(ARTEFACTS, "first-token-to-ghost.json"),
    JSON.stringify(figures, null, 2),
  );
  console.log(
    `        first token to ghost text: median ${figures.median} ms, p90 ${figures.p90} ms`,
  );
}

/** A new line with a new beginning: nothing that was suggested before fits it. */
async function oneRound(editor: Editor, stub: Stub, round: number): Promise<number> {
  const before = (await stub.generations()).length;
  // Behind a comment that differs each time the same call is begun again.
  await editor.press("Escape", "End", "Enter");
  await editor.type(`# ${round}`);
  await editor.press("Enter", "Escape");
  await editor.type("price = self.pri");
  await editor.noGhost();
  await editor.watchGhost();
  await editor.type("c");
  await editor.ghostWith("e_of(name)");
  const shown = await until("the moment it was shown", async () =>
    (await editor.ghostTimes()).find((time) => time.shown),
  );
  const request = (await stub.generations()).slice(before).findLast((one) => one.first_token_at);
  if (request?.first_token_at === undefined || request.first_token_at === null) {
    throw new Error("the ghost text came without a request");
  }
  return monotonicMs(shown.at) - request.first_token_at * 1000;
}

function monotonicMs(wallClockMs: number): number {
  const wallNow = performance.timeOrigin + performance.now();
  const monotonicNow = Number(process.hrtime.bigint()) / 1e6;
  return wallClockMs - wallNow + monotonicNow;
}

function rounded(sorted: readonly number[], share: number): number {
  return Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN);
}
