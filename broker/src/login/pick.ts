import type { Connection } from '../core/connection.ts';
import { PageError, UpstreamError } from '../core/errors.ts';
import type { ConnectionId } from '../core/ids.ts';
import type { Transaction } from '../core/session.ts';
import { createTrace, type KeptRun, type TraceLine } from '../core/trace.ts';
import { frameFor } from '../http/page-frame.ts';
import { renderHandoff } from '../http/page-handoff.ts';
import { pageReply } from '../http/reply.ts';
import type { HttpReply, HttpRequest } from '../http/route.ts';
import type { Snapshot } from '../tenant/directory.ts';
import { leadOn } from './answer-form.ts';
import { proveTarget } from './authorize/target.ts';
import { lostTransaction } from './callback/lost-transaction.ts';
import type { LoginDeps } from './deps.ts';
import { failAt } from './fail.ts';
import { readLastUsed } from './last-used.ts';
import { type LoginPageConnection, renderLoginPage } from './pages/login-page.ts';
import { frameOf } from './respond.ts';
import { departingTransaction, findTransaction, keepDeparture, rememberedOf } from './transaction.ts';

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
      connections: toButtons(tenant.listConnectionsOf(client.id), readLastUsed(deps.issuerUrl, request)),
    });
    return pageReply(200, page);
  };

/** In the order in which they were made, but the last used one first. */
function toButtons(connections: readonly Connection[], lastUsed: string | undefined): readonly LoginPageConnection[] {
  const buttons = connections.map(({ id, name, displayName, options }) => ({
    name,
    displayName,
    iconUrl: options.icon_url,
    isLastUsed: id === lastUsed,
  }));
  return buttons.toSorted((one, other) => Number(other.isLastUsed) - Number(one.isLastUsed));
}

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
  readonly trace: { readonly lines: readonly TraceLine[]; readonly runs: readonly KeptRun[] };
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
  return leadOn(reply, { frame: frameOf(target, request), name: target.client.name });
}

function findEnabled(tenant: Snapshot, transaction: Transaction, name: string | undefined) {
  const connection = tenant.listConnectionsOf(transaction.clientId).find((candidate) => candidate.name === name);
  if (connection !== undefined) return connection;
  throw new PageError('invalid_request', 'the connection was disabled', { kind: 'connection' });
}
