import { expect, test } from 'vitest';
import type { Rule, TenantScripts } from '../core/action.ts';
import type { JsonObject } from '../core/json.ts';
import { createRulesGlobal } from './rules-global.ts';

const scripts = (source: string, rulesConfiguration: JsonObject = {}): TenantScripts => ({
  rules: [{ name: 'cache', source } as Rule],
  rulesConfiguration,
  postLogin: [],
  credentialsExchange: [],
  tokenExchanges: new Map(),
  modules: [],
});
const set = (name: string, value: JsonObject[string]) => ({ name: 'global.set', arguments: [name, value] });

test('what was set is read by every load of the same Rules, until it is deleted', () => {
  const global = createRulesGlobal();
  expect(global.write(scripts('a'), [set('token', { value: 't', until: 5 }), set('other', null)])).toBe(0);
  expect(global.read(scripts('a'))).toEqual({ token: { value: 't', until: 5 }, other: null });
  global.write(scripts('a'), [{ name: 'global.delete', arguments: ['token'] }]);
  expect(global.read(scripts('a'))).toEqual({ other: null });
});

test('other Rules, or another configuration, find nothing of it', () => {
  const global = createRulesGlobal();
  global.write(scripts('a', { KEY: 'one' }), [set('token', 't')]);
  expect(global.read(scripts('b', { KEY: 'one' }))).toEqual({});
  expect(global.read(scripts('a', { KEY: 'two' }))).toEqual({});
  expect(global.read(scripts('a'))).toEqual({});
});

test('one run does not undo what another, which ran beside it, has set', () => {
  const global = createRulesGlobal();
  global.write(scripts('a'), [set('one', 1)]);
  global.write(scripts('a'), [set('two', 2)]);
  expect(global.read(scripts('a'))).toEqual({ one: 1, two: 2 });
});

test('what does not fit is refused, and the rest is kept', () => {
  const global = createRulesGlobal();
  const many = Array.from({ length: 120 }, (_, index) => set(`n${index}`, index));
  expect(global.write(scripts('a'), [set('big', 'x'.repeat(70_000)), set('__proto__', { admin: true }), ...many])).toBe(
    22,
  );
  const kept = global.read(scripts('a'));
  expect(Object.keys(kept)).toHaveLength(100);
  expect(Object.hasOwn(kept, 'big') || Object.hasOwn(kept, '__proto__')).toBe(false);
});

test('of sets that are no longer in use only a few are kept', () => {
  const global = createRulesGlobal();
  for (let index = 0; index < 20; index += 1) global.write(scripts(`version ${index}`), [set('n', index)]);
  expect(global.read(scripts('version 0'))).toEqual({});
  expect(global.read(scripts('version 19'))).toEqual({ n: 19 });
});
