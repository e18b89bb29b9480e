import type { Seeded } from '../differential/seeded.ts';

/*
 * The same parameters as JSON, with values that no form can hold.
 */

const oddValues: readonly string[] = [
  'null',
  'true',
  '0',
  '-1e400',
  '9007199254740993',
  '[]',
  '["openid","profile"]',
  '{}',
  '{"toString":null}',
  '{"__proto__":{"client_id":"web"}}',
  '"\\ud800"',
  '"\\udc00\\ud800 openid"',
  '"\\u0000"',
  '"openid\\u0000"',
  '"\\u2028"',
  `"${'a'.repeat(5_000)}"`,
  `${'['.repeat(500)}${']'.repeat(500)}`,
  '"',
  'undefined',
];

const oddWholes: readonly ((json: string) => string)[] = [
  (json) => `[${json}]`,
  (json) => `\ufeff${json}`,
  (json) => json.slice(0, -1),
  (json) => `${json}${json}`,
  (json) => json.replace('{', '{"__proto__":{"grant_type":"client_credentials"},'),
  (json) => json.replace('{', '{"constructor":{"prototype":{}},'),
  (json) => JSON.stringify(json),
];

export function bendJson(seeded: Seeded, parameters: URLSearchParams): string {
  const members = [...parameters].map(([name, value]) => [JSON.stringify(name), JSON.stringify(value)] as const);
  const bent = seeded.below(members.length + 1);
  const json = `{${members.map(([name, value], at) => `${name}:${at === bent ? seeded.pick(oddValues) : value}`).join(',')}}`;
  return seeded.below(4) === 0 ? seeded.pick(oddWholes)(json) : json;
}
