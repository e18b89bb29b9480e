import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { ConfigError } from '../core/errors.ts';
import { systemRandom } from '../core/random.ts';
import type { ClientWire } from '../wire/management/clients.ts';
import { parseSeed } from '../wire/seed.ts';
import { readClientCredentials } from './client-credentials.ts';

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = publicKey.export({ format: 'pem', type: 'spki' }) as string;
const making = { random: systemRandom, now: new Date('2026-03-01T12:00:00Z') };
type Credentials = NonNullable<ClientWire['client_authentication_methods']>['private_key_jwt']['credentials'];
const clientWith = (id: string, credentials: Credentials): ClientWire => ({
  client_id: id,
  name: id,
  client_authentication_methods: { private_key_jwt: { credentials } },
});

test("a credential has Auth0's defaults, and the end that was written", () => {
  const found = readClientCredentials(
    [
      clientWith('a', [
        { credential_type: 'public_key', pem },
        { credential_type: 'public_key', pem, name: 'second', alg: 'PS256', expires_at: '2027-01-01T00:00:00+01:00' },
      ]),
      { client_id: 'b', name: 'b', client_secret: 'a-secret-0123456789' },
    ],
    making,
  );
  expect(found.get('b')).toEqual([]);
  const created = { id: expect.stringMatching(/^cred_/), createdAt: '2026-03-01T12:00:00.000Z' };
  expect(found.get('a')).toMatchObject([
    { ...created, name: '', algorithm: 'RS256', expiresAt: undefined },
    { ...created, name: 'second', algorithm: 'PS256', expiresAt: '2026-12-31T23:00:00.000Z' },
  ]);
});

test('everything that cannot be used is listed, by client and place', () => {
  const clients = [
    clientWith('a', [
      { credential_type: 'public_key', pem: 'hello' },
      { credential_type: 'public_key', pem, expires_at: '2026-99-99T00:00:00Z' },
    ]),
    clientWith('b', [{ credential_type: 'public_key' }]),
  ];
  const problems = (() => {
    try {
      readClientCredentials(clients, making);
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
    }
    return [];
  })();
  expect(problems).toEqual([
    'seed file, client a: credential 1 cannot be read as a public key',
    'seed file, client a: credential 2 has an expires_at that is no time',
    'seed file, client b: credential 1 needs either pem or jwk',
  ]);
});

test('a seed in which somebody cannot prove or sign what they must is refused', () => {
  const key = {
    client_authentication_methods: { private_key_jwt: { credentials: [{ credential_type: 'public_key', pem }] } },
  };
  const parsed = parseSeed(
    JSON.stringify({
      clients: [
        { client_id: 'none', name: 'x' },
        { client_id: 'public', name: 'x', app_type: 'spa', jwt_configuration: { alg: 'HS256' } },
        { client_id: 'signing', name: 'x', ...key, jwt_configuration: { alg: 'HS256' } },
        {
          client_id: 'both',
          name: 'x',
          ...key,
          token_endpoint_auth_method: 'client_secret_post',
          client_secret: 'a-secret-0123456789',
        },
        { client_id: 'good', name: 'x', ...key },
      ],
      resource_servers: [{ identifier: 'urn:api', signing_alg: 'HS256' }],
    }),
    { systemAudience: 'https://id.example.com/api/v2/' },
  );
  expect(parsed).toEqual({
    problems: [
      'seed file, client none: client_secret is missing',
      'seed file, client public: HS256 needs a client that keeps a secret',
      'seed file, client signing: HS256 needs a client_secret',
      'seed file, client both: client_authentication_methods excludes token_endpoint_auth_method',
      'seed file, API urn:api: HS256 needs a signing_secret',
    ],
  });
});
