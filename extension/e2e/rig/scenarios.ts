/** Scenarios one after the other, each with its name and its seconds; a failure stops no other. */

export interface Scenario {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** Run them in order, each once, also behind one that failed; return the names of those. */
export async function runAll(suite: string, scenarios: readonly Scenario[]): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of scenarios) {
    const begun = performance.now();
    try {
      await run();
      console.log(`  ok    ${suite}: ${name} (${seconds(begun)})`);
    } catch (error) {
      failed.push(`${suite}: ${name}`);
      console.log(`  FAIL  ${suite}: ${name} (${seconds(begun)})\n${describe(error)}`);
    }
  }
  return failed;
}

function seconds(begun: number): string {
  return `${((performance.now() - begun) / 1000).toFixed(1)} s`;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
