import { hashHandle } from '../../core/hash.ts';
import type { HandleHash } from '../../core/ids.ts';
import type { Transaction } from '../../core/session.ts';
import type { HttpRequest } from '../../http/route.ts';
import { type Browser, deriveNonce, deriveVerifier } from '../browsers.ts';
import type { LoginDeps } from '../deps.ts';
import { rememberedOf } from '../transaction.ts';
import { lostTransaction } from './lost-transaction.ts';

export type Taken = {
  readonly transaction: Transaction;
  /** The /authorize parameters that began it. */
  readonly parameters: Readonly<Record<string, string>>;
  /** undefined: none was sent upstream. */
  readonly verifier: string | undefined;
  readonly nonce: string | undefined;
};

/** One use: the statement that reads the transaction removes it. Only the browser that began it gets past here. */
export async function takeTransaction(deps: LoginDeps, request: HttpRequest): Promise<Taken> {
  const { state } = request.query.values;
  if (request.query.malformed.size > 0) throw lostTransaction('a parameter was repeated');
  if (state === undefined || state === '') throw lostTransaction('no state');
  const transaction = await deps.store.write(deps.store.transactions.take(hashHandle(state) as HandleHash));
  const browser = deps.browsers.find(request);
  if (transaction === undefined) throw lostTransaction('unknown or used');
  if (browser === undefined || browser.hash !== transaction.browserHash) {
    await endTransactionsOf(deps, browser);
    throw lostTransaction(`another browser, attempt ${transaction.traceId}`);
  }
  if (transaction.expiresAt <= deps.clock.now()) throw lostTransaction(`expired, attempt ${transaction.traceId}`);
  const { parameters, sendsChallenge, sendsNonce } = rememberedOf(transaction);
  return {
    transaction,
    parameters,
    verifier: sendsChallenge ? deriveVerifier(browser, state) : undefined,
    nonce: sendsNonce ? deriveNonce(browser, state) : undefined,
  };
}

/** UP-02: a state that was carried into another browser spoils what that browser had begun too. */
async function endTransactionsOf(deps: LoginDeps, browser: Browser | undefined): Promise<void> {
  if (browser === undefined) return;
  await deps.store.write(deps.store.transactions.deleteByBrowser(browser.hash));
}
