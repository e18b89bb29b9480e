import { isListed } from '../../core/callback-url.ts';
import type { Client } from '../../core/client.ts';
import { PageError } from '../../core/errors.ts';
import { hashHandle } from '../../core/hash.ts';
import { isSameText } from '../../core/secret.ts';
import type { Session } from '../../core/session.ts';
import { frameFor, type PageFrame } from '../../http/page-frame.ts';
import { renderHandoff } from '../../http/page-handoff.ts';
import { joinParameters, type Parameters } from '../../http/parameters.ts';
import { pageReply, redirectReply } from '../../http/reply.ts';
import type { HttpReply, HttpRequest } from '../../http/route.ts';
import type { Directory, Snapshot } from '../../tenant/directory.ts';
import type { KeySet, Keys } from '../keys.ts';
import { renderConfirmSignOutPage } from '../pages/confirm-sign-out-page.ts';
import { renderSignedOutPage } from '../pages/signed-out-page.ts';
import type { Sessions } from '../sessions.ts';
import type { TokenSecrets } from '../token-secrets.ts';
import { type LogoutEventDeps, recordLogout } from './logout-events.ts';
import { readIdTokenHint } from './read-id-token-hint.ts';
import { findUpstreamDetour, type UpstreamDetour, type UpstreamLogoutDeps } from './upstream-logout.ts';

/*
 * OpenID Connect RP-Initiated Logout 1.0. Without a hint that fits the session, a person confirms first: otherwise any
 * page could sign people out with an image.
 */

type LogoutDeps = UpstreamLogoutDeps &
  LogoutEventDeps & {
    readonly directory: Directory;
    readonly sessions: Sessions;
    readonly keys: Keys;
    readonly secrets: TokenSecrets;
  };

type LogoutRequest = {
  readonly client: Client | undefined;
  /** Claims of a valid id_token_hint. */
  readonly hintSid: string | undefined;
  readonly hintSub: string | undefined;
  /** Proven: on the client's list. */
  readonly askedTarget: string | undefined;
  /** The same, with the state attached. */
  readonly target: string | undefined;
};

/** `GET|POST /oidc/logout` */
export const oidcLogout =
  (deps: LogoutDeps) =>
  async (request: HttpRequest): Promise<HttpReply> => {
    const tenant = await deps.directory.read();
    const parameters = joinParameters(request.query, request.body);
    const logout = readLogout(deps, tenant, await deps.keys.read(), parameters);
    const session = await deps.sessions.find(request);
    const frame = frameFor(tenant.settings, request);
    const isConfirmed = parameters.values.confirmation !== undefined;
    if (session === undefined) return finish(deps, frame, { logout, detour: undefined, isConfirmed });
    if (mayEnd(logout, parameters, session)) {
      await deps.sessions.end(session);
      await recordLogout(deps, request, { session, clientId: logout.client?.id });
      const { state, federated } = parameters.values;
      const { client, askedTarget: target } = logout;
      const pending = { endpoint: 'oidc', clientId: client?.id, target, state } as const;
      const detour =
        federated === undefined ? undefined : await findUpstreamDetour(deps, { request, tenant, session, pending });
      return finish(deps, frame, { logout, detour, isConfirmed });
    }
    const page = renderConfirmSignOutPage({
      frame,
      clientName: logout.client?.name,
      action: `${deps.issuerUrl}oidc/logout`,
      fields: { ...pick(parameters), confirmation: confirmationOf(session) },
    });
    return pageReply(200, page);
  };

const carried = ['client_id', 'post_logout_redirect_uri', 'state', 'federated', 'ui_locales'] as const;

function pick({ values }: Parameters): Record<string, string> {
  return Object.fromEntries(
    carried.flatMap((name) => {
      const value = values[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Bound to the session's cookie: another site can neither read nor guess it. */
const confirmationOf = (session: Session): string => hashHandle(`sign-out ${session.handleHash}`);

function mayEnd(logout: LogoutRequest, { values }: Parameters, session: Session): boolean {
  if (logout.hintSid !== undefined && logout.hintSid === session.sid) return true;
  if (logout.hintSub !== undefined && logout.hintSub === session.userId) return true;
  if (values.logout_hint !== undefined && values.logout_hint === session.sid) return true;
  return values.confirmation !== undefined && isSameText(values.confirmation, confirmationOf(session));
}

function readLogout(deps: LogoutDeps, tenant: Snapshot, keySet: KeySet, parameters: Parameters): LogoutRequest {
  const { id_token_hint: hint, client_id: clientId } = parameters.values;
  if (parameters.malformed.size > 0) throw refused('A parameter was sent more than once');
  const claims = hint === undefined ? undefined : readIdTokenHint({ ...deps, tenant, keySet }, hint);
  if (hint !== undefined && claims === undefined) throw refused('The id_token_hint is not valid');
  const audience = claims?.aud;
  if (audience !== undefined && clientId !== undefined && audience !== clientId) {
    throw refused('The id_token_hint belongs to another client');
  }
  const client = findClient(tenant, clientId ?? audience);
  return {
    client,
    hintSid: typeof claims?.sid === 'string' ? claims.sid : undefined,
    hintSub: typeof claims?.sub === 'string' ? claims.sub : undefined,
    askedTarget: parameters.values.post_logout_redirect_uri,
    target: findOidcTarget(client, {
      target: parameters.values.post_logout_redirect_uri,
      state: parameters.values.state,
    }),
  };
}

function findClient(tenant: Snapshot, id: string | undefined): Client | undefined {
  if (id === undefined) return undefined;
  const client = tenant.findClient(id);
  if (client === undefined) throw refused('Unknown client');
  return client;
}

type Asked = { readonly target: string | undefined; readonly state: string | undefined };

/** Exact but for wildcards, query included; the state comes back with it. */
export function findOidcTarget(client: Client | undefined, { target: uri, state }: Asked): string | undefined {
  if (uri === undefined) return undefined;
  if (client === undefined || !isListed(client.logoutUrls, uri)) {
    throw refused('The post_logout_redirect_uri is not in the list of Allowed Logout URLs');
  }
  if (state === undefined) return uri;
  const target = new URL(uri);
  target.searchParams.set('state', state);
  return target.href;
}

type Finishing = {
  readonly logout: LogoutRequest;
  readonly detour: UpstreamDetour | undefined;
  readonly isConfirmed: boolean;
};

/** Our own form's policy reaches redirects too, so the answer to it is a page that leads on. */
function finish(deps: LogoutDeps, frame: PageFrame, { logout, detour, isConfirmed }: Finishing): HttpReply {
  const cookies = [deps.sessions.clearingCookie, ...(detour === undefined ? [] : [detour.cookie])];
  const href = detour?.url ?? logout.target;
  if (href === undefined) return pageReply(200, renderSignedOutPage(frame), cookies);
  if (!isConfirmed) return redirectReply(303, href, cookies);
  const name = detour?.connectionName ?? logout.client?.name ?? new URL(href).host;
  return pageReply(200, renderHandoff({ frame, href, name }), cookies);
}

const refused = (message: string): PageError => new PageError('invalid_request', message, { kind: 'signOut' });
