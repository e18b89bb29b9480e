import { hasWildcard, isListed } from '../../core/callback-url.ts';
import { PageError } from '../../core/errors.ts';
import { frameFor } from '../../http/page-frame.ts';
import { pageReply, redirectReply } from '../../http/reply.ts';
import type { HttpReply, HttpRequest } from '../../http/route.ts';
import type { Directory, Snapshot } from '../../tenant/directory.ts';
import { renderSignedOutPage } from '../pages/signed-out-page.ts';
import type { Sessions } from '../sessions.ts';
import { type LogoutEventDeps, recordLogout } from './logout-events.ts';
import { findUpstreamDetour, type UpstreamLogoutDeps } from './upstream-logout.ts';

export type V2LogoutDeps = UpstreamLogoutDeps &
  LogoutEventDeps & { readonly directory: Directory; readonly sessions: Sessions };

/** `GET /v2/logout?client_id&returnTo&federated`: Auth0's own logout. Ends the session, then goes to a listed address only. */
export const v2Logout =
  (deps: V2LogoutDeps) =>
  async (request: HttpRequest): Promise<HttpReply> => {
    const tenant = await deps.directory.read();
    const { client_id: clientId, returnTo, federated } = request.query.values;
    if (request.query.malformed.has('returnTo')) throw notListed(returnTo ?? '');
    if (request.query.malformed.has('client_id')) throw refused('The parameter client_id was sent more than once');
    const target = findV2Target(tenant, { clientId, returnTo });
    const session = await deps.sessions.find(request);
    if (session !== undefined) {
      await deps.sessions.end(session);
      await recordLogout(deps, request, { session, clientId: clientId && tenant.findClient(clientId)?.id });
    }
    const cookies = [deps.sessions.clearingCookie];
    const pending = { endpoint: 'v2', clientId, target, state: undefined } as const;
    const detour =
      federated === undefined ? undefined : await findUpstreamDetour(deps, { request, tenant, session, pending });
    if (detour !== undefined) return redirectReply(302, detour.url, [...cookies, detour.cookie]);
    if (target !== undefined) return redirectReply(302, target, cookies);
    return pageReply(200, renderSignedOutPage(frameFor(tenant.settings, request)), cookies);
  };

type Asked = { readonly clientId: string | undefined; readonly returnTo: string | undefined };

/** Proven: on the list of the client, or of the tenant where no client is named. */
export function findV2Target(tenant: Snapshot, { clientId, returnTo }: Asked): string | undefined {
  const client = clientId === undefined ? undefined : tenant.findClient(clientId);
  const allowed = clientId === undefined ? tenant.settings.allowedLogoutUrls : (client?.logoutUrls ?? []);
  if (returnTo === undefined || returnTo === '')
    return clientId === undefined ? undefined : allowed.find((url) => !hasWildcard(url));
  if (isAllowed(allowed, returnTo)) return returnTo;
  throw notListed(returnTo);
}

const notListed = (returnTo: string): PageError =>
  refused(
    'The "returnTo" querystring parameter is not defined as a valid URL in "Allowed Logout URLs"',
    `returnTo ${returnTo.slice(0, 200)}`,
  );

const refused = (message: string, detail?: string): PageError =>
  new PageError('invalid_request', message, { kind: 'signOut', ...(detail === undefined ? {} : { detail }) });

/** Auth0: query and hash of `returnTo` do not count; everything before them must be equal to the letter, or fit a wildcard. */
function isAllowed(allowed: readonly string[], returnTo: string): boolean {
  if (URL.parse(returnTo) === null || /[\s\\\p{Cc}]/u.test(returnTo)) return false;
  return isListed(allowed.map(withoutQuery), withoutQuery(returnTo));
}

const withoutQuery = (url: string): string => url.split(/[?#]/, 1)[0] ?? '';
