import { createServer } from 'node:http';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Agent, createAgent } from '../support/agent.ts';
import { addPerson, obtainTokens, web } from '../support/applications.ts';
import { databases, useDatabase } from '../support/databases.ts';
import { startWorld, type World } from '../support/world.ts';

const eventName = 'http://schemas.openid.net/event/backchannel-logout';

/** An application that is told of logouts; `answer` is the status that it gives. */
async function startListener() {
  const tokens: string[] = [];
  const given = { status: 200 };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      tokens.push(new URLSearchParams(body).get('logout_token') ?? '');
      response.writeHead(given.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { tokens, given, url: `http://127.0.0.1:${port}/logout`, close: () => server.close() };
}

describe.each(databases)('back-channel logout on %s', (database) => {
  const server = useDatabase(database);
  let listener: Awaited<ReturnType<typeof startListener>>;
  let world: World;
  beforeAll(async () => {
    listener = await startListener();
    world = await startWorld({
      databaseUrl: await server.url(),
      change(seed) {
        const [application] = seed.clients;
        if (application !== undefined) application.oidc_logout = { backchannel_logout_urls: [listener.url] };
      },
    });
  });
  afterAll(async () => {
    await world.close();
    listener.close();
  });

  const signedIn = async (agent = createAgent()) => {
    return as(addPerson(world).id, {}, agent);
  };
  const as = async (id: string, parameters: Record<string, string>, agent: Agent) => {
    const tokens = await obtainTokens(world, web, { login_hint: id, ...parameters }, agent);
    return { agent, claims: decodeJwt(tokens.id_token ?? '') };
  };
  const nextToken = async (count: number) => {
    await vi.waitFor(() => expect(listener.tokens.length).toBeGreaterThanOrEqual(count), { timeout: 10_000 });
    return String(listener.tokens[count - 1]);
  };
  const claimsOf = async (token: string) => {
    const keys = createRemoteJWKSet(new URL(world.broker.url('.well-known/jwks.json')));
    return jwtVerify(token, keys, { issuer: world.broker.issuerUrl, audience: 'web', typ: 'logout+jwt' });
  };

  test('an application that took part is told, with a token that says who and which session', async () => {
    const before = listener.tokens.length;
    const { agent, claims } = await signedIn();
    await agent.get(world.broker.url('v2/logout'));
    const { payload } = await claimsOf(await nextToken(before + 1));
    expect(payload).toMatchObject({ sub: claims.sub, sid: claims.sid, events: { [eventName]: {} } });
    expect(payload).not.toHaveProperty('nonce');
    expect(Number(payload.exp) - Number(payload.iat)).toBeLessThanOrEqual(120);
    expect(payload.jti).toEqual(expect.any(String));
  });

  test('an application that cannot be reached is asked again, with a token of its own', async () => {
    const before = listener.tokens.length;
    listener.given.status = 503;
    const { agent } = await signedIn();
    await agent.get(world.broker.url('v2/logout'));
    await nextToken(before + 1);
    listener.given.status = 204;
    world.broker.clock.advance(31);
    const again = await nextToken(before + 2);
    expect((await claimsOf(again)).payload.jti).not.toBe((await claimsOf(String(listener.tokens[before]))).payload.jti);
  });

  test('who signs in as somebody else ends the first person’s session; who signs in again keeps theirs', async () => {
    const before = listener.tokens.length;
    const agent = createAgent();
    const first = await signedIn(agent);
    const person = addPerson(world);
    const second = await as(person.id, { prompt: 'login' }, agent);
    expect(second.claims.sid).not.toBe(first.claims.sid);
    expect((await claimsOf(await nextToken(before + 1))).payload.sid).toBe(first.claims.sid);
    const again = await as(person.id, { prompt: 'login' }, agent);
    expect(again.claims.sid).toBe(second.claims.sid);
    expect(listener.tokens.length).toBe(before + 1);
  });
});
