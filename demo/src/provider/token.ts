import { createHash, timingSafeEqual } from 'node:crypto';
import { type Request, type Response, Router } from 'express';
import type { CodeContent } from './authorize.ts';
import type { Grant, Grants } from './grants.ts';
import type { Handles } from './handles.ts';
import type { Service } from './service.ts';

type TokenDeps = { readonly service: Service; readonly codes: Handles<CodeContent>; readonly grants: Grants };

const sha256 = (value: string): Buffer => createHash('sha256').update(value).digest();

function refuse(response: Response, status: number, error: string, description: string): void {
  if (status === 401) response.set('www-authenticate', 'Basic realm="token"');
  response.status(status).json({ error, error_description: description });
}

/** RFC 6749 §2.3.1: the parts of a Basic header are form-encoded. */
function readBasic(header: string | undefined): { id: unknown; secret: unknown } | undefined {
  const [, encoded] = /^Basic +([^ ].*)$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const [id = '', secret = ''] = Buffer.from(encoded, 'base64').toString('utf8').split(/:(.*)/s);
  const decode = (part: string) => new URLSearchParams(`value=${part}`).get('value');
  return { id: decode(id), secret: decode(secret) };
}

function isOurClient(service: Service, request: Request): boolean {
  const sent = readBasic(request.headers.authorization) ?? {
    id: request.body?.client_id,
    secret: request.body?.client_secret,
  };
  if (sent.id !== service.client.id || typeof sent.secret !== 'string') return false;
  return timingSafeEqual(sha256(sent.secret), sha256(service.client.secret));
}

function isVerified({ challenge }: CodeContent, verifier: unknown): boolean {
  // A verifier without a challenge means that somebody took the challenge out on the way.
  if (challenge === undefined) return verifier === undefined;
  return typeof verifier === 'string' && sha256(verifier).toString('base64url') === challenge;
}

/** Client authentication by post or basic; code (one use, PKCE) and refresh token (rotated). */
export function tokenRoute({ service, codes, grants }: TokenDeps): Router {
  const grantOfCode = new Map<string, Grant>();

  function redeemCode(request: Request, response: Response) {
    const { code, redirect_uri: redirectUri, code_verifier: verifier } = request.body;
    const content = codes.take(code);
    if (!content) {
      // RFC 6749 §4.1.2: a code presented twice revokes its tokens.
      const earlier = grantOfCode.get(String(code));
      if (earlier) earlier.isRevoked = true;
      return refuse(response, 400, 'invalid_grant', 'The code is unknown, expired or used');
    }
    if (redirectUri !== content.redirectUri)
      return refuse(response, 400, 'invalid_grant', 'redirect_uri is not the one of the authorization');
    if (!isVerified(content, verifier)) return refuse(response, 400, 'invalid_grant', 'code_verifier does not fit');
    const grant: Grant = {
      serviceId: service.id,
      person: content.person,
      scopes: content.scopes,
      isRevoked: false,
    };
    grantOfCode.set(code, grant);
    response.json(grants.issue(grant));
  }

  function refresh(request: Request, response: Response) {
    const answer = grants.refresh(request.body.refresh_token, service.id);
    if (!answer) return refuse(response, 400, 'invalid_grant', 'The refresh token is unknown, used or revoked');
    response.json(answer);
  }

  const router = Router();
  router.post(service.tokenPath, (request, response) => {
    response.set({ 'cache-control': 'no-store', pragma: 'no-cache' });
    if (!isOurClient(service, request)) return refuse(response, 401, 'invalid_client', 'Client authentication failed');
    switch (request.body?.grant_type) {
      case 'authorization_code':
        return redeemCode(request, response);
      case 'refresh_token':
        return refresh(request, response);
      default:
        return refuse(response, 400, 'unsupported_grant_type', 'Use authorization_code or refresh_token');
    }
  });
  return router;
}
