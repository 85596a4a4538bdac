/** `@file:selection` as the chat reads it (core/fimble/chat/mentions.py). */

const PLAIN = /^[\w./\\+-]+$/;

/** Lines of a file, counted from 1, both included; undefined lines mean the whole file. */
export interface Selected {
  /** Relative to the folder that the chat runs in. */
  readonly file: string;
  readonly lines: { readonly first: number; readonly last: number } | undefined;
}

/** Return the mention, without white space behind it; empty for a name that cannot be written. */
export function mention({ file, lines }: Selected): string {
  if (/["\r\n]/.test(file)) {
    return "";
  }
  const name = PLAIN.test(file) ? file : `"${file}"`;
  if (lines === undefined) {
    return `@${name}`;
  }
  const range = lines.first === lines.last ? `${lines.first}` : `${lines.first}-${lines.last}`;
  return `@${name}:${range}`;
}

/**
 * Return the lines of a selection; one that ends at the start of a line does not include it.
 *
 * Lines are counted from 0 in what is given, as editors do.
 */
export function selectedLines(
  start: { readonly line: number; readonly character: number },
  end: { readonly line: number; readonly character: number },
): Selected["lines"] {
  if (start.line === end.line && start.character === end.character) {
    return undefined;
  }
  const last = end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
  return { first: start.line + 1, last: last + 1 };
}
