/** The server's life in one window: found, started, watched, started again, stopped. */

import * as vscode from "vscode";
import { type LanguageClient, State } from "vscode-languageclient/node";
import type { FimbleCommand } from "../commands/cli.ts";
import { declaredKeys } from "../settings/declared.ts";
import { explicitSettings } from "../settings/explicit.ts";
import { type Report, readReport, STATUS_METHOD } from "../status/report.ts";
import { createClient } from "./client.ts";
import { CrashPolicy } from "./crashes.ts";
import { DraftFollower } from "./drafts.ts";
import { locateServer } from "./locate.ts";
import { surroundings } from "./surroundings.ts";

/** What the session tells; the status bar and the commands listen. */
export interface SessionEvents {
  readonly missing: (wrongSetting: string) => void;
  readonly starting: () => void;
  /** The server answered `initialize`; its version is empty where it does not say. */
  readonly running: (version: string) => void;
  readonly stopped: () => void;
  readonly gaveUp: () => void;
  readonly report: (report: Report) => void;
  readonly asking: (change: 1 | -1) => void;
  readonly abilitiesChanged: () => void;
}

/** Owns the language client; its operations happen one after the other. */
export class ServerSession implements vscode.Disposable {
  readonly #log: vscode.LogOutputChannel;
  readonly #events: SessionEvents;
  readonly #keys: readonly string[];
  readonly #crashes = new CrashPolicy(Date.now);
  readonly #subscriptions: vscode.Disposable[] = [];
  readonly #drafts = new DraftFollower((document) =>
    this.#client?.getFeature("textDocument/inlineCompletion")?.getProvider(document),
  );
  #client: LanguageClient | undefined;
  #file: string | undefined;
  /** Whether the workspace was trusted when the server was started. */
  #trusted = false;
  #returning = false;
  #turn: Promise<void> = Promise.resolve();

  constructor(manifest: unknown, log: vscode.LogOutputChannel, events: SessionEvents) {
    this.#log = log;
    this.#events = events;
    this.#keys = declaredKeys(manifest);
    this.#subscriptions.push(
      this.#drafts,
      vscode.workspace.onDidChangeConfiguration((event) => this.#configurationChanged(event)),
      vscode.workspace.onDidGrantWorkspaceTrust(() => void this.#reconsider()),
    );
  }

  /** The server that runs, or was last found, as a command with the settings in force. */
  get command(): FimbleCommand | undefined {
    return this.#file === undefined ? undefined : { file: this.#file, settings: this.#settings() };
  }

  /** The client, while there is one. */
  get client(): LanguageClient | undefined {
    return this.#client;
  }

  /** Find the server and start it; what goes wrong is told through the events. */
  start(): Promise<void> {
    return this.#next(() => this.#start());
  }

  /** Stop the server and start the one that is found now. */
  restart(): Promise<void> {
    return this.#next(async () => {
      this.#crashes.reset();
      await this.#stop();
      await this.#start();
    });
  }

  /** Start anew where another server is found now, or the same one may see more. */
  #reconsider(): Promise<void> {
    return this.#next(async () => {
      const location = locateServer(surroundings());
      const file = location.found ? location.file : undefined;
      const same = file === this.#file && vscode.workspace.isTrusted === this.#trusted;
      if (!location.found || !same) {
        this.#crashes.reset();
        await this.#stop();
        await this.#start();
      }
    });
  }

  /** Stop the server. */
  stop(): Promise<void> {
    return this.#next(() => this.#stop());
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) {
      subscription.dispose();
    }
  }

  #next(operation: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(operation, operation);
    return this.#turn;
  }

  async #start(): Promise<void> {
    const location = locateServer(surroundings());
    this.#trusted = vscode.workspace.isTrusted;
    this.#file = location.found ? location.file : undefined;
    if (!location.found) {
      this.#events.missing(location.wrongSetting);
      return;
    }
    this.#log.info(`Starting ${location.file} (found by: ${location.origin}).`);
    const events = {
      settings: () => this.#settings(),
      asking: this.#events.asking,
      abilitiesChanged: this.#events.abilitiesChanged,
      returning: () => {
        this.#returning = true;
      },
      gaveUp: this.#events.gaveUp,
    };
    const client = createClient(location.file, this.#log, this.#crashes, events, this.#drafts);
    this.#client = client;
    client.onDidChangeState(({ newState }) => this.#stateChanged(client, newState));
    client.onNotification(STATUS_METHOD, (params) => this.#events.report(readReport(params)));
    try {
      await client.start();
    } catch (error) {
      this.#log.error(`The server did not start: ${String(error)}`);
      if (this.#client === client && client.state === State.Stopped) {
        this.#events.stopped();
      }
    }
  }

  async #stop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    try {
      await client?.dispose();
    } catch (error) {
      this.#log.warn(`The server did not stop in order: ${String(error)}`);
    }
  }

  #stateChanged(client: LanguageClient, state: State): void {
    if (client !== this.#client) {
      return;
    }
    switch (state) {
      case State.Starting:
        this.#events.starting();
        break;
      case State.Running:
        this.#events.running(client.initializeResult?.serverInfo?.version ?? "");
        this.#events.abilitiesChanged();
        break;
      default:
        // Between a death that is forgiven and the next start there is nothing to tell.
        if (!this.#returning) {
          this.#events.stopped();
        }
        this.#returning = false;
    }
  }

  #settings(): Record<string, unknown> {
    const configuration = vscode.workspace.getConfiguration("fimble");
    return explicitSettings(this.#keys, configuration, vscode.workspace.isTrusted);
  }

  #configurationChanged(event: vscode.ConfigurationChangeEvent): void {
    if (event.affectsConfiguration("fimble.server.path")) {
      void this.#reconsider();
    } else if (event.affectsConfiguration("fimble") && this.#client?.state === State.Running) {
      const params = { settings: this.#settings() };
      void this.#client.sendNotification("workspace/didChangeConfiguration", params);
    }
  }
}
