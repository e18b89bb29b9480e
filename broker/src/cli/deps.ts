import type { Clock } from '../core/clock.ts';
import type { Keyring } from '../vault/keyring.ts';

/** Where the attempts are kept; from the same environment as the broker's. */
export type StoreSettings = { readonly databaseUrl: string; readonly keyring: Keyring };

/** How scripts run here. */
export type ScriptSettings = { readonly egressAllow: string; readonly scriptTimeoutMs: number };

/** What the command line is given by main.ts. The settings are read when a command needs them, and throw ConfigError. */
export type CliDeps = {
  readonly start: () => Promise<void>;
  readonly readStoreSettings: () => StoreSettings;
  /** As readStoreSettings, for a command that may come before the broker's first start. */
  readonly prepareStoreSettings: () => StoreSettings;
  readonly readScriptSettings: () => ScriptSettings;
  /** The environment of npm, without Portico's settings. */
  readonly npmEnvironment: Readonly<Record<string, string | undefined>>;
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  readonly clock: Clock;
};

/** Ends a command with a sentence for the person who typed it. */
export class CommandError extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
