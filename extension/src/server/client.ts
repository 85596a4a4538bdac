/** The language client: what is sent to the server, and what happens when it dies. */

import os from "node:os";
import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  type ErrorHandler,
  type InitializeParams,
  LanguageClient,
  type LanguageClientOptions,
  type MessageSignature,
  type Middleware,
} from "vscode-languageclient/node";
import type { CrashPolicy } from "./crashes.ts";
import { DRAFT_METHOD, DRAFTS_CAPABILITY, exchangesDrafts } from "./draftNotice.ts";
import type { DraftFollower } from "./drafts.ts";

/** The scheme of texts that the server shows (lsp/fimble_lsp/features/prompts.py). */
const ANSWERS = "fimble-answer";

/** What the owner of a client wants to be told, and decides. */
export interface ClientEvents {
  readonly settings: () => Record<string, unknown>;
  /** A request for ghost text began, or (`-1`) ended. */
  readonly asking: (change: 1 | -1) => void;
  /** The server registered or took back an ability. */
  readonly abilitiesChanged: () => void;
  /** The server died and is started again. */
  readonly returning: () => void;
  /** The server died and is not started again. */
  readonly gaveUp: () => void;
}

/**
 * A client that keeps the folders of an untrusted workspace to itself, and its errors in the log.
 *
 * Without them the server reads no file of the workspace, neither its settings nor its templates,
 * and completes from open documents alone.
 */
class FimbleClient extends LanguageClient {
  protected override fillInitializeParams(params: InitializeParams): void {
    super.fillInitializeParams(params);
    if (exchangesDrafts(vscode.version)) {
      params.capabilities.experimental = DRAFTS_CAPABILITY;
    }
    if (!vscode.workspace.isTrusted) {
      params.workspaceFolders = null;
      params.rootUri = null;
      params.rootPath = null;
    }
  }

  /** A request that nobody typed must not end in a message, as when the server has just died. */
  override handleFailedRequest<T>(
    type: MessageSignature,
    token: vscode.CancellationToken | undefined,
    // biome-ignore lint/suspicious/noExplicitAny: the type that the base class declares
    error: any,
    defaultValue: T,
    _showNotification?: boolean,
    throwOnCancel?: boolean,
  ): T {
    return super.handleFailedRequest(type, token, error, defaultValue, false, throwOnCancel);
  }
}

/** Return a client for the server at `file`; it is not started. */
export function createClient(
  file: string,
  log: vscode.LogOutputChannel,
  crashes: CrashPolicy,
  events: ClientEvents,
  drafts: DraftFollower,
): LanguageClient {
  const options: LanguageClientOptions = {
    documentSelector: [{ scheme: "file" }, { scheme: "untitled" }],
    outputChannel: log,
    initializationOptions: events.settings,
    errorHandler: errorHandler(crashes, events),
    // Starting again what fails while it starts is the crash policy's decision alone.
    initializationFailedHandler: () => false,
    // Texts of models and templates are shown in hovers: no commands, no HTML (security T12).
    markdown: { isTrusted: false, supportHtml: false },
    middleware: middleware(events, drafts),
  };
  // No transport is named: the client would add "--stdio", which our server does not need.
  const server = { command: file, args: ["lsp"], options: { cwd: os.homedir() } };
  const client = new FimbleClient("fimble", "Fimble", server, options);
  client.onNotification(DRAFT_METHOD, (params: unknown) => drafts.told(params));
  return client;
}

function errorHandler(crashes: CrashPolicy, events: ClientEvents): ErrorHandler {
  return {
    error: () => ({ action: ErrorAction.Continue, handled: true }),
    closed: () => {
      if (crashes.mayRestart()) {
        events.returning();
        return { action: CloseAction.Restart, handled: true };
      }
      events.gaveUp();
      return { action: CloseAction.DoNotRestart, handled: true };
    },
  };
}

function middleware(events: ClientEvents, drafts: DraftFollower): Middleware {
  return {
    provideInlineCompletionItems: async (document, position, context, token, next) => {
      events.asking(1);
      try {
        return await next(document, position, context, token);
      } finally {
        drafts.answered(document);
        events.asking(-1);
      }
    },
    handleRegisterCapability: async (params, next) => {
      await next(params, new vscode.CancellationTokenSource().token);
      events.abilitiesChanged();
    },
    handleUnregisterCapability: async (params, next) => {
      await next(params, new vscode.CancellationTokenSource().token);
      events.abilitiesChanged();
    },
    window: {
      // What is to be read stands beside the code that it is about, and stays there.
      showDocument: async (params, token, next) => {
        const uri = vscode.Uri.parse(params.uri);
        if (uri.scheme !== ANSWERS) {
          return await next(params, token);
        }
        await vscode.window.showTextDocument(uri, {
          viewColumn: vscode.ViewColumn.Beside,
          preserveFocus: params.takeFocus !== true,
          preview: false,
        });
        return { success: true };
      },
    },
    workspace: {
      configuration: (params) => params.items.map(() => events.settings()),
      didChangeWorkspaceFolders: async (event, next) => {
        if (vscode.workspace.isTrusted) {
          await next(event);
        }
      },
    },
  };
}
