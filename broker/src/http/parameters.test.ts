import { describe, expect, test } from 'vitest';
import { allParameters, joinParameters, noParameters, parametersFromJson, parseParameters } from './parameters.ts';

const plain = ({ values, malformed }: ReturnType<typeof parseParameters>) => ({
  values: { ...values },
  malformed: [...malformed],
});

describe('form encoding', () => {
  test.each([
    ['', {}, []],
    ['a=1&b=two+words&c=%C3%BC', { a: '1', b: 'two words', c: 'ü' }, []],
    ['a&b=', { a: '', b: '' }, []],
    ['a=1&b=2&a=3', { a: '1', b: '2' }, ['a']],
    ['a=1&a=1', { a: '1' }, ['a']],
    ['a=%', { a: '%' }, []],
    ['a=%C3', { a: '\ufffd' }, []],
    ['&&a=1&', { a: '1' }, []],
    ['a=b=c', { a: 'b=c' }, []],
  ])('%j', (text, values, malformed) => {
    expect(plain(parseParameters(text))).toEqual({ values, malformed });
  });

  test('names of the prototype are names like any other', () => {
    for (const parsed of [parseParameters('a=1'), noParameters, parametersFromJson({ a: '1' })]) {
      expect(parsed.values.constructor).toBeUndefined();
      expect(parsed.values.toString).toBeUndefined();
    }
    const { values, malformed } = parseParameters('__proto__=x&constructor=y&__proto__=z');
    expect([values.constructor, Object.keys(values), [...malformed]]).toEqual([
      'y',
      ['__proto__', 'constructor'],
      ['__proto__'],
    ]);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});

describe('a JSON body', () => {
  test('strings as they are, numbers and booleans as text, null as absent, the rest as malformed', () => {
    const parsed = parametersFromJson({ a: 'x', b: 1, c: true, d: null, e: ['x'], f: { g: 1 } });
    expect(plain(parsed)).toEqual({ values: { a: 'x', b: '1', c: 'true' }, malformed: ['e', 'f'] });
  });

  test.each([[null], ['text'], [7], [[{ a: 1 }]]])('%j holds no parameters', (body) => {
    expect(plain(parametersFromJson(body))).toEqual({ values: {}, malformed: [] });
  });

  test('__proto__ is a name like any other', () => {
    const { values } = parametersFromJson(JSON.parse('{"__proto__":"x","client_id":"a"}'));
    expect([Object.keys(values).sort(), values.toString]).toEqual([['__proto__', 'client_id'], undefined]);
  });
});

describe('query and body together', () => {
  test('a name in both counts as repeated, and neither hides what the other repeated', () => {
    const joined = joinParameters(parseParameters('a=1&b=1&b=2'), parseParameters('a=2&c=3&c=4'));
    expect([...joined.malformed].sort()).toEqual(['a', 'b', 'c']);
    expect(joined.values.a).toBe('1');
  });

  test('a request without body has those of its query', () => {
    const query = parseParameters('a=1');
    expect(allParameters({ query, body: noParameters })).toBe(query);
    expect(plain(allParameters({ query, body: parseParameters('b=2') }))).toEqual({
      values: { a: '1', b: '2' },
      malformed: [],
    });
  });
});
