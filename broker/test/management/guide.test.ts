import axios, { isAxiosError } from 'axios';
import { beforeAll, expect, test } from 'vitest';
import { useContract } from '../support/contract.ts';
import { postToken, signIn } from '../support/world.ts';

/*
 * The service of the guide to custom social connections: its requests, with the HTTP client that it uses. One application
 * is both the backend that configures and the one that people sign in at; it has the guide's scopes and no more.
 */

const scope = [
  'read:connections',
  'create:connections',
  'update:connections',
  'delete:connections',
  'read:users',
  'update:users',
  'create:users',
  'read:user_idp_tokens',
];
const id = 'guide-client';
const secret = 'guide-secret-0123456789';

const getWorld = useContract({
  isSecure: true,
  change(seed, issuerUrl) {
    seed.clients.push({
      client_id: id,
      client_secret: secret,
      name: 'Guide',
      app_type: 'regular_web',
      callbacks: ['https://app.example.com/callback'],
      grant_types: ['authorization_code', 'implicit', 'refresh_token', 'client_credentials'],
    });
    seed.client_grants.push({ client_id: id, audience: `${issuerUrl}api/v2/`, scope });
  },
});

type Shown = { readonly id: string; readonly name: string; readonly enabled_clients: readonly string[] };

const service = {
  token: '',
  headers: () => ({ Authorization: `Bearer ${service.token}` }),
  address: () => `https://${getWorld().domain}/api/v2/connections`,

  async getManagementToken() {
    const { data } = await axios.post(`https://${getWorld().domain}/oauth/token`, {
      grant_type: 'client_credentials',
      client_id: id,
      client_secret: secret,
      audience: `https://${getWorld().domain}/api/v2/`,
    });
    service.token = data.access_token;
    return data as { access_token: string; expires_in: number; scope: string };
  },

  async createCustomConnection(connection: object): Promise<Shown> {
    const headers = { ...service.headers(), 'Content-Type': 'application/json' };
    return (await axios.post(service.address(), connection, { headers })).data;
  },

  async getConnection(name: string): Promise<Shown | null> {
    const { data } = await axios.get(service.address(), { headers: service.headers(), params: { name } });
    return data.length > 0 ? data[0] : null;
  },

  async listCustomConnections(): Promise<readonly Shown[]> {
    return (await axios.get(service.address(), { headers: service.headers(), params: { strategy: 'oauth2' } })).data;
  },
};

beforeAll(async () => {
  await service.getManagementToken();
});

test('a token for a day, with the scopes of the guide', async () => {
  const { access_token: token, expires_in: seconds, scope: granted } = await service.getManagementToken();
  expect(token.split('.')).toHaveLength(3);
  expect(seconds).toBe(86_400);
  expect(granted.split(' ').sort()).toEqual([...scope].sort());
});

const netflix = () => {
  const { url } = getWorld().provider;
  return {
    name: 'netflix-custom',
    display_name: 'Netflix',
    strategy: 'oauth2',
    enabled_clients: [id],
    options: {
      client_id: 'portico-at-provider',
      client_secret: 'provider-secret',
      authorizationURL: `${url}/authorize`,
      tokenURL: `${url}/token`,
      scope: 'user:read user:email streaming:history',
      scripts: {
        // Indented and with a line before it, as people write scripts into their own source.
        fetchUserProfile: `
          function(accessToken, context, callback) {
            const headers = { Authorization: 'Bearer ' + accessToken };
            request.get({ url: '${url}/userinfo', headers }, function(error, response, body) {
              if (error) return callback(error);
              const found = JSON.parse(body);
              callback(null, { user_id: found.id, email: found.email, name: found.name, picture: found.avatar });
            });
          }
        `,
      },
      customHeaders: { 'X-API-Key': 'optional-api-key' },
    },
  };
};

test('a connection that is made at once signs people in; it is found by its name, and listed', async () => {
  expect(await service.getConnection('netflix-custom')).toBeNull();
  const made = await service.createCustomConnection(netflix());
  expect(made).toMatchObject({ ...netflix(), id: expect.any(String) });
  expect(made.enabled_clients.length > 0).toBe(true);
  expect(await service.getConnection('netflix-custom')).toEqual(made);
  const listed = await service.listCustomConnections();
  expect(listed.find(({ name }) => name === 'netflix-custom')?.enabled_clients).toEqual([id]);

  const request = { client_id: id, redirect_uri: 'https://app.example.com/callback', connection: 'netflix-custom' };
  const { answer } = await signIn(getWorld(), request);
  const { body } = await postToken(getWorld(), {
    grant_type: 'authorization_code',
    client_id: id,
    client_secret: secret,
    redirect_uri: request.redirect_uri,
    code: answer.code,
  });
  const [, payload = ''] = String(body.id_token).split('.');
  expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
    sub: 'oauth2|netflix-custom|user-1',
    name: 'Ada Lovelace',
  });
});

test('what is refused is in the answer where the guide looks for it', async () => {
  const again: unknown = await service.createCustomConnection(netflix()).catch((error: unknown) => error);
  expect(isAxiosError(again) && again.response?.data).toEqual({
    statusCode: 409,
    error: 'Conflict',
    message: 'A connection with the same name already exists',
    errorCode: 'connection_conflict',
  });
});
