import type { RequestHandler, Response } from 'express';
import type { Grant, Grants } from './grants.ts';

type Answer = (grant: Grant, query: URLSearchParams) => unknown;

function refuse(response: Response, status: 401 | 403, error: string, scope?: string): void {
  const parameters = scope === undefined ? `error="${error}"` : `error="${error}", scope="${scope}"`;
  response.status(status).set('www-authenticate', `Bearer ${parameters}`).json({ error });
}

/** A resource of a service: a live access token of that service with the scope, or RFC 6750 §3. */
export function guarded(grants: Grants, serviceId: string) {
  return (scope: string, answer: Answer): RequestHandler =>
    (request, response) => {
      const [, token = ''] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
      const grant = grants.findByAccessToken(token, serviceId);
      if (!grant) return refuse(response, 401, 'invalid_token');
      if (!grant.scopes.includes(scope)) return refuse(response, 403, 'insufficient_scope', scope);
      const body = answer(grant, new URL(request.url, 'http://localhost').searchParams);
      response
        .set('cache-control', 'no-store')
        .type('json')
        .send(typeof body === 'string' ? body : JSON.stringify(body));
    };
}
