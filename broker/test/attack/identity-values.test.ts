import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { answerParameters, redeem, startWorld, type World } from '../support/world.ts';
import { beginSignIn, eventsSince, expectErrorRedirect } from './refusal.ts';

/* Who somebody is, to the letter, whatever type an upstream or a script gives: through a real mapping and a real script. */

let world: World;
beforeAll(async () => {
  world = await startWorld({
    change: (seed) => {
      const scripted = seed.connections.find(({ name }) => name === 'scripted');
      if (scripted === undefined) throw new Error('the seed has a scripted connection');
      const userinfo = String(scripted.options.tokenURL).replace('/token', '/userinfo');
      // The script's own JSON.parse reads the answer, as in every published script.
      const fetchUserProfile = `function (accessToken, ctx, callback) {
        request.get({ url: '${userinfo}', headers: { Authorization: 'Bearer ' + accessToken } }, function (error, response, body) {
          if (error) return callback(error);
          callback(null, { user_id: JSON.parse(body).id });
        });
      }`;
      seed.connections.push({
        ...scripted,
        name: 'script',
        options: { ...scripted.options, scripts: { fetchUserProfile } },
      });
    },
  });
});
afterAll(() => world.close());
afterEach(() => world.provider.on('userinfo', undefined));

/** JSON text of the id as the upstream sends it, and who that is. undefined: nobody, the profile is refused. */
type Row = readonly [json: string, mapped: string | undefined, scripted: string | undefined];
const rows: readonly Row[] = [
  ['1', '1', '1'],
  ['"1"', '1', '1'],
  ['1.0', '1', '1'],
  ['-1', '-1', '-1'],
  ['0', '0', '0'],
  ['9007199254740991', '9007199254740991', '9007199254740991'],
  // Beyond 2^53 every digit is kept, in a script by the JSON.parse of its world.
  ['9007199254740993', '9007199254740993', '9007199254740993'],
  ['76561198000000000123', '76561198000000000123', '76561198000000000123'],
  ['"9007199254740993"', '9007199254740993', '9007199254740993'],
  ['1.5', undefined, undefined],
  ['1e21', undefined, undefined],
  // No number at all: its letters, which are nobody else's.
  ['1e400', '1e400', undefined],
  ['true', undefined, undefined],
  ['false', undefined, undefined],
  ['{}', undefined, undefined],
  ['{"toString":"1"}', undefined, undefined],
  ['[]', undefined, undefined],
  ['["1"]', undefined, undefined],
  ['null', undefined, undefined],
  ['""', undefined, undefined],
  ['" "', undefined, undefined],
  ['"\\u00a0"', undefined, undefined],
  ['"\\u200b1"', '\u200b1', '\u200b1'],
  ['"1\\u0000"', undefined, undefined],
  ['"1\\n"', undefined, undefined],
  ['"\\u001b[2J"', undefined, undefined],
  ['"\\ud800"', undefined, undefined],
  ['"a\\udc00b"', undefined, undefined],
  ['"\\u00e9"', '\u00e9', '\u00e9'],
  ['"e\\u0301"', 'e\u0301', 'e\u0301'],
  [`"${'x'.repeat(255)}"`, 'x'.repeat(255), 'x'.repeat(255)],
  [`"${'x'.repeat(256)}"`, undefined, undefined],
  [`"${'\u00e9'.repeat(128)}"`, undefined, undefined],
  [`"${'x'.repeat(10_000)}"`, undefined, undefined],
];

/** The `sub` that the application gets, or undefined after an error of step `profile`. */
async function subjectOf(connection: string, json: string): Promise<string | undefined> {
  world.provider.on('userinfo', () => ({ headers: { 'content-type': 'application/json' }, body: `{"id":${json}}` }));
  const { agent, callbackUrl } = await beginSignIn(world, { connection });
  let subject: string | undefined;
  const users = await world.broker.store.users.count();
  const [event] = await eventsSince(world, async () => {
    const answer = await agent.get(callbackUrl);
    const { code } = answerParameters(answer);
    if (code === undefined)
      expectErrorRedirect(world, answer, { error: 'invalid_request', description: /^The profile/ });
    else subject = claimsOf((await redeem(world, code)).body.id_token).sub;
  });
  if (subject !== undefined) return subject;
  expect(event).toMatchObject({ type: 'f', details: { step: 'profile' } });
  expect(await world.broker.store.users.count()).toBe(users);
  return undefined;
}

const claimsOf = (jwt: unknown) =>
  JSON.parse(Buffer.from(String(jwt).split('.')[1] ?? '', 'base64url').toString('utf8'));
const label = (row: Row): [string, ...Row] => [
  row[0].length > 40 ? `${row[0].slice(0, 20)}… (${row[0].length})` : row[0],
  ...row,
];

describe('AC-03', () => {
  test.each(rows.map(label))('user_id %s through a mapping', async (_, json, mapped) => {
    expect(await subjectOf('mapped', json)).toBe(mapped === undefined ? undefined : `oauth2|mapped|${mapped}`);
  });

  test.each(rows.map(label))('user_id %s through a script', async (_, json, _mapped, scripted) => {
    expect(await subjectOf('script', json)).toBe(scripted === undefined ? undefined : `oauth2|script|${scripted}`);
  });

  test('a number and the same digits as text are one person, and nothing else is', async () => {
    const before = await world.broker.store.users.count();
    const subjects = [];
    for (const json of ['4711', '"4711"', '4711.0', '"04711"', '"4711 "', '"4711.0"'])
      subjects.push(await subjectOf('mapped', json));
    expect(new Set(subjects).size).toBe(4);
    expect(await world.broker.store.users.count()).toBe(before + 4);
  });

  test('an id that comes twice in one answer has one reading, the same in mapping and script', async () => {
    const body = '{"id":"first","id":"second","__proto__":{"id":"third"}}';
    world.provider.on('userinfo', () => ({ headers: { 'content-type': 'application/json' }, body }));
    for (const connection of ['mapped', 'script']) {
      const { agent, callbackUrl } = await beginSignIn(world, { connection });
      const { code } = answerParameters(await agent.get(callbackUrl));
      expect(claimsOf((await redeem(world, code)).body.id_token).sub).toBe(`oauth2|${connection}|second`);
    }
  });
});
