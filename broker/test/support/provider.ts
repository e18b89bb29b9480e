import { hash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

/*
 * The far side of the wire: a small OAuth 2.0 provider on loopback. It signs in `user` without asking, enforces one use
 * of codes, redirect URI, client secret and PKCE, and issues ID tokens where `openid` is in the scope. `on` answers
 * anything else in place of an endpoint.
 */

export type Endpoint = 'authorize' | 'token' | 'userinfo' | 'jwks' | 'discovery' | 'other';
export type ProviderUser = { readonly id: string; readonly [key: string]: unknown };

export type ProviderRequest = {
  readonly endpoint: Endpoint;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly form: URLSearchParams;
};

/** `body`: text goes out as it is, anything else as JSON. */
export type ProviderAnswer = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

/**
 * undefined leaves the request to the provider, unless the handler has begun to answer on `response` itself. A handler
 * that takes over a connection for good returns 'handled'.
 */
export type ProviderHandler = (
  request: ProviderRequest,
  response: ServerResponse,
) => ProviderAnswer | 'handled' | undefined | Promise<ProviderAnswer | 'handled' | undefined>;

export type ProviderOptions = {
  readonly port?: number;
  readonly clientId?: string;
  /** undefined: a public client. */
  readonly clientSecret?: string | undefined;
  readonly users?: readonly ProviderUser[];
  /** Refuses authorization requests without a challenge. */
  readonly requiresPkce?: boolean;
  readonly expiresIn?: number;
  /** false: nothing is kept of the requests, for long runs; `counts` still counts. */
  readonly keepsRequests?: boolean;
};

type Grant = {
  readonly user: ProviderUser;
  readonly redirectUri: string;
  readonly challenge: string | null;
  readonly scope: string;
  readonly nonce: string | null;
};

export type Provider = Awaited<ReturnType<typeof startProvider>>;

const endpoints: Readonly<Record<string, Endpoint>> = {
  '/authorize': 'authorize',
  '/token': 'token',
  '/userinfo': 'userinfo',
  '/jwks': 'jwks',
  '/.well-known/openid-configuration': 'discovery',
};

const defaultUser: ProviderUser = {
  id: 'user-1',
  email: 'ada@example.com',
  email_verified: true,
  name: 'Ada Lovelace',
  avatar: { url: 'https://cdn.example.com/ada.png' },
};

export async function startProvider(options: ProviderOptions = {}) {
  const clientId = options.clientId ?? 'portico-at-provider';
  const clientSecret = 'clientSecret' in options ? options.clientSecret : 'provider-secret';
  const users = new Map((options.users ?? [defaultUser]).map((user) => [user.id, user]));
  let current = [...users.values()][0] ?? defaultUser;
  const codes = new Map<string, Grant>();
  const accessTokens = new Map<string, Grant>();
  const refreshTokens = new Map<string, Grant>();
  const requests: ProviderRequest[] = [];
  const counts: Record<Endpoint, number> = { authorize: 0, token: 0, userinfo: 0, jwks: 0, discovery: 0, other: 0 };
  const handlers = new Map<Endpoint, ProviderHandler>();
  let signing = createSigning();

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error));
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    counts[request.endpoint] += 1;
    if (options.keepsRequests !== false) requests.push(request);
    const given = (await handlers.get(request.endpoint)?.(request, response)) ?? undefined;
    if (given === 'handled' || response.headersSent) return;
    send(response, given ?? (await answers[request.endpoint](request)));
  }

  const answers: Record<Endpoint, (request: ProviderRequest) => ProviderAnswer | Promise<ProviderAnswer>> = {
    authorize({ query }) {
      const redirectUri = query.get('redirect_uri');
      if (query.get('client_id') !== clientId || redirectUri === null) return { status: 400, body: 'unknown client' };
      const challenge = query.get('code_challenge');
      const state = query.get('state') ?? '';
      if (options.requiresPkce && (challenge === null || query.get('code_challenge_method') !== 'S256')) {
        return redirect(redirectUri, { error: 'invalid_request', state });
      }
      const code = randomBytes(16).toString('base64url');
      const user = users.get(query.get('login_hint') ?? '') ?? current;
      codes.set(code, { user, redirectUri, challenge, scope: query.get('scope') ?? '', nonce: query.get('nonce') });
      return redirect(redirectUri, { code, state });
    },
    token(request) {
      if (!isClient(request)) return refuse(401, 'invalid_client');
      const { form } = request;
      if (form.get('grant_type') === 'refresh_token') {
        const grant = refreshTokens.get(form.get('refresh_token') ?? '');
        return grant ? issue(grant) : refuse(400, 'invalid_grant');
      }
      const code = form.get('code') ?? '';
      const grant = codes.get(code);
      codes.delete(code);
      const isGranted =
        form.get('grant_type') === 'authorization_code' &&
        grant?.redirectUri === form.get('redirect_uri') &&
        (grant.challenge === null || grant.challenge === hash('sha256', form.get('code_verifier') ?? '', 'base64url'));
      return isGranted ? issue(grant) : refuse(400, 'invalid_grant');
    },
    userinfo({ headers }) {
      const grant = accessTokens.get(/^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '');
      if (!grant) return refuse(401, 'invalid_token');
      return { body: { sub: grant.user.id, ...grant.user } };
    },
    async jwks() {
      return { body: { keys: [(await signing).publicJwk] } };
    },
    discovery: () => ({
      body: {
        issuer: url,
        authorization_endpoint: `${url}/authorize`,
        token_endpoint: `${url}/token`,
        userinfo_endpoint: `${url}/userinfo`,
        jwks_uri: `${url}/jwks`,
      },
    }),
    other: () => ({ status: 404, body: { error: 'not_found' } }),
  };

  function isClient({ form, headers }: ProviderRequest): boolean {
    const basic = /^Basic (.+)$/.exec(headers.authorization ?? '')?.[1];
    if (basic !== undefined) {
      const [id = '', secret = ''] = Buffer.from(basic, 'base64').toString().split(':');
      return decodeForm(id) === clientId && decodeForm(secret) === clientSecret;
    }
    return (
      form.get('client_id') === clientId && (clientSecret === undefined || form.get('client_secret') === clientSecret)
    );
  }

  async function issue(grant: Grant): Promise<ProviderAnswer> {
    const accessToken = `at-${randomBytes(18).toString('base64url')}`;
    const refreshToken = `rt-${randomBytes(18).toString('base64url')}`;
    accessTokens.set(accessToken, grant);
    refreshTokens.set(refreshToken, grant);
    const idToken = grant.scope.split(/[ ,]/).includes('openid') ? { id_token: await signIdToken({}, grant) } : {};
    const expiresIn = options.expiresIn ?? 3600;
    const body = {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: expiresIn,
      refresh_token: refreshToken,
      ...idToken,
    };
    return { body, headers: { 'cache-control': 'no-store' } };
  }

  /** Claims and header given here replace the right ones; a member that is undefined is left out. */
  async function signIdToken(
    claims: JWTPayload = {},
    grant?: Pick<Grant, 'user' | 'nonce'>,
    header: Readonly<Record<string, unknown>> = {},
  ): Promise<string> {
    const { privateKey, publicJwk } = await signing;
    const now = Math.floor(Date.now() / 1000);
    const nonce = grant?.nonce ? { nonce: grant.nonce } : {};
    const payload = {
      iss: url,
      aud: clientId,
      sub: (grant?.user ?? current).id,
      iat: now,
      exp: now + 300,
      ...nonce,
      ...claims,
    };
    const protectedHeader = { alg: 'ES256', kid: String(publicJwk.kid), ...header };
    return new SignJWT(payload).setProtectedHeader(protectedHeader).sign(privateKey);
  }

  return {
    url,
    clientId,
    clientSecret,
    issuer: url,
    authorizeUrl: `${url}/authorize`,
    tokenUrl: `${url}/token`,
    userInfoUrl: `${url}/userinfo`,
    jwksUrl: `${url}/jwks`,
    discoveryUrl: `${url}/.well-known/openid-configuration`,
    /** For EGRESS_ALLOW. */
    host: url.slice('http://'.length),
    requests,
    counts,
    requestsTo: (endpoint: Endpoint): ProviderRequest[] => requests.filter((request) => request.endpoint === endpoint),
    on(endpoint: Endpoint, handler: ProviderHandler | undefined): void {
      if (handler) handlers.set(endpoint, handler);
      else handlers.delete(endpoint);
    },
    /** Adds or replaces; `login_hint=<id>` signs this one in. */
    addUser(user: ProviderUser): void {
      users.set(user.id, user);
    },
    /** Signed in from now on, unless a login_hint names another. */
    signInAs(user: ProviderUser): void {
      users.set(user.id, user);
      current = user;
    },
    signIdToken,
    rotateKeys(): void {
      signing = createSigning();
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function createSigning(): Promise<{ privateKey: CryptoKey; publicJwk: JWK }> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const kid = randomBytes(8).toString('base64url');
  return { privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'ES256' } };
}

async function readRequest(incoming: IncomingMessage): Promise<ProviderRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const path = incoming.url ?? '/';
  const [pathname = '', search = ''] = path.split('?', 2);
  const body = Buffer.concat(chunks).toString();
  return {
    endpoint: endpoints[pathname] ?? 'other',
    method: incoming.method ?? 'GET',
    path,
    query: new URLSearchParams(search),
    headers: incoming.headers,
    body,
    form: new URLSearchParams(body),
  };
}

function send(response: ServerResponse, { status = 200, headers = {}, body }: ProviderAnswer): void {
  const isText = typeof body === 'string' || Buffer.isBuffer(body);
  const bytes = body === undefined ? '' : isText ? body : JSON.stringify(body);
  response.writeHead(
    status,
    isText || body === undefined ? headers : { 'content-type': 'application/json', ...headers },
  );
  response.end(bytes);
}

function redirect(redirectUri: string, parameters: Record<string, string>): ProviderAnswer {
  const separator = redirectUri.includes('?') ? '&' : '?';
  return { status: 302, headers: { location: `${redirectUri}${separator}${new URLSearchParams(parameters)}` } };
}

const refuse = (status: number, error: string): ProviderAnswer => ({ status, body: { error } });

const decodeForm = (text: string): string => new URLSearchParams(`v=${text}`).get('v') ?? '';
