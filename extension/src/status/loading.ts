/**
 * How far the load of a model is: its size, and its time beside that of the last load.
 *
 * Ollama tells nothing of a load before its end, so the last one here is what there is to go by.
 */

/** A load under way. */
export interface Loading {
  /** The size of the model, 0 where it is not known. */
  readonly bytes: number;
  readonly elapsedMs: number;
  /** What the last load of this model took; undefined where there was none. */
  readonly lastMs: number | undefined;
}

/** Remembers how long loads took, by model. */
export interface LoadTimes {
  readonly get: (model: string) => number | undefined;
  readonly set: (model: string, milliseconds: number) => void;
}

/** Return a size as people say it: "17 GB"; empty where it is not known. */
export function sizeOf(bytes: number): string {
  if (bytes <= 0) {
    return "";
  }
  const [amount, unit] = bytes >= 1e9 ? [bytes / 1e9, "GB"] : [bytes / 1e6, "MB"];
  return `${amount >= 10 ? Math.round(amount) : Math.round(amount * 10) / 10} ${unit}`;
}

/** Return how much of a load is behind us, in whole percent; undefined where nothing says so. */
export function percentOf({ elapsedMs, lastMs }: Loading): number | undefined {
  return lastMs === undefined || lastMs <= 0
    ? undefined
    : Math.min(99, Math.floor((elapsedMs / lastMs) * 100));
}
