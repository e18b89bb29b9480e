import type { Connection } from '../../core/connection.ts';
import { OAuthError, UpstreamError } from '../../core/errors.ts';
import type { Transaction } from '../../core/session.ts';
import type { HttpRequest } from '../../http/route.ts';
import type { Snapshot } from '../../tenant/directory.ts';
import { lostTransaction } from './lost-transaction.ts';

/** The transaction's connection, still enabled for its client (UP-18); a connection in the path must be the same (UP-07). */
export function getConnection(tenant: Snapshot, transaction: Transaction, request: HttpRequest): Connection {
  const { connection: named } = request.pathParameters;
  if (named !== undefined && named !== transaction.connectionId) {
    throw lostTransaction(`callback of another connection, attempt ${transaction.traceId}`);
  }
  const { connectionId } = transaction;
  const connection = connectionId === undefined ? undefined : tenant.findConnection(connectionId);
  if (connection?.options.callback_per_connection === true && named === undefined) {
    throw lostTransaction(`the shared callback, for a connection that has its own, attempt ${transaction.traceId}`);
  }
  if (connection?.isForSignIn && connection.enabledClients.has(transaction.clientId)) return connection;
  throw new OAuthError('invalid_request', 'the connection was disabled');
}

/**
 * RFC 9207: where we know the upstream's issuer, its answer must come from there. Compared to the letter (UP-10). It may
 * be missing unless the connection says, in the name of its metadata, that the upstream always sends it.
 */
export function checkIssuer({ options }: Connection, transaction: Transaction, request: HttpRequest): void {
  const { iss } = request.query.values;
  if (options.issuer === undefined || iss === options.issuer) return;
  if (iss === undefined && options.authorization_response_iss_parameter_supported !== true) return;
  throw lostTransaction(`iss is not the connection's issuer, attempt ${transaction.traceId}`);
}

/** The code, or the upstream's refusal in our words. Both at once: the refusal wins (UP-16). */
export function readUpstreamAnswer(request: HttpRequest): string {
  const { code, error } = request.query.values;
  if (error === 'access_denied') {
    throw new UpstreamError('denied', 'access_denied', 'User did not authorize the request');
  }
  if (error !== undefined) {
    const detail = `upstream error ${error.slice(0, 64).replace(/[^\w.-]/g, '?')}`;
    throw new UpstreamError('denied', 'refused', 'The provider refused the sign-in', { detail });
  }
  if (code === undefined || code === '') {
    throw new UpstreamError('exchange', 'no_code', 'The provider sent no code');
  }
  return code;
}
