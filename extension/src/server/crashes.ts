/** How many deaths of the server are forgiven: 5 restarts in 3 minutes, then no more. */

const WINDOW_MS = 3 * 60 * 1000;
const MOST_RESTARTS = 5;

/** Counts restarts in a sliding window; the clock is the caller's. */
export class CrashPolicy {
  readonly #now: () => number;
  #restarts: number[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether the server, which has just died, may be started again. */
  mayRestart(): boolean {
    const now = this.#now();
    this.#restarts = this.#restarts.filter((at) => now - at < WINDOW_MS);
    if (this.#restarts.length >= MOST_RESTARTS) {
      return false;
    }
    this.#restarts.push(now);
    return true;
  }

  /** Forget what was: the user started the server by hand. */
  reset(): void {
    this.#restarts = [];
  }
}
