import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ManagementDeps } from '../../src/management/deps.ts';
import { endpointsOf } from '../../src/management/management.ts';
import { scopesOf } from '../../src/management/openapi.ts';
import { addressOf } from '../../src/management/routes.ts';
import { useWorld } from '../support/databases.ts';
import { type Api, type ApiAnswer, addAdmin, createApi } from '../support/management.ts';

/*
 * API-02: the matrix of every endpoint and every scope, and every address of Auth0's Management API that is not served.
 */

const endpoints = endpointsOf({} as ManagementDeps);
const scopes = scopesOf(endpoints);
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
/** Below /api/v2 for `call`, which puts that in front. */
const pathOf = (endpoint: (typeof endpoints)[number]) =>
  `${endpoint.base === undefined ? '' : '/../portico/v1'}${endpoint.path.replace(/:\w+/g, 'nobody')}`;

/** Every path of Auth0's API with its methods; parts in braces are filled in. */
const addresses = readFileSync(join(import.meta.dirname, 'fixtures/addresses.txt'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => {
    const words = line.split(' ');
    return { path: String(words.at(-1)), methods: words.slice(0, -1) };
  });
const isServed = (method: string, path: string): boolean =>
  endpoints.some(
    (endpoint) =>
      endpoint.base === undefined &&
      endpoint.method === method &&
      endpoint.path.replace(/:\w+/g, '{}') === path.replace(/\{\w+\}/g, '{}'),
  );

describe('API-02', () => {
  const getWorld = useWorld({
    change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, ['read:nothing', ...scopes]),
    environment: { PORTICO_MANAGEMENT_RATE: '0' },
  });
  let nobody: Api;
  beforeAll(async () => {
    nobody = await createApi(getWorld(), 'read:nothing');
  });
  /** A person's own token is refused in other words where it acts on somebody else. */
  const isRefused = ({ status, body }: ApiAnswer) =>
    status === 403 &&
    String((body as { message?: unknown }).message).startsWith('Insufficient scope, expected any of: ');

  test('a token with one scope opens the endpoints that ask for it, and not one more', async () => {
    expect(scopes.length).toBeGreaterThan(30);
    const wrong: string[] = [];
    for (const scope of scopes) {
      const api = await createApi(getWorld(), scope);
      const answers = await Promise.all(
        endpoints.map(async (endpoint) => ({ endpoint, answer: await api.call(endpoint.method, pathOf(endpoint)) })),
      );
      for (const { endpoint, answer } of answers) {
        const isListed = endpoint.scopes.every((group) => group.includes(scope));
        if (isRefused(answer) === isListed || answer.status >= 500) {
          wrong.push(`${scope}: ${endpoint.method} ${addressOf(endpoint)} answered ${answer.status}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  }, 60_000);

  test('a token that lacks the scopes of one group is refused, with Auth0’s sentence, before anything is looked at', async () => {
    const refusals = endpoints.flatMap((endpoint) => endpoint.scopes.map((group) => ({ endpoint, group })));
    for (const { endpoint, group } of refusals) {
      const others = scopes.filter((scope) => !group.includes(scope));
      const api = await createApi(getWorld(), others.join(' '));
      const checked = await api.call(endpoint.method, `${pathOf(endpoint)}?unknown=1`);
      expect(checked, `${endpoint.method} ${addressOf(endpoint)}`).toMatchObject({
        status: 403,
        body: {
          statusCode: 403,
          error: 'Forbidden',
          message: `Insufficient scope, expected any of: ${group.join(', ')}`,
          errorCode: 'insufficient_scope',
        },
      });
    }
  }, 60_000);

  test('every other address of Auth0’s Management API is refused the same way, whatever the token may do', async () => {
    const everything = await createApi(getWorld());
    expect(addresses.length).toBeGreaterThan(200);
    const wrong: string[] = [];
    let unserved = 0;
    for (const { path, methods: known } of addresses) {
      const filled = path.replace(/\{\w+\}/g, 'x');
      for (const method of methods) {
        const isOurs = isServed(method, path);
        if (!isOurs && known.includes(method)) unserved += 1;
        const answers = await Promise.all(
          (isOurs ? [nobody] : [nobody, everything]).map((api) => api.call(method, filled)),
        );
        // A fixed name may stand where an endpoint of ours has an id: then that one answers.
        const isShadowed = endpoints.some(
          (endpoint) =>
            endpoint.method === method && new RegExp(`^${endpoint.path.replace(/:\w+/g, '[^/]+')}$`).test(filled),
        );
        const isFine = (answer: ApiAnswer | undefined) =>
          answer === undefined || isRefused(answer) || (isShadowed && answer.status < 500);
        if (!answers.every(isFine) || answers[0] === undefined || !isRefused(answers[0])) {
          wrong.push(`${method} ${path} answered ${answers.map(({ status }) => status).join(', ')}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(unserved).toBeGreaterThan(200);
  }, 60_000);

  test.each(methods)(
    '%s of an address that nobody has heard of is refused as well, without an echo',
    async (method) => {
      for (const path of ['/nothing', '/nothing/else', '/', '/%3Cscript%3E', `/${'a'.repeat(2000)}`, '/a;b=c']) {
        const answer = await nobody.call(method, path);
        expect(answer, path.slice(0, 40)).toMatchObject({ status: 403, body: { errorCode: 'insufficient_scope' } });
        expect(JSON.stringify(answer.body)).not.toMatch(/[<>]/);
      }
    },
  );
});
