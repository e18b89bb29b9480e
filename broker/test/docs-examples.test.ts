import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SeedWire } from '../src/wire/seed.ts';
import { createAgent } from './support/agent.ts';
import { startBroker } from './support/broker.ts';
import { documents, read, root } from './support/documents.ts';
import { type Provider, startProvider } from './support/provider.ts';
import { answerParameters, authorizeUrl, createPkce, postToken } from './support/world.ts';

const examples = readdirSync(join(root, 'docs/examples'));

describe('examples', () => {
  let provider: Provider;
  beforeAll(async () => {
    provider = await startProvider({ requiresPkce: true });
  });
  afterAll(() => provider?.close());

  /** Somebody follows the guide with a provider of their own. */
  async function profileOf(change: (options: Record<string, unknown>) => void): Promise<unknown> {
    const local = (text: string) => text.replaceAll('https://provider.example.com', provider.url);
    const seed: SeedWire = JSON.parse(read('docs/examples/first-connection.json'));
    for (const { options } of seed.connections ?? []) change(options);
    const broker = await startBroker({ seed: JSON.parse(local(JSON.stringify(seed))) });
    try {
      const world = { broker };
      const redirectUri = 'http://localhost:8080/callback';
      const { verifier, challenge } = createPkce();
      const url = authorizeUrl(world, {
        client_id: 'example-app',
        connection: 'my-provider',
        redirect_uri: redirectUri,
        code_challenge: challenge,
        code_challenge_method: 'S256',
      });
      const { code } = answerParameters(await createAgent().follow(url, redirectUri));
      const grant = { grant_type: 'authorization_code', client_id: 'example-app', redirect_uri: redirectUri };
      const { body } = await postToken(world, { ...grant, code, code_verifier: verifier });
      const answer = await fetch(broker.url('userinfo'), { headers: { authorization: `Bearer ${body.access_token}` } });
      return await answer.json();
    } finally {
      await broker.close();
    }
  }

  const ada = {
    sub: 'oauth2|my-provider|user-1',
    name: 'Ada Lovelace',
    email: 'ada@example.com',
    email_verified: true,
    picture: 'https://cdn.example.com/ada.png',
  };

  test('the first connection signs a person in with the profile that its mapping says', async () => {
    expect(await profileOf(() => {})).toMatchObject(ada);
  });

  test('the profile script in its place makes the same profile', async () => {
    const fetchUserProfile = read('docs/examples/fetch-user-profile.js');
    const withScript = (options: Record<string, unknown>) => {
      delete options.profileMapping;
      delete options.userInfoURL;
      options.scripts = { fetchUserProfile };
    };
    expect(await profileOf(withScript)).toMatchObject(ada);
  });

  test('the API and its service start, and the service gets a token', async () => {
    const seed = JSON.parse(read('docs/examples/api-and-service.json'));
    const broker = await startBroker({ seed });
    try {
      const [client] = seed.clients;
      const { status, body } = await postToken(
        { broker },
        { grant_type: 'client_credentials', client_id: client.client_id, client_secret: client.client_secret },
      );
      expect({ status, scope: body.scope }).toEqual({ status: 200, scope: 'read:reports' });
    } finally {
      await broker.close();
    }
  });

  test('what README and the guide on connections show is what the tests run', () => {
    expect(read('README.md')).toContain(read('docs/examples/first-connection.json').trim());
    expect(read('docs/connections.md')).toContain(read('docs/examples/fetch-user-profile.js').trim());
  });

  test('no example lies there unused', () => {
    const text = documents.map(read).join('\n');
    expect(examples.filter((name) => !text.includes(`examples/${name}`))).toEqual([]);
  });
});
