import { type CryptoKey, exportSPKI, generateKeyPair } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { databases, useWorld } from '../support/databases.ts';
import { type Api, type ApiAnswer, addAdmin, createApi } from '../support/management.ts';
import { assertionForm, createAssertion } from '../support/proofs.ts';
import { audience, postToken } from '../support/world.ts';

/*
 * How an application comes to prove itself with a key, as Terraform's provider does it: the key is added, then attached,
 * then taken off again, then deleted (recorded exchanges of auth0/terraform-provider-auth0 `a00b6921`).
 */

const verbs = ['read', 'create', 'update', 'delete'];
const scopes = [
  ...verbs.flatMap((verb) => [`${verb}:clients`, `${verb}:client_keys`, `${verb}:client_credentials`]),
  'create:client_grants',
];
const bodyOf = (answer: ApiAnswer) => answer.body as Record<string, unknown>;

describe.each(databases)('keys of applications on %s', (database) => {
  const getWorld = useWorld({ change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, scopes) }, database);
  let api: Api;
  beforeAll(async () => {
    api = await createApi(getWorld());
  });

  async function create(body: object = {}) {
    const made = bodyOf(await api.call('POST', '/clients', { name: 'By key', app_type: 'non_interactive', ...body }));
    await api.call('POST', '/client-grants', { client_id: made.client_id, audience, scope: [] });
    return { id: String(made.client_id), secret: String(made.client_secret) };
  }

  async function addKey(clientId: string, more: object = {}) {
    const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
    const pem = await exportSPKI(publicKey);
    const body = { credential_type: 'public_key', name: 'k', pem, ...more };
    const answer = await api.call('POST', `/clients/${clientId}/credentials`, body);
    return { answer, id: String(bodyOf(answer).id), pem, privateKey };
  }

  const attach = (clientId: string, ids: readonly string[]) =>
    api.call('PATCH', `/clients/${clientId}`, {
      client_authentication_methods: { private_key_jwt: { credentials: ids.map((id) => ({ id })) } },
      token_endpoint_auth_method: null,
    });

  const proveBySecret = async ({ id, secret }: { readonly id: string; readonly secret: string }) =>
    (
      await postToken(getWorld(), {
        grant_type: 'client_credentials',
        client_id: id,
        client_secret: secret,
        audience,
      })
    ).status;

  async function proveByKey(clientId: string, key: CryptoKey) {
    const { broker } = getWorld();
    const assertion = await createAssertion(key, { clientId, audience: broker.url(''), now: broker.clock.now() });
    const parameters = { client_id: clientId, audience, ...assertionForm(assertion) };
    return (await postToken(getWorld(), { grant_type: 'client_credentials', ...parameters })).status;
  }

  test('a key proves nothing before it is attached, nor after it is taken off; then the secret counts again', async () => {
    const client = await create();
    const key = await addKey(client.id);
    expect(await proveByKey(client.id, key.privateKey)).toBe(401);
    await api.call('PATCH', `/clients/${client.id}`, { description: 'something else' });
    expect(await proveBySecret(client)).toBe(200);

    const attached = bodyOf(await attach(client.id, [key.id]));
    expect(attached.client_authentication_methods).toEqual({ private_key_jwt: { credentials: [{ id: key.id }] } });
    expect(attached).not.toHaveProperty('token_endpoint_auth_method');
    expect(await proveByKey(client.id, key.privateKey)).toBe(200);
    expect(await proveBySecret(client)).toBe(401);

    const taken = await api.call('PATCH', `/clients/${client.id}`, {
      client_authentication_methods: null,
      signed_request_object: null,
      token_endpoint_auth_method: 'client_secret_post',
    });
    expect(bodyOf(taken).token_endpoint_auth_method).toBe('client_secret_post');
    expect(bodyOf(taken)).not.toHaveProperty('client_authentication_methods');
    expect(await proveByKey(client.id, key.privateKey)).toBe(401);
    expect(await proveBySecret(client)).toBe(200);
  });

  test('keys are changed one by one without a moment in which the secret counts', async () => {
    const client = await create();
    const [one, two] = [await addKey(client.id), await addKey(client.id)];
    await attach(client.id, [one.id]);
    expect(await proveByKey(client.id, two.privateKey)).toBe(401);
    await attach(client.id, [two.id]);
    expect(await proveByKey(client.id, one.privateKey)).toBe(401);
    expect(await proveByKey(client.id, two.privateKey)).toBe(200);
    const none = bodyOf(await attach(client.id, []));
    expect(none.client_authentication_methods).toEqual({ private_key_jwt: { credentials: [] } });
    expect(await proveByKey(client.id, two.privateKey)).toBe(401);
    expect(await proveBySecret(client)).toBe(401);
  });

  test('a key that is attached is not deleted, one that is not is', async () => {
    const client = await create();
    const key = await addKey(client.id);
    await attach(client.id, [key.id]);
    const path = `/clients/${client.id}/credentials/${key.id}`;
    expect(await api.call('DELETE', path)).toMatchObject({
      status: 400,
      body: { message: 'Cannot delete credential still associated with a client', errorCode: 'invalid_body' },
    });
    expect(await proveByKey(client.id, key.privateKey)).toBe(200);
    await attach(client.id, []);
    expect((await api.call('DELETE', path)).status).toBe(204);
    expect((await api.call('GET', path)).status).toBe(404);
  });

  test('one that is made with keys has them attached, and the answer says all of them once', async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
    const pem = await exportSPKI(publicKey);
    const credentials = [{ credential_type: 'public_key', name: 'first', pem }];
    const body = { name: 'By key', client_authentication_methods: { private_key_jwt: { credentials } } };
    const made = bodyOf(await api.call('POST', '/clients', body));
    const shown = { id: expect.stringMatching(/^cred_/), name: 'first', alg: 'RS256', kid: expect.any(String) };
    expect(made.client_authentication_methods).toMatchObject({ private_key_jwt: { credentials: [shown] } });
    const id = String(made.client_id);
    await api.call('POST', '/client-grants', { client_id: id, audience, scope: [] });
    expect(await proveByKey(id, privateKey)).toBe(200);
    await api.call('PATCH', `/clients/${id}`, { description: 'something else' });
    expect(await proveByKey(id, privateKey)).toBe(200);
  });

  test('what cannot be is refused, and the answer says what to do', async () => {
    const client = await create();
    const key = await addKey(client.id);
    const messageOf = async (answer: Promise<ApiAnswer>) => {
      const { status, body } = await answer;
      return `${status} ${(body as { message?: string }).message}`;
    };
    expect(await messageOf(attach(client.id, ['cred_of_nobody']))).toMatch(/^400 .*cred_of_nobody/);
    const change = (body: object) => messageOf(api.call('PATCH', `/clients/${client.id}`, body));
    const methods = { private_key_jwt: { credentials: [{ id: key.id }] } };
    const both = { client_authentication_methods: methods, token_endpoint_auth_method: 'none' };
    const { pem } = await addKey((await create()).id);
    const proofs = { private_key_jwt: { credentials: [{ credential_type: 'public_key', pem }] } };
    const made = { name: 'Both', client_authentication_methods: proofs, token_endpoint_auth_method: 'none' };
    expect(await messageOf(api.call('POST', '/clients', made))).toMatch(
      /^400 .*token_endpoint_auth_method and client_authentication_methods/,
    );
    expect(await change(both)).toMatch(/^400 .*token_endpoint_auth_method.*client_authentication_methods/);
    expect(await change({ client_authentication_methods: { tls_client_auth: { credentials: [] } } })).toMatch(
      /^400 .*not allowed: tls_client_auth' on property client_authentication_methods.*required property: private_key_jwt/,
    );
    await attach(client.id, [key.id]);
    expect(await change({ token_endpoint_auth_method: 'client_secret_post' })).toMatch(
      /^400 .*client_authentication_methods/,
    );
    const again = await api.call('POST', `/clients/${client.id}/credentials`, {
      credential_type: 'public_key',
      pem: key.pem,
    });
    expect(bodyOf(again).message).toBe('credentials contains public keys that already exist in client');
  });

  test('they are listed as go-auth0 asks for them, and their end is a time', async () => {
    const client = await create();
    const { answer, id } = await addKey(client.id, { expires_at: '2030-01-01T00:00:00Z' });
    expect(bodyOf(answer)).toMatchObject({
      expires_at: '2030-01-01T00:00:00.000Z',
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
    const list = await api.call('GET', `/clients/${client.id}/credentials?include_totals=true&per_page=50`);
    expect(list).toMatchObject({ status: 200, body: [answer.body] });
    const path = `/clients/${client.id}/credentials/${id}`;
    const changed = bodyOf(await api.call('PATCH', path, { expires_at: '2031-01-01T00:00:00Z' }));
    expect(changed.expires_at).toBe('2031-01-01T00:00:00.000Z');
    expect(await api.call('PATCH', path, { expires_at: '2031-99-01T00:00:00Z' })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('on property expires_at') },
    });
  });
});
