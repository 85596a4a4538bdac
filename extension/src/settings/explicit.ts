/**
 * Which settings are sent to the server: those that the user made, and no defaults.
 *
 * An editor knows a default for each declared setting. Sent along, it would override the user's
 * own `config.toml`, whose layer lies below the editor's.
 */

/** What `WorkspaceConfiguration.inspect` tells of one setting. */
export interface Inspected {
  readonly globalValue?: unknown;
  readonly workspaceValue?: unknown;
  readonly workspaceFolderValue?: unknown;
}

/** The part of `vscode.WorkspaceConfiguration` that is read. */
export interface Configuration {
  inspect(key: string): Inspected | undefined;
  get(key: string): unknown;
}

/**
 * Return the settings that somebody made, by their key without the leading "fimble.".
 *
 * In an untrusted workspace only the user's count; all our settings are restricted there.
 */
export function explicitSettings(
  keys: readonly string[],
  configuration: Configuration,
  trusted: boolean,
): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const key of keys) {
    const seen = configuration.inspect(key);
    const values = [seen?.globalValue];
    if (trusted) {
      values.push(seen?.workspaceValue, seen?.workspaceFolderValue);
    }
    if (values.some((value) => value !== undefined)) {
      made[key] = configuration.get(key);
    }
  }
  return made;
}
