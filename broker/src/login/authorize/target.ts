import { isListed } from '../../core/callback-url.ts';
import type { Client } from '../../core/client.ts';
import { PageError } from '../../core/errors.ts';
import type { TenantSettings } from '../../core/tenant.ts';
import type { Parameters } from '../../http/parameters.ts';
import type { Snapshot } from '../../tenant/directory.ts';
import { findRedirectUri, type VerifiedRedirectUri } from './redirect-uri.ts';
import { defaultModeOf, type ResponseMode, readResponseMode } from './response-type.ts';

/** Where an answer may go: proven before anything else is looked at. Every error before it is a page. */
export type Target = {
  readonly client: Client;
  readonly redirectUri: VerifiedRedirectUri;
  readonly isRedirectUriExplicit: boolean;
  readonly responseMode: ResponseMode;
  readonly state: string | undefined;
  /** For pages that carry the answer. */
  readonly settings: TenantSettings;
  readonly uiLocales: string | undefined;
};

/** Throws PageError: unknown client, redirect URI not on its list, repeated parameters, a web message to a stranger. */
export function proveTarget(tenant: Snapshot, parameters: Parameters): Target {
  checkRepeated(parameters);
  const client = findClient(tenant, parameters.values.client_id);
  const { redirectUri, isExplicit } = findRedirectUri(client, parameters.values.redirect_uri);
  const responseMode = readResponseMode(parameters.values) ?? defaultModeOf(parameters.values.response_type);
  if (responseMode === 'web_message') checkWebOrigin(client, redirectUri);
  return {
    client,
    redirectUri,
    isRedirectUriExplicit: isExplicit,
    responseMode,
    state: parameters.values.state,
    settings: tenant.settings,
    uiLocales: parameters.values.ui_locales,
  };
}

/** A parameter that came twice may have been added by somebody else: nothing is redirected (RFC 6749 §3.1). */
function checkRepeated({ malformed }: Parameters): void {
  const [name] = malformed;
  if (name === undefined) return;
  throw new PageError('invalid_request', `Parameter was sent more than once: ${name.slice(0, 64)}`);
}

function findClient(tenant: Snapshot, id: string | undefined): Client {
  if (id === undefined || id === '') {
    throw new PageError('invalid_request', 'Missing required parameter: client_id');
  }
  const client = tenant.findClient(id);
  if (client !== undefined) return client;
  throw new PageError('invalid_request', `Unknown client: ${id.slice(0, 64)}`);
}

/** Auth0: the page that receives the message must be in Allowed Web Origins. */
function checkWebOrigin(client: Client, redirectUri: VerifiedRedirectUri): void {
  const origin = URL.parse(redirectUri)?.origin;
  if (origin !== undefined && isListed(client.webOrigins, origin)) return;
  throw new PageError('invalid_request', 'The origin of the redirect_uri is not in the list of Allowed Web Origins', {
    detail: `origin ${origin}, client ${client.id}`,
  });
}
