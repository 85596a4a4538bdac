/** Runs e2e/suite inside the extension host and tells what it found. */

import fs from "node:fs";
import path from "node:path";
import type { Browser } from "playwright-core";
import type { CodeServer } from "./rig/codeServer.ts";
import { EXTENSION } from "./rig/places.ts";
import type { Scenario } from "./rig/scenarios.ts";

const LONGEST_MS = 180_000;

/** The one scenario: the page loads the unpacked folder and runs the suite, as VS Code's own tests do. */
export function inside(browser: Browser, server: CodeServer, report: string): Scenario[] {
  return [
    {
      name: "the suite in the extension host",
      run: async () => {
        const page = await browser.newPage();
        const output: string[] = [];
        const { promise, resolve, reject } = Promise.withResolvers<number>();
        const limit = setTimeout(() => reject(new Error("the suite did not end")), LONGEST_MS);
        await page.exposeFunction("codeAutomationLog", (type: string, args: unknown[]) => {
          output.push(`${type}: ${args.join(" ")}`);
        });
        await page.exposeFunction("codeAutomationExit", (code: number) => resolve(code));
        await page.goto(
          server.page([
            ["extensionDevelopmentPath", server.remote(EXTENSION)],
            ["extensionTestsPath", server.remote(path.join(EXTENSION, "out/suite.cjs"))],
            ["skipWelcome", "true"],
          ]),
        );
        const code = await promise.finally(() => {
          clearTimeout(limit);
          if (fs.existsSync(report)) {
            process.stdout.write(fs.readFileSync(report, "utf8"));
          }
        });
        await page.close();
        if (code !== 0) {
          throw new Error(`the suite ended with ${code}\n${output.join("\n").slice(-4000)}`);
        }
      },
    },
  ];
}
