import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPostgres } from '../support/postgres.ts';
import { audience, createPkce, redeem, signIn, startWorld, type World } from '../support/world.ts';

const databases = ['sqlite', 'postgres'] as const;

describe.each(databases)('a sign-in through a connection, on %s', (database) => {
  let world: World;
  let postgres: Awaited<ReturnType<typeof startPostgres>> | undefined;

  beforeAll(async () => {
    postgres = database === 'postgres' ? await startPostgres() : undefined;
    world = await startWorld({ databaseUrl: await postgres?.url() });
  }, 60_000);
  afterAll(async () => {
    await world.close();
    await postgres?.stop();
  });

  test('gives the application a code, and the code gives tokens with a normalised profile', async () => {
    const pkce = createPkce();
    const { answer } = await signIn(world, {
      nonce: 'n-1',
      audience,
      scope: 'openid profile email offline_access read:shows',
      code_challenge: pkce.challenge,
      code_challenge_method: 'S256',
    });
    expect(answer).toMatchObject({ state: 'app-state', iss: world.broker.issuerUrl });

    const { status, body } = await redeem(world, answer.code, { code_verifier: pkce.verifier });
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body).toMatchObject({
      token_type: 'Bearer',
      expires_in: 86_400,
      refresh_token: expect.stringMatching(/^v1\./),
    });

    const keys = createRemoteJWKSet(new URL(world.broker.url('.well-known/jwks.json')));
    const idToken = await jwtVerify(String(body.id_token), keys, { issuer: world.broker.issuerUrl, audience: 'web' });
    expect(idToken.payload).toMatchObject({
      sub: 'oauth2|mapped|user-1',
      email: 'ada@example.com',
      email_verified: true,
      name: 'Ada Lovelace',
      nickname: 'ada',
      picture: 'https://cdn.example.com/ada.png',
      nonce: 'n-1',
      sid: expect.any(String),
    });
    const accessToken = await jwtVerify(String(body.access_token), keys, { issuer: world.broker.issuerUrl });
    expect(decodeProtectedHeader(String(body.access_token))).toMatchObject({ alg: 'RS256', typ: 'JWT' });
    expect(accessToken.payload).toMatchObject({
      sub: 'oauth2|mapped|user-1',
      aud: [audience, `${world.broker.issuerUrl}userinfo`],
      azp: 'web',
      scope: 'openid profile email offline_access read:shows',
    });
  });

  test('a profile script that asks the provider gives the same profile, with its metadata', async () => {
    const { answer } = await signIn(world, { connection: 'scripted', scope: 'openid email user_metadata' });
    const { body } = await redeem(world, answer.code);
    const userinfo = await fetch(world.broker.url('userinfo'), {
      headers: { authorization: `Bearer ${body.access_token}` },
    });
    expect(await userinfo.json()).toEqual({
      sub: 'oauth2|scripted|user-1',
      email: 'ada@example.com',
      email_verified: true,
      user_metadata: { seen: true },
    });
  });
});
