import { hashHandle } from '../core/hash.ts';
import type { HandleHash } from '../core/ids.ts';
import { withoutEmpty } from '../http/parameters.ts';
import { textReply } from '../http/reply.ts';
import { type HttpReply, type HttpRequest, header } from '../http/route.ts';
import { checkRepeated } from './token/check-repeated.ts';
import type { TokenDeps } from './token/issue-tokens.ts';
import { requireParameter } from './token/require-parameter.ts';
import { revokeGrant } from './token/revoke-grant.ts';

/**
 * `POST /oauth/revoke` (RFC 7009): ends a refresh token with its family and grant. A token that is unknown, or another
 * client's, changes nothing and is answered the same: nobody learns here what exists.
 */
export const revocationEndpoint =
  (deps: TokenDeps) =>
  async (request: HttpRequest): Promise<HttpReply> => {
    const parameters = withoutEmpty(request.body);
    checkRepeated(parameters);
    const client = await deps.authenticateClient(parameters, header(request, 'authorization'));
    const value = requireParameter(parameters, 'token');
    const token = await deps.store.refreshTokens.find(hashHandle(value) as HandleHash);
    if (token === undefined || token.clientId !== client.id) return textReply(200, '');
    const event = deps.events.record(request, {
      type: 'srrt',
      traceId: request.traceId,
      clientId: client.id,
      connectionId: token.connectionId,
      userId: token.userId,
      description: 'The application revoked a refresh token',
    });
    await revokeGrant(deps, token, token.authenticatedAt, [event]);
    return textReply(200, '');
  };
