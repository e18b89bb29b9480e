import type { Json, JsonObject } from '../core/json.ts';
import type { ModulePin } from '../core/module.ts';
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
      /** Of an error that the script threw or called back with, such as `UnauthorizedError`. */
      readonly name?: string;
      readonly stack?: string;
      /** Where in the script, from 1. */
      readonly line?: number;
      readonly column?: number;
    };

export type ConsoleLine = { readonly level: 'log' | 'info' | 'warn' | 'error' | 'debug'; readonly text: string };

/** One HTTP request that the script made. Redacted: no Authorization values, no token of this run. */
export type Exchange = {
  readonly method: string;
  readonly url: string;
  readonly status: number | undefined;
  readonly error: string | undefined;
  readonly responseBytes: number;
  readonly ms: number;
  readonly request: { readonly headers: Readonly<Record<string, string>>; readonly body: RecordedBody };
  /** Absent: there was none, and `error` says why. */
  readonly response:
    | {
        /** Where it came from, after redirects. */
        readonly url: string;
        readonly headers: Readonly<Record<string, string | readonly string[]>>;
        readonly body: RecordedBody;
      }
    | undefined;
};

/** At most 64 KiB of a body, and 256 KiB of all bodies of a run, are kept; `isCut`: there was more. */
export type RecordedBody = { readonly text: string; readonly encoding: 'utf8' | 'base64'; readonly isCut: boolean };

/** What a replay needs of an exchange. Plain JSON: a recording can be kept, edited and read again. */
export type RecordedExchange = Pick<Exchange, 'method' | 'url' | 'request'> & {
  readonly status?: number | undefined;
  readonly error?: string | undefined;
  readonly response?: Exchange['response'];
};

/**
 * How a script is entered, and with what.
 * - `callback`: a function; it gets `arguments` and a callback, and its value is what it calls back with.
 * - `return`: a function; it gets `arguments`, and its value is what it returns, or what its promise resolves to.
 * - `action`: a module; `exports[handler](event, api)`, and its value is an ActionRecord.
 * - `rule`: a function `(user, context, callback)`; its value is a RuleRecord.
 */
export type ScriptEntry =
  | {
      readonly kind: 'callback' | 'return';
      readonly arguments: readonly Json[];
      /** 'json': a callback may give any JSON, such as a text. Otherwise it must give an object. */
      readonly gives?: 'json';
    }
  | { readonly kind: 'action'; readonly handler: string; readonly event: JsonObject; readonly api: ActionApi }
  | {
      readonly kind: 'rule';
      readonly user: JsonObject;
      readonly context: JsonObject;
      /** Properties of `global` that earlier runs left. As secret as the configuration: often they are tokens. */
      readonly global?: JsonObject;
      /** For `auth0.domain` and `auth0.baseUrl`. */
      readonly issuer?: string;
    };

/** What `api` of an Action can answer by itself, without asking the broker. */
export type ActionApi = {
  /** Which members exist, such as `access`, `idToken`, `user`; others are undefined, as on Auth0. */
  readonly trigger: 'post-login' | 'credentials-exchange' | 'custom-token-exchange';
  /** Values by key, or `{ value, expires_at }`. */
  readonly cache: JsonObject;
  /** For `redirect.canRedirect`, `encodeToken` and `validateToken`. */
  readonly redirect: {
    readonly mayRedirect: boolean;
    readonly issuer: string;
    readonly subject: string;
    readonly ip: string;
    /** The state of the transaction, once the person has come back. */
    readonly state: string | undefined;
    /** Parameters that the person came back with. */
    readonly parameters: JsonObject;
  };
};

/** `name` as in `access.deny`, `idToken.setCustomClaim`. */
export type ScriptEffect = { readonly name: string; readonly arguments: readonly Json[] };

/** What an Action asked for, in order: the broker applies it after the run. */
export type ActionRecord = { readonly effects: readonly ScriptEffect[] };

/**
 * Both as the rule left them; `effects`: `users.updateAppMetadata` and `users.updateUserMetadata`, and what it changed on
 * `global`: `global.set` with name and value, `global.delete` with the name.
 */
export type RuleRecord = {
  readonly user: JsonObject;
  readonly context: JsonObject;
  readonly effects: readonly ScriptEffect[];
};

/** One text of CommonJS. A host gets it once, under its hash. */
export type ScriptModule = ModulePin & { readonly text: string };

export type Script = {
  /** The script's text as an administrator saved it (TypeScript is compiled when it is saved, and goes along with the code). */
  readonly source: string;
  /** Shown in stacks, such as `netflix-custom.fetchUserProfile.js`. */
  readonly filename: string;
  readonly entry: ScriptEntry;
  /** `configuration` (Rules, profile scripts) and `event.secrets`' source; never kept with the run. */
  readonly configuration?: JsonObject;
  /** npm modules that this script may require, by the name that it writes. */
  readonly modules?: Readonly<Record<string, ScriptModule>>;
  /** Tokens and secrets that nothing recorded of this run may contain. */
  readonly secrets: readonly string[];
  readonly trace: Trace;
  /**
   * Offline: the script's requests are answered from these, by method and address, and from nowhere else. One that is
   * not among them fails with an error whose `code` is NOT_RECORDED and whose message says so.
   */
  readonly replay?: readonly RecordedExchange[];
};

export type ScriptRun = {
  readonly outcome: ScriptOutcome;
  readonly consoleLines: readonly ConsoleLine[];
  readonly exchanges: readonly Exchange[];
  /** Bodies that the script's requests got, as text. Kept in memory only: what quotes them must not be shown. */
  readonly responseTexts: readonly string[];
  readonly ms: number;
  /** Of these, since the script was last given something: an answer, or its start. */
  readonly msSinceGiven: number;
};

export type Sandbox = {
  /** Runs any script by its entry. Never rejects: a run ends in a value. */
  run(script: Script): Promise<ScriptRun>;
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
  /** Of all answers of one run together. */
  readonly maxResponseBytes: number;
  readonly maxQueue: number;
  /** For the corpus command only: answers that a script parses have every property that it reads. */
  readonly answersEverything?: true;
};
