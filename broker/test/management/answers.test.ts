import { describe, expect, test } from 'vitest';
import type { ManagementDeps } from '../../src/management/deps.ts';
import { endpointsOf } from '../../src/management/management.ts';
import { openApiOf } from '../../src/management/openapi.ts';
import { addressOf } from '../../src/management/routes.ts';
import { type Answered, servedAnswers } from '../support/check-answer.ts';

/* Every test that starts a broker holds its answers against the document; these say that it would tell. */

const { problemOf } = servedAnswers();
const endpoints = endpointsOf({} as ManagementDeps);

const rule = { id: 'rul_1', name: 'Count', script: '', order: 1, enabled: true, stage: 'login_success' };
const answered = (given: Partial<Omit<Answered, 'body'>> & { readonly body?: unknown }): Answered => ({
  method: 'GET',
  path: '/api/v2/rules/rul_1',
  search: '',
  status: 200,
  ...given,
  body: typeof given.body === 'string' ? given.body : JSON.stringify(given.body ?? rule),
});

describe('an answer that the document allows', () => {
  test.each([
    ['a whole object', {}],
    ['a part of it where `fields` asks for one', { search: 'fields=name', body: { name: 'Count' } }],
    ['a list', { path: '/api/v2/rules', body: [rule] }],
    [
      'a page',
      { path: '/api/v2/rules', search: 'include_totals=true', body: { start: 0, limit: 50, total: 1, rules: [rule] } },
    ],
    ['nothing, with 204', { method: 'DELETE', status: 204, body: '' }],
    ['an error', { status: 404, body: { statusCode: 404, error: 'Not Found', message: 'no' } }],
  ])('%s', (_, given) => {
    expect(problemOf(answered(given))).toBeUndefined();
  });
});

describe('an answer is found out that', () => {
  const { stage: _, ...withoutStage } = rule;
  test.each([
    ['says something else', { body: { ...rule, tenant: 'x' } }, 'additional properties'],
    ['says less', { body: withoutStage }, 'stage'],
    ['says something of another type', { body: { ...rule, order: '1' } }, 'must be integer'],
    ['is a part though nobody asked for one', { search: 'page=0', body: { name: 'Count' } }, 'required'],
    ['says something else in a part', { search: 'fields=a', body: { a: 1 } }, 'additional properties'],
    ['has a time that is none', { path: '/api/v2/stats/daily', body: [{ date: 'today' }] }, 'date-time'],
    [
      'is a list where a page was asked for',
      { path: '/api/v2/rules', search: 'include_totals=true', body: [] },
      'object',
    ],
    ['is a page where nobody asked for one', { path: '/api/v2/rules', body: { rules: [] } }, 'array'],
    ['has no cursor where one was asked for', { path: '/api/v2/clients', search: 'take=1', body: [] }, 'object'],
    ['says something where nothing is to be said', { method: 'DELETE', status: 204 }, 'a body'],
    ['says nothing', { body: '' }, 'nothing'],
    ['has a status of success that is not in the document', { status: 203 }, 'does not know'],
    ['has a status of failure that is not in the document', { status: 409, body: {} }, 'undocumented'],
    ['has an error of another form', { status: 404, body: { error: 'x' } }, 'statusCode'],
    ['comes from where nothing is', { path: '/api/v2/nothing' }, 'where nothing is'],
  ])('%s', (_, given, problem) => {
    expect(problemOf(answered(given))).toContain(problem);
  });
});

describe('the document', () => {
  test('says what every success says, but for those that say nothing', () => {
    const silent = endpoints
      .filter(({ result, answers }) => result === undefined && !answers.includes(204))
      .map((endpoint) => `${endpoint.method} ${addressOf(endpoint)}`);
    expect(silent).toEqual([
      'GET /api/v2/connections/:id/status',
      // The rest is there to refuse.
      'GET /api/v2/connections/:id/keys',
      'POST /api/v2/connections/:id/keys',
      'POST /api/v2/connections/:id/keys/rotate',
      'DELETE /api/v2/connections/:id/users',
      'POST /api/v2/users',
    ]);
  });

  test('has two schemas of one name nowhere', () => {
    const [first, second] = endpoints.filter(({ result }) => result?.$id === 'Rule');
    const changed = [first, { ...second, result: { ...second?.result, description: 'Another' } }];
    expect(() => openApiOf(changed as typeof endpoints, 'https://login.example.com/')).toThrow('Rule');
  });
});
