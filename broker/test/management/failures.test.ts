import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiError, StoreError } from '../../src/core/errors.ts';
import { anyOf, endpoint } from '../../src/management/endpoint.ts';
import { managementRoutes } from '../../src/management/routes.ts';
import { issuerUrl, type ManagementInProcess, openManagement } from '../support/management-in-process.ts';

/*
 * API-13, API-19: whatever fails on the way to an endpoint, it is not reached, and the answer says nothing of what failed.
 */

const secret = 'postgres://portico:hunter2@db/portico';
const fail = (): never => {
  throw new Error(`cannot connect to ${secret}`);
};

describe('API-13, API-19: a failure', () => {
  let management: ManagementInProcess;
  beforeAll(async () => {
    management = await openManagement({});
  });
  afterAll(() => management.close());

  type Parts = { keys?: () => never; now?: () => never; limit?: () => never; handle?: () => never };
  async function ask(failing: Parts, token?: string) {
    const { deps } = management;
    let isReached = false;
    const things = endpoint({
      method: 'POST',
      path: '/things',
      summary: 'Make a thing',
      scopes: anyOf('create:things'),
      answers: [201],
      handle() {
        isReached = true;
        failing.handle?.();
        return { status: 201, body: { made: true } };
      },
    });
    const caller = {
      store: deps.store,
      keys: { read: failing.keys ?? (() => deps.keys.read()) },
      clock: { now: failing.now ?? (() => deps.clock.now()) },
      issuerUrl,
      audience: `${issuerUrl}api/v2/`,
    };
    const routes = managementRoutes({ caller, limit: async () => failing.limit?.() ?? { 'x-limit': '1' } }, [things]);
    const before = management.failures.length;
    const reply = await management.ask(routes, { method: 'POST', path: '/api/v2/things', json: {}, token });
    return { reply, isReached, failures: management.failures.slice(before) };
  }

  test('nothing fails: the endpoint answers', async () => {
    const { reply, isReached } = await ask({}, await management.createToken(['create:things']));
    expect([reply.status, isReached]).toEqual([201, true]);
  });

  test.each(['keys', 'now', 'limit'] as const)('of %s is 500, and the endpoint is not reached', async (part) => {
    for (const scope of ['create:things', 'read:things']) {
      const { reply, isReached, failures } = await ask({ [part]: fail }, await management.createToken([scope]));
      expect([reply.status, isReached]).toEqual([500, false]);
      expect(reply.body).not.toContain('hunter2');
      expect(JSON.parse(reply.body)).toEqual({
        statusCode: 500,
        error: 'Internal Server Error',
        message: 'Something failed on our side',
        trace_id: 'tr_test',
      });
      expect(JSON.stringify(failures), 'the log has it').toContain('cannot connect');
    }
  });

  test.each([
    ['a bug', () => fail(), 500],
    ['a database that is away', () => throwing(new StoreError('unavailable', secret)), 503],
    ['a conflict without words of its own', () => throwing(new StoreError('conflict', secret)), 409],
    [
      'a cause with a secret',
      () => throwing(new ApiError(400, 'Not so', { detail: secret, cause: new Error(secret) })),
      400,
    ],
  ] as const)(
    'in the endpoint, %s, tells nothing of its inside, and what is left of the limit all the same',
    async (_, handle, status) => {
      const { reply } = await ask({ handle }, await management.createToken(['create:things']));
      expect(reply.status).toBe(status);
      expect(JSON.stringify(reply)).not.toContain('hunter2');
      if (status < 500) expect(reply.headers).toMatchObject({ 'x-limit': '1' });
    },
  );

  test('without a token nothing is asked of anybody', async () => {
    const { reply, isReached } = await ask({});
    expect([reply.status, isReached]).toEqual([401, false]);
  });
});

function throwing(error: Error): never {
  throw error;
}
