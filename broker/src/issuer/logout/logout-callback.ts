import { frameFor } from '../../http/page-frame.ts';
import { pageReply, redirectReply } from '../../http/reply.ts';
import type { HttpReply, HttpRequest } from '../../http/route.ts';
import type { Directory, Snapshot } from '../../tenant/directory.ts';
import { renderSignedOutPage } from '../pages/signed-out-page.ts';
import { findOidcTarget } from './oidc-logout.ts';
import { clearPendingLogout, type PendingLogout, readPendingLogout } from './pending-logout.ts';
import { findV2Target } from './v2-logout.ts';

/** `GET /v2/logout/callback`: back from the upstream. Nothing in the address counts; the target is proven once more. */
export const logoutCallback =
  (deps: { readonly directory: Directory; readonly issuerUrl: string }) =>
  async (request: HttpRequest): Promise<HttpReply> => {
    const tenant = await deps.directory.read();
    const pending = readPendingLogout(deps.issuerUrl, request);
    const cookies = [clearPendingLogout(deps.issuerUrl)];
    const target = pending && findTarget(tenant, pending);
    if (target !== undefined) return redirectReply(302, target, cookies);
    return pageReply(200, renderSignedOutPage(frameFor(tenant.settings, request)), cookies);
  };

function findTarget(tenant: Snapshot, { endpoint, clientId, target, state }: PendingLogout): string | undefined {
  if (target === undefined) return undefined;
  if (endpoint === 'v2') return findV2Target(tenant, { clientId, returnTo: target });
  const client = clientId === undefined ? undefined : tenant.findClient(clientId);
  return findOidcTarget(client, { target, state });
}
