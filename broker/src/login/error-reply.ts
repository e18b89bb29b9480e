import type { Client } from '../core/client.ts';
import { defaultTenantSettings, type TenantSettings } from '../core/tenant.ts';
import { frameFor } from '../http/page-frame.ts';
import { allParameters } from '../http/parameters.ts';
import { pageReply, redirectReply } from '../http/reply.ts';
import type { ErrorFacts } from '../http/respond-error.ts';
import type { HttpReply, HttpRequest } from '../http/route.ts';
import type { Directory } from '../tenant/directory.ts';
import { renderErrorPage } from './pages/error-page.ts';

type ErrorReplyDeps = { readonly directory: Directory; readonly issuerUrl: string };

/**
 * An error that a person sees: the operator's own page if there is one, else ours, in the person's language and with a
 * way back. It must not fail: what cannot be read is left out.
 */
export const createErrorReply =
  ({ directory, issuerUrl }: ErrorReplyDeps) =>
  async (facts: ErrorFacts, request: HttpRequest): Promise<HttpReply> => {
    const tenant = await directory.read().catch(() => undefined);
    const settings = tenant?.settings ?? defaultTenantSettings;
    const frame = frameFor(settings, request);
    if (settings.errorPageUrl !== undefined) {
      const own = withQuery(settings.errorPageUrl, errorQuery(facts, request, frame.language.tag));
      return redirectReply(request.method === 'POST' ? 303 : 302, own);
    }
    const client = facts.clientId && tenant?.findClient(facts.clientId);
    const { status, kind, code, message, traceId } = facts;
    const backHref = backHrefOf(settings, client, issuerUrl);
    return pageReply(
      status,
      renderErrorPage({ frame, kind, code, message, traceId, backHref, clientName: client?.name }),
    );
  };

/** OpenID Connect Core §4: an application learns from `iss` where the sign-in is to begin. */
function backHrefOf(settings: TenantSettings, client: Client | undefined, issuerUrl: string): string | undefined {
  if (client?.initiateLoginUri !== undefined) return withQuery(client.initiateLoginUri, { iss: issuerUrl });
  return settings.defaultRedirectionUri;
}

/** Auth0's names. */
const errorQuery = (facts: ErrorFacts, request: HttpRequest, lang: string): Record<string, string | undefined> => {
  const { client_id: clientId, connection } = allParameters(request).values;
  return {
    client_id: facts.clientId ?? clientId,
    connection,
    lang,
    error: facts.code,
    error_description: facts.message,
    tracking: facts.traceId,
  };
};

function withQuery(address: string, values: Readonly<Record<string, string | undefined>>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) url.searchParams.set(name, value.slice(0, 1000));
  }
  return url.href;
}
