import { describe, expect, test } from 'vitest';
import { parseJson } from './parse-json.ts';

describe('NET-15, JW-12', () => {
  test.each([
    ['{"id":9007199254740993}', { id: '9007199254740993' }],
    ['{"id":-12345678901234567890}', { id: '-12345678901234567890' }],
    ['[9007199254740991]', [9007199254740991]],
    ['{"id":1234567890123456}', { id: 1234567890123456 }],
    ['{"big":1e400}', { big: '1e400' }],
    ['{"f":0.12345678901234567}', { f: 0.12345678901234566 }],
    ['{"text":"9007199254740993"}', { text: '9007199254740993' }],
    ['\ufeff{"a":1}', { a: 1 }],
    ['{"a":1,"a":2}', { a: 2 }],
  ])('%s is read exactly', (text, expected) => {
    expect(parseJson(text)).toEqual(expected);
  });

  test.each(['{"__proto__":{"a":1},"b":2}', '{"\\u005f_proto__":{"a":1},"b":2}'])('%s has no prototype', (text) => {
    expect(Object.keys(parseJson(text) as object)).toEqual(['b']);
  });

  test('brackets in strings do not count as depth', () => {
    expect(parseJson(JSON.stringify({ a: '['.repeat(1000), b: '\\"[['.repeat(100) }))).toHaveProperty('a');
  });

  test.each([
    ['arrays', '[', ']'],
    ['objects', '{"a":', '}'],
  ])('nested %s beyond the limit are refused without an overflow', (_what, open, close) => {
    expect(() => parseJson(`${open.repeat(100_000)}1${close.repeat(100_000)}`)).toThrow(SyntaxError);
    expect(() => parseJson(`${open.repeat(65)}1${close.repeat(65)}`)).toThrow(SyntaxError);
    expect(parseJson(`${open.repeat(64)}1${close.repeat(64)}`)).toBeTypeOf('object');
  });

  test.each(['', 'NaN', '{"a":1}x', 'callback({})', '{', '\u0000{}'])('%j is not JSON', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });
});
