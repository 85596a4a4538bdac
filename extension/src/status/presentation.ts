/** How the status bar shows what is known; pure, so that every state has a test. */

import type { Translate } from "../translate.ts";
import { type Loading, percentOf, sizeOf } from "./loading.ts";
import type { Report, ServerState } from "./report.ts";

/** What is known of server and settings. */
export interface Knowledge {
  readonly server: "missing" | "starting" | "running" | "stopped";
  /** The server's last report; undefined before the first. */
  readonly report: Report | undefined;
  /** The server's version where it is not the extension's, else empty. */
  readonly otherVersion: string;
  readonly ownVersion: string;
  /** Whether a request for a suggestion has been under way for a while. */
  readonly thinking: boolean;
  /** The load under way, while the report says "loading". */
  readonly loading: Loading | undefined;
  /** Whether completions are switched off, everywhere or for the language on show. */
  readonly disabled: "everywhere" | "language" | undefined;
}

export type Severity = "normal" | "warning" | "error";

/** What the item in the status bar looks like. */
export interface Presentation {
  readonly icon: string;
  /** The state in a word or two; empty where the icon says enough. */
  readonly word: string;
  /** "Fimble: ready": for screen readers, always with the state. */
  readonly label: string;
  /** Sentences for the tooltip and the menu, the most important one first. */
  readonly sentences: readonly string[];
  readonly severity: Severity;
}

interface Look {
  readonly icon: string;
  readonly word: string;
  readonly severity: Severity;
  /** Whether the icon alone is enough in the bar. */
  readonly quiet?: boolean;
}

/** Return how to show what is known. */
export function present(known: Knowledge, t: Translate): Presentation {
  const look = chooseLook(known, t);
  return {
    icon: look.icon,
    word: look.quiet === true ? "" : look.word,
    label: t("Fimble: {0}", look.word),
    sentences: sentences(known, t).filter((sentence) => sentence !== ""),
    severity: look.severity,
  };
}

function chooseLook(known: Knowledge, t: Translate): Look {
  if (known.server === "missing") {
    return { icon: "warning", word: t("not installed"), severity: "warning" };
  }
  if (known.server === "stopped") {
    return { icon: "error", word: t("stopped"), severity: "error" };
  }
  const state = known.report?.state ?? "starting";
  if (known.server === "starting" || state === "starting") {
    return reportedLook("starting", t);
  }
  if (known.otherVersion !== "") {
    return { icon: "versions", word: t("version mismatch"), severity: "warning" };
  }
  if (known.disabled !== undefined && state !== "failing") {
    return { icon: "circle-slash", word: t("off"), severity: "normal" };
  }
  if (known.thinking && (state === "ready" || state === "embedded")) {
    return { icon: "loading~spin", word: t("thinking"), severity: "normal", quiet: true };
  }
  const look = reportedLook(state, t);
  return state === "loading" ? { ...look, word: loadingWord(known.loading, t) } : look;
}

function loadingWord(loading: Loading | undefined, t: Translate): string {
  const size = loading === undefined ? "" : sizeOf(loading.bytes);
  const percent = loading === undefined ? undefined : percentOf(loading);
  if (size === "") {
    return percent === undefined ? t("loading") : t("loading, {0} %", percent);
  }
  return percent === undefined ? t("loading {0}", size) : t("loading {0}, {1} %", size, percent);
}

function reportedLook(state: ServerState, t: Translate): Look {
  switch (state) {
    case "starting":
      return { icon: "loading~spin", word: t("starting"), severity: "normal" };
    case "ready":
      return { icon: "check", word: t("ready"), severity: "normal", quiet: true };
    case "loading":
      return { icon: "loading~spin", word: t("loading"), severity: "normal" };
    case "offline":
      return { icon: "debug-disconnect", word: t("offline"), severity: "normal" };
    case "embedded":
      return { icon: "book", word: t("embedded"), severity: "normal" };
    case "failing":
      return { icon: "warning", word: t("failing"), severity: "warning" };
    case "off":
      return { icon: "circle-slash", word: t("off"), severity: "normal" };
  }
}

function sentences(known: Knowledge, t: Translate): string[] {
  if (known.server === "missing") {
    return [t("The command `fimble` was not found.")];
  }
  if (known.server === "stopped") {
    return [t("The server is not running. Its log says why.")];
  }
  const { report } = known;
  return [
    known.otherVersion === ""
      ? ""
      : t(
          "The server is version {0} and this extension {1}; install the same version of both.",
          known.otherVersion,
          known.ownVersion,
        ),
    known.disabled === "everywhere" ? t("Completions are switched off.") : "",
    known.disabled === "language" ? t("Completions are switched off for this language.") : "",
    report?.message ?? "",
    loadingSentence(known, t),
    standIn(report, t),
    report?.model === undefined || report.model === "" ? "" : t("Model: {0}", report.model),
  ];
}

function loadingSentence({ report, loading }: Knowledge, t: Translate): string {
  if (report?.state !== "loading" || loading === undefined) {
    return "";
  }
  const seconds = Math.floor(loading.elapsedMs / 1000);
  return loading.lastMs === undefined
    ? t("Loading for {0} s.", seconds)
    : t("Loading for {0} s; last time it took {1} s.", seconds, Math.ceil(loading.lastMs / 1000));
}

/** Tell who answers while the model server cannot. */
function standIn(report: Report | undefined, t: Translate): string {
  const absent = report !== undefined && ["loading", "offline", "failing"].includes(report.state);
  return absent && report.engine === "embedded"
    ? t("Until then suggestions come from your workspace's own text.")
    : "";
}
