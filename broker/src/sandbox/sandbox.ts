import type { Json, JsonObject } from '../core/json.ts';
import type { Trace } from '../core/trace.ts';

/*
 * sandbox/: runs untrusted script under limits and records what it did.
 *
 * A script runs in a script host: a child process without network, files, environment or keys. Its HTTP requests are
 * made by the broker through the guarded egress. No host, no script: there is no fallback inside the broker.
 */

export type ScriptOutcome =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly kind: 'timeout' | 'memory' | 'crash' | 'busy'; readonly message: string }
  | {
      readonly ok: false;
      /** `callback`: the script called back with an error on purpose. `contract`: it never called back, or with something that is not JSON. */
      readonly kind: 'syntax' | 'runtime' | 'callback' | 'contract' | 'limit';
      readonly message: string;
      readonly stack?: string;
      /** Where in the script, from 1. */
      readonly line?: number;
      readonly column?: number;
    };

export type ConsoleLine = { readonly level: 'log' | 'info' | 'warn' | 'error' | 'debug'; readonly text: string };

/** One HTTP request that the script made. Redacted: no Authorization values, no bodies in this first cut. */
export type Exchange = {
  readonly method: string;
  readonly url: string;
  readonly status: number | undefined;
  readonly error: string | undefined;
  readonly responseBytes: number;
  readonly ms: number;
};

export type ScriptRun = {
  readonly outcome: ScriptOutcome;
  readonly consoleLines: readonly ConsoleLine[];
  readonly exchanges: readonly Exchange[];
  /** Bodies that the script's requests got, as text. Kept in memory only: what quotes them must not be shown. */
  readonly responseTexts: readonly string[];
  readonly ms: number;
};

export type ProfileScript = {
  /** The script's text as an administrator saved it. */
  readonly source: string;
  /** Shown in stacks, such as `netflix-custom.fetchUserProfile.js`. */
  readonly filename: string;
  readonly accessToken: string;
  /** The parsed token answer, and `options` without secrets. */
  readonly context: JsonObject;
  readonly trace: Trace;
};

export type Sandbox = {
  /** Runs `fetchUserProfile(accessToken, ctx, callback)`. Never rejects: a run ends in a value. */
  runProfileScript(script: ProfileScript): Promise<ScriptRun>;
  /** Resolves when a host is warm; rejects with ConfigError when none can start. */
  ready(): Promise<void>;
  /** Process ids of the script hosts, for the operator and the benchmark. */
  hostPids(): readonly number[];
  close(): Promise<void>;
};

export type SandboxLimits = {
  readonly hosts: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly memoryMb: number;
  readonly maxOutputBytes: number;
  readonly maxConsoleLines: number;
  readonly maxRequests: number;
  readonly maxQueue: number;
};
