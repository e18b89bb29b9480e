import { addSeconds } from '../core/clock.ts';
import type { Connection } from '../core/connection.ts';
import { hashHandle } from '../core/hash.ts';
import type { ClientId, HandleHash, TraceId } from '../core/ids.ts';
import type { JsonObject } from '../core/json.ts';
import type { Transaction } from '../core/session.ts';
import type { KeptTrace, Trace } from '../core/trace.ts';
import type { Parameters } from '../http/parameters.ts';
import type { HttpRequest } from '../http/route.ts';
import { type Browser, deriveNonce, deriveVerifier } from './browsers.ts';
import { lostTransaction } from './callback/lost-transaction.ts';
import type { LoginDeps } from './deps.ts';

const lifetimeSeconds = 900;

/** What the transaction remembers beside its keys: the request, and what was sent upstream (UP-26: a snapshot). */
export type Remembered = {
  readonly parameters: Readonly<Record<string, string>>;
  readonly sendsChallenge: boolean;
  readonly sendsNonce: boolean;
};

export type Opening = {
  readonly state: string;
  readonly browser: Browser;
  readonly traceId: TraceId;
  readonly clientId: ClientId;
  readonly parameters: Readonly<Record<string, string>>;
};

/** A transaction that waits for the person to pick a connection. */
export const waitingTransaction = (deps: LoginDeps, opening: Opening): Transaction =>
  toRow(deps, opening, undefined, { parameters: opening.parameters, sendsChallenge: false, sendsNonce: false });

/** A transaction on its way to the upstream, and the address the browser goes to. */
export async function departingTransaction(
  deps: LoginDeps,
  opening: Opening,
  { connection, trace }: { readonly connection: Connection; readonly trace: Trace },
): Promise<{ readonly transaction: Transaction; readonly url: string }> {
  const { browser, state, parameters } = opening;
  const authorization = {
    state,
    // Derived only if the connection sends them.
    get nonce() {
      return deriveNonce(browser, state);
    },
    get verifier() {
      return deriveVerifier(browser, state);
    },
    redirectUri: callbackUrl(deps.issuerUrl, connection),
    parameters,
  };
  const { url, sendsChallenge, sendsNonce } = await deps.upstream.authorizationUrl(connection, authorization, trace);
  return { transaction: toRow(deps, opening, connection, { parameters, sendsChallenge, sendsNonce }), url };
}

/** Where a script made the address, its run is kept at once: some people never come back. */
export function keepDeparture(
  { attempts }: LoginDeps,
  { traceId, clientId }: Pick<Opening, 'traceId' | 'clientId'>,
  { connection, trace, url }: { readonly connection: Connection; readonly trace: KeptTrace; readonly url: string },
): Promise<void> {
  if (trace.runs.length === 0) return Promise.resolve();
  trace.record('browser.left', { to: new URL(url).origin });
  return attempts.keep({ traceId, clientId, connectionId: connection.id, trace, road: 'at-provider' });
}

/** Of this browser, still waiting or under way. It stays. */
export async function findTransaction(
  deps: LoginDeps,
  request: HttpRequest,
  { values, malformed }: Parameters,
): Promise<{ readonly transaction: Transaction; readonly state: string; readonly browser: Browser }> {
  const { state } = values;
  if (state === undefined || malformed.size > 0) throw lostTransaction('no state');
  const transaction = await deps.store.transactions.find(hashHandle(state) as HandleHash);
  const browser = deps.browsers.find(request);
  if (transaction === undefined) throw lostTransaction('unknown or used');
  if (browser === undefined || browser.hash !== transaction.browserHash) throw lostTransaction('another browser');
  if (transaction.expiresAt <= deps.clock.now()) throw lostTransaction('expired', transaction.clientId);
  return { transaction, state, browser };
}

/** One address for all connections, as on Auth0, where the transaction knows which one it is; or one of its own. */
export const callbackUrl = (issuerUrl: string, { id, options }: Pick<Connection, 'id' | 'options'>): string =>
  options.callback_per_connection === true ? `${issuerUrl}login/callback/${id}` : `${issuerUrl}login/callback`;

export const rememberedOf = (transaction: Transaction): Remembered => transaction.request as unknown as Remembered;

function toRow(
  { clock }: LoginDeps,
  { state, browser, traceId, clientId }: Opening,
  connection: Connection | undefined,
  remembered: Remembered,
): Transaction {
  const now = clock.now();
  return {
    stateHash: hashHandle(state) as HandleHash,
    browserHash: browser.hash,
    traceId,
    clientId,
    connectionId: connection?.id,
    request: remembered as unknown as JsonObject,
    createdAt: now,
    expiresAt: addSeconds(now, lifetimeSeconds),
  };
}
