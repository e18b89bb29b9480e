import { afterEach, expect } from 'vitest';
import type { Clock } from '../../src/core/clock.ts';
import { type Connection, type ConnectionOptions, connectionDefaults } from '../../src/core/connection.ts';
import { UpstreamError } from '../../src/core/errors.ts';
import type { ConnectionId, TraceId } from '../../src/core/ids.ts';
import { createTrace } from '../../src/core/trace.ts';
import { createGuardedFetch } from '../../src/http/guarded-fetch.ts';
import type { Sandbox, Script, ScriptRun } from '../../src/sandbox/sandbox.ts';
import { createUpstream, type UpstreamDeps } from '../../src/upstream/create-upstream.ts';
import type { CodeExchange } from '../../src/upstream/upstream.ts';
import { type ProviderOptions, startProvider } from './provider.ts';

/* What the tests of upstream/ share: a provider, an upstream that may reach it, and a connection to it. */

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

export const redirectUri = 'https://portico.example/login/callback';

export function connectionOf(options: Record<string, unknown>): Connection {
  return {
    ...connectionDefaults,
    id: 'con_1' as ConnectionId,
    name: 'acme',
    strategy: 'oauth2',
    displayName: 'Acme',
    options: options as ConnectionOptions,
    enabledClients: new Set(),
    metadata: {},
    createdAt: new Date(0),
    updatedAt: new Date(0),
  };
}

/** A sandbox that ends every run in the given way and keeps what it was asked. */
export function sandboxOf(run: Partial<ScriptRun>): Sandbox & { readonly scripts: Script[] } {
  const scripts: Script[] = [];
  return {
    scripts,
    async run(script) {
      scripts.push(script);
      return {
        outcome: { ok: true, value: {} },
        consoleLines: [],
        exchanges: [],
        responseTexts: [],
        ms: 1,
        msSinceGiven: 1,
        ...run,
      };
    },
    ready: async () => {},
    hostPids: () => [],
    close: async () => {},
  };
}

export async function startUpstream(given: Partial<UpstreamDeps> & { provider?: ProviderOptions } = {}) {
  const { provider: providerOptions, ...deps } = given;
  const provider = await startProvider(providerOptions);
  const guarded = createGuardedFetch({ allow: [provider.host] });
  closers.push(provider.close, guarded.close);
  let offsetMs = 0;
  const clock: Clock = { now: () => new Date(Date.now() + offsetMs) };
  const upstream = createUpstream({ fetch: guarded.fetch, sandbox: sandboxOf({}), clock, ...deps });
  const trace = createTrace('trace-1' as TraceId, () => 0);
  const connection = (options: Record<string, unknown> = {}): Connection =>
    connectionOf({
      client_id: provider.clientId,
      client_secret: provider.clientSecret,
      authorizationURL: provider.authorizeUrl,
      tokenURL: provider.tokenUrl,
      userInfoURL: provider.userInfoUrl,
      ...options,
    });

  /** Through the browser's part: the code that the provider sends to our callback. */
  async function signIn(of: Connection, { verifier = 'v'.repeat(43), nonce = 'nonce-1' } = {}): Promise<CodeExchange> {
    const authorization = { state: 'state-1', nonce, verifier, redirectUri, parameters: {} };
    const sent = await upstream.authorizationUrl(of, authorization, trace);
    const response = await fetch(sent.url, { redirect: 'manual' });
    const code = new URL(response.headers.get('location') ?? '').searchParams.get('code') ?? '';
    return {
      code,
      redirectUri,
      verifier: sent.sendsChallenge ? verifier : undefined,
      nonce: sent.sendsNonce ? nonce : undefined,
    };
  }

  return {
    provider,
    upstream,
    trace,
    connection,
    signIn,
    /** From the sign-in upstream to the tokens. */
    exchange: async (of: Connection) => upstream.exchangeCode(of, await signIn(of), trace),
    passTime: (seconds: number): void => {
      offsetMs += seconds * 1000;
    },
  };
}

export async function upstreamFailureOf(answer: Promise<unknown>): Promise<UpstreamError> {
  const error = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof UpstreamError)) expect(error).toBeInstanceOf(UpstreamError);
  return error as UpstreamError;
}

/** A world whose connection verifies ID tokens by discovery; `exchange` answers with the given one. */
export async function startVerifying(options: Record<string, unknown> = {}) {
  const world = await startUpstream();
  const connection = world.connection({ scope: 'openid email', issuer: world.provider.issuer, ...options });
  return {
    ...world,
    of: connection,
    async exchangeWith(idToken: string, nonce?: string) {
      world.provider.on('token', () => ({ body: { access_token: 'the-access-token', id_token: idToken } }));
      return world.upstream.exchangeCode(
        connection,
        { code: 'c', verifier: undefined, redirectUri, nonce },
        world.trace,
      );
    },
  };
}
