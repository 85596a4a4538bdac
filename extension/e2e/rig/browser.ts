/** The editor's page: what a user sees and types, and when it was seen. */

import fs from "node:fs";
import path from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import type { CodeServer } from "./codeServer.ts";
import { ARTEFACTS } from "./places.ts";

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const LONGEST_MS = 60_000;
const GHOST = ".ghost-text-decoration, .ghost-text-decoration-preview, .suggest-preview-text";
const STATUS = '[id="fimble.fimble.fimble.status"]';

/** Start the browser that the system has. */
export async function launch(): Promise<Browser> {
  const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(fs.existsSync);
  if (executablePath === undefined) {
    throw new Error("there is no chromium; e2e/run.sh installs it");
  }
  return await chromium.launch({ executablePath, args: ARGUMENTS });
}

/** One window. */
export class Editor {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(LONGEST_MS);
  }

  /** Open a window, with a file if one is named. */
  static async open(browser: Browser, server: CodeServer, file?: string): Promise<Editor> {
    const page = await browser.newPage({ viewport: { width: 1200, height: 700 } });
    const editor = new Editor(page);
    await page.goto(server.page(file === undefined ? [] : [["openFile", server.remote(file)]]));
    if (file !== undefined) {
      await page.waitForSelector(".monaco-editor .view-line");
    }
    return editor;
  }

  /** Wait until the status bar says so: "Fimble: ready". */
  async status(word: string, longestMs = LONGEST_MS): Promise<void> {
    const item = `${STATUS} [aria-label^="Fimble: ${word}"], ${STATUS}[aria-label^="Fimble: ${word}"]`;
    await this.page.waitForSelector(item, { timeout: longestMs }).catch(async (error) => {
      const there = await this.page
        .locator(STATUS)
        .evaluateAll((all) => all.map((one) => one.outerHTML));
      await this.picture("failed-status");
      throw new Error(`the status is not "${word}" but ${there.join("\n")}`, { cause: error });
    });
  }

  /** Do something that starts a server, and wait until that one is ready: "ready" may be old. */
  async untilStartedBy(act: () => Promise<unknown>, then = "ready"): Promise<void> {
    await this.page.evaluate((selector) => {
      const watched = window as unknown as StatusWatch;
      watched.statusObserver?.disconnect();
      watched.statusWords = [];
      watched.statusObserver = new MutationObserver(() => {
        const word = document.querySelector(selector)?.getAttribute("aria-label") ?? "";
        if (watched.statusWords.at(-1) !== word) {
          watched.statusWords.push(word);
        }
      });
      watched.statusObserver.observe(document.body, {
        subtree: true,
        childList: true,
        attributes: true,
        attributeFilter: ["aria-label"],
      });
    }, STATUS);
    await act();
    await this.page.waitForFunction((wanted) => {
      const words = (window as unknown as StatusWatch).statusWords;
      const started = words.lastIndexOf("Fimble: starting");
      return started >= 0 && words.lastIndexOf(wanted) > started;
    }, `Fimble: ${then}`);
  }

  /** Open a file of the remote by its full path, and put the cursor behind its text. */
  async openFile(file: string): Promise<void> {
    await this.page.keyboard.press("Control+p");
    const input = this.page.locator(".quick-input-widget input");
    await input.waitFor();
    await input.fill(file);
    const name = path.basename(file);
    await this.page
      .locator(".quick-input-list .monaco-list-row.focused", { hasText: name })
      .waitFor();
    await this.page.keyboard.press("Enter");
    const group = this.page.locator(".editor-group-container.active");
    await group.locator(".tab.active", { hasText: name }).waitFor();
    await group.locator(".editor-instance .view-line").first().waitFor();
    await this.end();
  }

  /** Put the cursor behind the whole text. */
  async end(): Promise<void> {
    await this.page.locator(".editor-group-container.active .view-lines").first().click();
    await this.page.keyboard.press("Control+End");
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) {
      await this.page.keyboard.press(key);
    }
  }

  /** The ghost text on show; empty when there is none. */
  async ghost(): Promise<string> {
    return await this.page.evaluate(ghostOnShow, GHOST);
  }

  /** Wait for ghost text that holds these characters. */
  async ghostWith(part: string): Promise<string> {
    await this.page
      .waitForFunction(
        ([selector, wanted]) => {
          const parts = [...document.querySelectorAll(selector ?? "")];
          const text = parts.map((element) => element.textContent ?? "").join("");
          return text.replaceAll("\u00a0", " ").includes(wanted ?? "");
        },
        [GHOST, part],
      )
      .catch(async (error) => {
        await this.picture("failed-ghost");
        throw new Error(`no ghost text with "${part}", but "${await this.ghost()}"`, {
          cause: error,
        });
      });
    return await this.ghost();
  }

  /** Wait until no ghost text is on show. */
  async noGhost(): Promise<void> {
    await this.page.waitForFunction((selector) => document.querySelector(selector) === null, GHOST);
  }

  /** Begin to note when ghost text comes and goes. */
  async watchGhost(): Promise<void> {
    await this.page.evaluate((selector) => {
      const watched = window as unknown as GhostWatch;
      watched.ghostObserver?.disconnect();
      watched.ghostTimes = [];
      let shown = document.querySelector(selector) !== null;
      watched.ghostObserver = new MutationObserver(() => {
        const now = document.querySelector(selector) !== null;
        if (now !== shown) {
          shown = now;
          watched.ghostTimes.push({ shown, at: performance.timeOrigin + performance.now() });
        }
      });
      watched.ghostObserver.observe(document.body, { childList: true, subtree: true });
    }, GHOST);
  }

  /** What was noted since `watchGhost`: in milliseconds of the system's wall clock. */
  async ghostTimes(): Promise<GhostTime[]> {
    return await this.page.evaluate(() => (window as unknown as GhostWatch).ghostTimes);
  }

  /** Run a command of the palette by its title. */
  async command(title: string): Promise<void> {
    await this.page.keyboard.press("F1");
    const input = this.page.locator(".quick-input-widget input");
    await input.waitFor();
    await input.fill(`>${title}`);
    await this.page
      .locator(".quick-input-list .monaco-list-row.focused", { hasText: title })
      .waitFor();
    await this.page.keyboard.press("Enter");
  }

  /** Type an answer into the input that is open. */
  async answer(text: string): Promise<void> {
    const input = this.page.locator(".quick-input-widget input");
    await input.waitFor();
    await input.fill(text);
    await this.page.keyboard.press("Enter");
  }

  /** Choose from the list that is open. */
  async pick(text: string): Promise<void> {
    await this.page
      .locator(".quick-input-list .monaco-list-row", { hasText: text })
      .first()
      .click();
  }

  /** Wait until the terminal shows a text. */
  async terminalSays(text: string): Promise<void> {
    await this.page.waitForFunction((wanted) => {
      const rows = [...document.querySelectorAll(".terminal-wrapper.active .xterm-rows > div")];
      const shown = rows.map((row) => row.textContent ?? "").join("\n");
      return shown.replaceAll("\u00a0", " ").includes(wanted);
    }, text);
  }

  /** Wait for a notification with this text. */
  async notification(text: string): Promise<void> {
    await this.page.locator(".notification-toast", { hasText: text }).first().waitFor();
  }

  /** Keep a picture of the text alone, as the marketplace shows it. */
  async pictureOfText(name: string): Promise<void> {
    const clip = { x: 352, y: 36, width: 640, height: 320 };
    await this.page.screenshot({ path: path.join(ARTEFACTS, `${name}.png`), clip });
  }

  /** Keep a picture for whoever looks. */
  async picture(name: string): Promise<void> {
    await this.page.screenshot({ path: path.join(ARTEFACTS, `${name}.png`) });
  }

  async close(): Promise<void> {
    await this.page.close();
  }
}

export interface GhostTime {
  readonly shown: boolean;
  readonly at: number;
}

interface StatusWatch {
  statusObserver?: MutationObserver;
  statusWords: string[];
}

interface GhostWatch {
  ghostObserver?: MutationObserver;
  ghostTimes: GhostTime[];
}

function ghostOnShow(selector: string): string {
  const parts = [...document.querySelectorAll(selector)];
  return parts
    .map((element) => element.textContent ?? "")
    .join("")
    .replaceAll("\u00a0", " ");
}
