import { OAuthError, PageError } from '../core/errors.ts';
import type { Route } from '../http/route.ts';
import type { Directory } from '../tenant/directory.ts';
import { certificates } from './certificates.ts';
import { deviceAuthorization } from './device/device-authorization.ts';
import { discovery, jwks } from './discovery.ts';
import type { Keys } from './keys.ts';
import { logoutCallback } from './logout/logout-callback.ts';
import { oidcLogout } from './logout/oidc-logout.ts';
import type { UpstreamLogoutDeps } from './logout/upstream-logout.ts';
import { v2Logout } from './logout/v2-logout.ts';
import { recordingRefusal } from './record-refusal.ts';
import { revocationEndpoint } from './revoke.ts';
import type { Sessions } from './sessions.ts';
import type { TokenDeps } from './token/issue-tokens.ts';
import { tokenEndpoint } from './token/token-endpoint.ts';
import type { TokenSecrets } from './token-secrets.ts';
import { userinfo } from './userinfo.ts';

/*
 * issuer/: we as issuer. Keys, discovery, JWKS, client authentication, /oauth/token and its grants, device
 * codes, revocation, sessions, minting, userinfo, logout.
 *
 * It trusts what login/ has proven and stored in a code; it never speaks to an upstream and never shows a login page.
 */

export type IssuerDeps = TokenDeps & {
  readonly directory: Directory;
  readonly keys: Keys;
  readonly secrets: TokenSecrets;
  readonly sessions: Sessions;
  readonly issuerUrl: string;
  readonly findLogoutUrl: UpstreamLogoutDeps['findLogoutUrl'];
  readonly log: UpstreamLogoutDeps['log'];
  readonly countToken: (grantType: string) => void;
};

const refusedLogout = { type: 'flo', from: PageError } as const;
const refusedDevice = { type: 'fdeaz', from: OAuthError } as const;

export function issuerRoutes(deps: IssuerDeps): readonly Route[] {
  const document = discovery(deps.issuerUrl);
  const { pem, cer, rawpem } = certificates(deps.keys);
  const answerUserinfo = userinfo(deps);
  const answerOidcLogout = recordingRefusal(deps, refusedLogout, oidcLogout(deps));
  const cors = { answers: 'json', allowsCrossOrigin: true } as const;
  return [
    { method: 'GET', path: '/.well-known/openid-configuration', answers: 'json', handle: document },
    { method: 'GET', path: '/.well-known/oauth-authorization-server', answers: 'json', handle: document },
    { method: 'GET', path: '/.well-known/jwks.json', answers: 'json', handle: jwks(deps.keys) },
    { method: 'GET', path: '/pem', answers: 'json', handle: pem },
    { method: 'GET', path: '/cer', answers: 'json', handle: cer },
    { method: 'GET', path: '/rawpem', answers: 'json', handle: rawpem },
    { method: 'POST', path: '/oauth/token', ...cors, handle: tokenEndpoint(deps) },
    {
      method: 'POST',
      path: '/oauth/device/code',
      answers: 'json',
      handle: recordingRefusal(deps, refusedDevice, deviceAuthorization(deps)),
    },
    { method: 'POST', path: '/oauth/revoke', ...cors, handle: revocationEndpoint(deps) },
    { method: 'GET', path: '/userinfo', ...cors, handle: answerUserinfo },
    { method: 'POST', path: '/userinfo', ...cors, handle: answerUserinfo },
    {
      method: 'GET',
      path: '/v2/logout',
      answers: 'page',
      handle: recordingRefusal(deps, refusedLogout, v2Logout(deps)),
    },
    { method: 'GET', path: '/v2/logout/callback', answers: 'page', handle: logoutCallback(deps) },
    { method: 'GET', path: '/oidc/logout', answers: 'page', handle: answerOidcLogout },
    { method: 'POST', path: '/oidc/logout', answers: 'page', handle: answerOidcLogout },
  ];
}
