import { type Request, type Response, Router } from 'express';
import { createHandles, type HandleDeps, type Handles } from './handles.ts';
import { sendConsentPage, sendErrorPage, sendLoginPage } from './pages.ts';
import { type Person, people } from './people.ts';
import type { Service } from './service.ts';

/** An authorization request that passed every check. */
export type AuthorizationRequest = {
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly state: string | undefined;
  readonly challenge: string | undefined;
};

type Refusal = { readonly error: string; readonly description: string };
/** What a code stands for; read once at the token endpoint. */
export type CodeContent = AuthorizationRequest & { readonly person: Person };

type AuthorizeDeps = HandleDeps & { readonly service: Service; readonly codes: Handles<CodeContent> };

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

function readRequest(service: Service, request: Request): AuthorizationRequest | Refusal {
  const { query } = request;
  if (text(query.response_type) !== 'code')
    return { error: 'unsupported_response_type', description: 'response_type must be code' };
  const challenge = text(query.code_challenge);
  if (challenge !== undefined && query.code_challenge_method !== 'S256')
    return { error: 'invalid_request', description: 'code_challenge_method must be S256' };
  const scopes = (text(query.scope) ?? '').split(/[\s,]+/).filter(Boolean);
  const unknown = scopes.find((scope) => !Object.hasOwn(service.scopes, scope));
  if (unknown !== undefined) return { error: 'invalid_scope', description: `unknown scope ${unknown}` };
  const redirectUri = text(query.redirect_uri) ?? '';
  return { redirectUri, scopes: [...new Set(scopes)], state: text(query.state), challenge };
}

function sendBack(response: Response, redirectUri: string, answer: Readonly<Record<string, string | undefined>>): void {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(answer)) if (value !== undefined) url.searchParams.set(name, value);
  response.redirect(303, url.href);
}

/** The browser's part: authorize, sign in, allow or deny. Somebody who comes again signs in again; there is no session. */
export function authorizeRoutes(deps: AuthorizeDeps): Router {
  const { service, codes } = deps;
  const atLogin = createHandles<AuthorizationRequest>(deps, 600);
  const atConsent = createHandles<CodeContent>(deps, 600);
  const router = Router();

  router.get(service.authorizePath, (request, response) => {
    if (request.query.client_id !== service.client.id)
      return sendErrorPage(response, service, 'The application that sent you here is not registered.');
    const redirectUri = text(request.query.redirect_uri);
    if (redirectUri === undefined || !service.client.redirectUris.includes(redirectUri))
      return sendErrorPage(response, service, 'The address to return to is not registered for this application.');
    const authorization = readRequest(service, request);
    if ('error' in authorization) {
      const { error, description } = authorization;
      return sendBack(response, redirectUri, {
        error,
        error_description: description,
        state: text(request.query.state),
      });
    }
    sendLoginPage(response, { service, handle: atLogin.put(authorization) });
  });

  router.post(service.loginPath, (request, response) => {
    const authorization = atLogin.take(request.body?.handle);
    if (!authorization) return sendErrorPage(response, service, 'This sign-in has expired or was already used.');
    const { username, password } = request.body;
    const person = people.find((each) => each.username === username && each.password === password);
    if (!person) {
      const problem = 'This user name and password do not belong together.';
      return sendLoginPage(response, { service, handle: atLogin.put(authorization), problem });
    }
    sendConsentPage(response, {
      service,
      person,
      scopes: authorization.scopes,
      handle: atConsent.put({ ...authorization, person }),
    });
  });

  router.post(service.consentPath, (request, response) => {
    const content = atConsent.take(request.body?.handle);
    if (!content) return sendErrorPage(response, service, 'This sign-in has expired or was already used.');
    const { redirectUri, state } = content;
    if (request.body.decision !== 'allow')
      return sendBack(response, redirectUri, {
        error: 'access_denied',
        error_description: 'The person did not allow it',
        state,
      });
    sendBack(response, redirectUri, { code: codes.put(content), state });
  });

  return router;
}
