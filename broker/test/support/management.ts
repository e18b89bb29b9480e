import { request } from 'undici';
import { expect } from 'vitest';
import type { SeedWire } from '../../src/wire/seed.ts';
import { postToken, type Reachable } from './world.ts';

/*
 * An administrator's application, and its way to call /api/v2.
 */

export const adminSecret = 'admin-secret-0123456789';

/** Lets the application `admin` ask for these scopes of the Management API. For `change` of startWorld. */
export function addAdmin(seed: Required<SeedWire>, issuerUrl: string, scopes: readonly string[]): void {
  seed.clients.push({
    client_id: 'admin',
    client_secret: adminSecret,
    name: 'Administrator',
    app_type: 'non_interactive',
    grant_types: ['client_credentials'],
  });
  seed.client_grants.push({ client_id: 'admin', audience: `${issuerUrl}api/v2/`, scope: [...scopes] });
}

export type ApiAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Parsed; undefined: the body was empty. */
  readonly body: unknown;
};

export type Api = {
  readonly token: string;
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<ApiAnswer>;
};

/** `scope`: a part of what `admin` may ask for; undefined: all of it. */
export async function createApi(world: Reachable, scope?: string): Promise<Api> {
  const audience = world.broker.url('api/v2/');
  const answer = await postToken(world, {
    grant_type: 'client_credentials',
    client_id: 'admin',
    client_secret: adminSecret,
    audience,
    scope,
  });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return apiWith(world, String(answer.body.access_token));
}

export const apiWith = (world: Reachable, token: string): Api => ({
  token,
  async call(method, path, body, headers = {}) {
    const response = await request(world.broker.url(`api/v2${path}`), {
      method: method as 'GET',
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.body.text();
    return { status: response.statusCode, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  },
});
