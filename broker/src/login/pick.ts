import { PageError, UpstreamError } from '../core/errors.ts';
import { hashHandle } from '../core/hash.ts';
import type { ConnectionId, HandleHash } from '../core/ids.ts';
import type { Transaction } from '../core/session.ts';
import { createTrace, type TraceLine } from '../core/trace.ts';
import { frameFor } from '../http/page-frame.ts';
import { renderHandoff } from '../http/page-handoff.ts';
import type { Parameters } from '../http/parameters.ts';
import { pageReply } from '../http/reply.ts';
import type { HttpReply, HttpRequest } from '../http/route.ts';
import type { Snapshot } from '../tenant/directory.ts';
import { proveTarget } from './authorize/target.ts';
import { lostTransaction } from './callback/lost-transaction.ts';
import type { LoginDeps } from './deps.ts';
import { failAt } from './fail.ts';
import { renderLoginPage } from './pages/login-page.ts';
import { frameOf } from './respond.ts';
import { departingTransaction, keepDeparture, rememberedOf } from './transaction.ts';

/** `GET /u/login?state`: the page with a button for each connection that is enabled for the client. */
export const loginPage =
  (deps: LoginDeps) =>
  async (request: HttpRequest): Promise<HttpReply> => {
    const tenant = await deps.directory.read();
    const { transaction, state } = await findTransaction(deps, request, request.query);
    const client = tenant.findClient(transaction.clientId);
    if (client === undefined) throw lostTransaction('its client is gone');
    const page = renderLoginPage({
      frame: frameFor(tenant.settings, request, rememberedOf(transaction).parameters.ui_locales),
      client,
      isSignUp: rememberedOf(transaction).parameters.screen_hint === 'signup',
      state,
      action: `${deps.issuerUrl}u/login`,
      connections: tenant.listConnectionsOf(client.id).map(({ name, displayName, options }) => ({
        name,
        displayName,
        iconUrl: options.icon_url,
        isLastUsed: false,
      })),
    });
    return pageReply(200, page);
  };

/** `POST /u/login`: the person picked one. The transaction keeps its state and learns its connection. */
export const pickConnection =
  (deps: LoginDeps) =>
  async (request: HttpRequest): Promise<HttpReply> => {
    const tenant = await deps.directory.read();
    const { transaction, state, browser } = await findTransaction(deps, request, request.body);
    const connection = findEnabled(tenant, transaction, request.body.values.connection);
    const { parameters } = rememberedOf(transaction);
    const { traceId, clientId } = transaction;
    const trace = createTrace(traceId, () => performance.now());
    try {
      const opening = { state, browser, traceId, clientId, parameters };
      const { transaction: departing, url } = await departingTransaction(deps, opening, { connection, trace });
      if (!(await deps.store.write(deps.store.transactions.depart(departing)))) throw lostTransaction('used meanwhile');
      await keepDeparture(deps, opening, { connection, trace, url });
      return pageReply(
        200,
        renderHandoff({
          frame: frameFor(tenant.settings, request, parameters.ui_locales),
          href: url,
          name: connection.displayName,
        }),
      );
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      return await failPick(deps, tenant, { request, transaction, connectionId: connection.id, trace, error });
    }
  };

type FailingPick = {
  readonly request: HttpRequest;
  readonly transaction: Transaction;
  readonly connectionId: ConnectionId;
  readonly trace: { readonly lines: readonly TraceLine[]; readonly runs: readonly object[] };
  readonly error: UpstreamError;
};

/** The sign-in ends at the application; our own form's policy reaches redirects too, so a page leads there. */
async function failPick(deps: LoginDeps, tenant: Snapshot, failing: FailingPick): Promise<HttpReply> {
  const { request, transaction, connectionId, trace, error } = failing;
  const { parameters } = rememberedOf(transaction);
  const target = proveTarget(tenant, { values: parameters, malformed: new Set() });
  await deps.store.write(deps.store.transactions.take(transaction.stateHash));
  const reply = await failAt(deps, target, error, {
    request,
    traceId: transaction.traceId,
    connectionId,
    isSilent: false,
    trace: trace.lines,
    runs: trace.runs,
  });
  const { location } = reply.headers;
  return typeof location === 'string'
    ? pageReply(200, renderHandoff({ frame: frameOf(target, request), href: location, name: target.client.name }))
    : reply;
}

async function findTransaction(deps: LoginDeps, request: HttpRequest, { values, malformed }: Parameters) {
  const { state } = values;
  if (state === undefined || malformed.size > 0) throw lostTransaction('no state');
  const transaction = await deps.store.transactions.find(hashHandle(state) as HandleHash);
  const browser = deps.browsers.find(request);
  if (transaction === undefined || transaction.expiresAt <= deps.clock.now())
    throw lostTransaction('unknown or expired');
  if (browser === undefined || browser.hash !== transaction.browserHash) throw lostTransaction('another browser');
  return { transaction, state, browser };
}

function findEnabled(tenant: Snapshot, transaction: Transaction, name: string | undefined) {
  const connection = tenant.listConnectionsOf(transaction.clientId).find((candidate) => candidate.name === name);
  if (connection !== undefined) return connection;
  throw new PageError('invalid_request', 'the connection was disabled', { kind: 'connection' });
}
