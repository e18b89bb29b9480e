import { PageError } from '../../core/errors.ts';
import { pageReply, redirectReply } from '../../http/reply.ts';
import type { HttpReply, HttpRequest } from '../../http/route.ts';
import type { Directory, Snapshot } from '../../tenant/directory.ts';
import { renderSignedOutPage } from '../pages/signed-out-page.ts';
import type { Sessions } from '../sessions.ts';

/** `GET /v2/logout?client_id&returnTo`: Auth0's own logout. Ends the session, then goes to a listed address only. */
export const v2Logout =
  (deps: { readonly directory: Directory; readonly sessions: Sessions }) =>
  async (request: HttpRequest): Promise<HttpReply> => {
    const tenant = await deps.directory.read();
    const target = findTarget(tenant, request);
    const session = await deps.sessions.find(request);
    if (session !== undefined) await deps.sessions.end(session);
    const cookies = [deps.sessions.clearingCookie];
    if (target !== undefined) return redirectReply(302, target, cookies);
    return pageReply(200, renderSignedOutPage({ tenant: tenant.settings }), cookies);
  };

function findTarget(tenant: Snapshot, request: HttpRequest): string | undefined {
  const { client_id: clientId, returnTo } = request.query.values;
  const client = clientId === undefined ? undefined : tenant.findClient(clientId);
  const allowed = clientId === undefined ? tenant.settings.allowedLogoutUrls : (client?.logoutUrls ?? []);
  if (returnTo === undefined || returnTo === '') return clientId === undefined ? undefined : allowed[0];
  if (!request.query.malformed.has('returnTo') && isListed(allowed, returnTo)) return returnTo;
  throw new PageError(
    'invalid_request',
    'The "returnTo" querystring parameter is not defined as a valid URL in "Allowed Logout URLs"',
    {
      detail: `returnTo ${returnTo.slice(0, 200)}`,
      advice: 'You can close this window. The developer of the application has to list the address first.',
    },
  );
}

/** Auth0: query and hash of `returnTo` do not count; everything before them must be equal to the letter. */
function isListed(allowed: readonly string[], returnTo: string): boolean {
  if (URL.parse(returnTo) === null || /[\s\\\p{Cc}]/u.test(returnTo)) return false;
  const bare = withoutQuery(returnTo);
  return allowed.some((url) => withoutQuery(url) === bare);
}

const withoutQuery = (url: string): string => url.split(/[?#]/, 1)[0] ?? '';
