/** The settings that package.json declares, read from it: there is no second list. */

const PREFIX = "fimble.";

/** Sections that belong to the extension; the server has no use for them. */
const OWN_SECTIONS = ["server.", "trace."];

interface Section {
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** Return the keys of the server's settings, without the leading "fimble.". */
export function declaredKeys(manifest: unknown): string[] {
  const sections =
    (manifest as { contributes?: { configuration?: readonly Section[] } }).contributes
      ?.configuration ?? [];
  return sections
    .flatMap((section) => Object.keys(section.properties ?? {}))
    .filter((key) => key.startsWith(PREFIX))
    .map((key) => key.slice(PREFIX.length))
    .filter((key) => !OWN_SECTIONS.some((own) => key.startsWith(own)));
}
