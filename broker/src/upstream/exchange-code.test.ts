import { describe, expect, test } from 'vitest';
import type { ProviderAnswer } from '../../test/support/provider.ts';
import { redirectUri, startUpstream, upstreamFailureOf } from '../../test/support/upstream.ts';

type World = Awaited<ReturnType<typeof startUpstream>>;
const code = { code: 'the-code', verifier: undefined, redirectUri, nonce: undefined };
const answering = (world: World, answer: ProviderAnswer) => {
  world.provider.on('token', () => answer);
  return world.upstream.exchangeCode(world.connection(), code, world.trace);
};
const lastForm = (world: World) => world.provider.requestsTo('token').at(-1)?.body ?? '';

describe('the request', () => {
  test('a code becomes tokens, with PKCE, against a provider that insists on it (UP-11)', async () => {
    const world = await startUpstream({ provider: { requiresPkce: true } });
    const connection = world.connection({ pkce_enabled: true });
    const answer = await world.exchange(connection);
    expect(answer.tokenset).toMatchObject({ tokenType: 'Bearer', idToken: undefined });
    expect(answer.tokenset.accessToken).toMatch(/^at-/);
    const stolen = { ...(await world.signIn(connection)), verifier: 'w'.repeat(43) };
    expect(await upstreamFailureOf(world.upstream.exchangeCode(connection, stolen, world.trace))).toMatchObject({
      step: 'exchange',
      reason: 'status_400',
    });
  });

  test('the form has the order in which Auth0 sends it, secret in the body', async () => {
    const world = await startUpstream({ provider: { clientSecret: 'se cret&=' } });
    await upstreamFailureOf(world.upstream.exchangeCode(world.connection(), { ...code, verifier: 'ver' }, world.trace));
    expect(lastForm(world)).toBe(
      `grant_type=authorization_code&redirect_uri=${encodeURIComponent(redirectUri)}&code_verifier=ver&client_id=portico-at-provider&client_secret=se+cret%26%3D&code=the-code`,
    );
    const request = world.provider.requestsTo('token').at(-1);
    expect(request?.method).toBe('POST');
    expect(request?.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      'user-agent': 'Portico',
    });
  });

  test('UP-23: Basic credentials are form-encoded before they are joined', async () => {
    const secret = 'a:b%c+d é ü';
    const world = await startUpstream({ provider: { clientId: 'id:1', clientSecret: secret } });
    const answer = await world.exchange(world.connection({ token_endpoint_auth_method: 'client_secret_basic' }));
    expect(answer.tokenset.accessToken).toMatch(/^at-/);
    expect(lastForm(world)).not.toMatch(/client_secret|client_id/);
  });

  test.each([
    [{ token_endpoint_auth_method: 'none' }],
    [{ client_secret: '' }],
    [{ client_secret: '', token_endpoint_auth_method: 'client_secret_basic' }],
  ])('a public client sends its id and no secret: %j', async (options) => {
    const world = await startUpstream({ provider: { clientSecret: undefined } });
    await world.exchange(world.connection(options));
    expect(lastForm(world)).toContain('client_id=portico-at-provider&code=');
    expect(lastForm(world)).not.toContain('client_secret');
  });

  test('custom headers go to the token endpoint, beside the secret in the body, and cannot change the framing', async () => {
    const world = await startUpstream();
    const customHeaders = {
      Authorization: 'Basic eDp5',
      'X-Api-Key': 'k',
      'user-agent': 'Mine',
      Host: 'evil',
      'Content-Length': '1',
      'Content-Type': 'text/plain',
      Connection: 'close',
      'Transfer-Encoding': 'chunked',
    };
    await upstreamFailureOf(world.upstream.exchangeCode(world.connection({ customHeaders }), code, world.trace));
    const request = world.provider.requestsTo('token').at(-1);
    expect(request?.headers).toMatchObject({
      authorization: 'Basic eDp5',
      'x-api-key': 'k',
      'user-agent': 'Mine',
      host: world.provider.host,
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(request?.form.get('client_secret')).toBe('provider-secret');
  });

  test.each([
    { 'X-A': 'b\r\nX-Evil: 1' },
    { 'X A': 'b' },
    { 'X-A': 'b\u0000' },
    { 'X-A': 1 },
    { '': 'x' },
    { 'X-A': 'snow ☃' },
  ])('a custom header that HTTP does not allow is a configuration error: %j', async (customHeaders) => {
    const world = await startUpstream();
    const error = await upstreamFailureOf(
      world.upstream.exchangeCode(world.connection({ customHeaders }), code, world.trace),
    );
    expect(error).toMatchObject({ step: 'configuration', reason: 'bad_custom_header' });
    expect(world.provider.counts.token).toBe(0);
  });

  test("customHeaders '' is none", async () => {
    const world = await startUpstream();
    expect((await world.exchange(world.connection({ customHeaders: '' }))).tokenset.accessToken).toMatch(/^at-/);
  });

  test('UP-22: a tokenURL that carries the secret is refused', async () => {
    const world = await startUpstream();
    const connection = world.connection({ tokenURL: `${world.provider.tokenUrl}?client_secret=x` });
    expect(await upstreamFailureOf(world.upstream.exchangeCode(connection, code, world.trace))).toMatchObject({
      step: 'configuration',
      reason: 'secret_in_url',
    });
    expect(world.provider.counts.token).toBe(0);
  });
});

describe('limits', () => {
  test('NET-08, NET-10: an endpoint that does not answer in time ends the sign-in', async () => {
    const world = await startUpstream({ limits: { timeoutMs: 80 } });
    world.provider.on('token', () => 'handled');
    expect(await upstreamFailureOf(world.upstream.exchangeCode(world.connection(), code, world.trace))).toMatchObject({
      step: 'exchange',
      reason: 'timeout',
    });
  });

  test('NET-11: an answer beyond 1 MiB ends the sign-in', async () => {
    const answer = { body: { access_token: 'abc', padding: 'x'.repeat(1024 * 1024) } };
    expect(await upstreamFailureOf(answering(await startUpstream(), answer))).toMatchObject({
      step: 'exchange',
      reason: 'too_large',
    });
  });

  test('an address that the egress does not allow is not reached', async () => {
    const world = await startUpstream();
    const other = await startUpstream();
    const connection = world.connection({ tokenURL: other.provider.tokenUrl });
    expect(await upstreamFailureOf(world.upstream.exchangeCode(connection, code, world.trace))).toMatchObject({
      step: 'exchange',
      reason: 'denied',
    });
    expect(other.provider.requests).toEqual([]);
  });

  test('the trace tells the step, and no secret', async () => {
    const world = await startUpstream();
    const { tokenset } = await world.exchange(world.connection());
    expect(world.trace.lines.map(({ step, fields }) => [step, fields.status])).toEqual([['upstream.token', 200]]);
    const text = JSON.stringify(world.trace.lines);
    for (const secret of [tokenset.accessToken, tokenset.refreshToken ?? '', 'provider-secret'])
      expect(text).not.toContain(secret);
  });
});
