import { expect, test } from 'vitest';
import type { StoredAction } from '../../core/action.ts';
import type { ActionId, UserId } from '../../core/ids.ts';
import { createPerson, later, sampleAction, sampleCode, sealed } from './samples.ts';
import type { Subject } from './subject.ts';

const boundTo = ({ id }: Pick<StoredAction, 'id'>) => ({ actionId: id, displayName: undefined });

export function scriptTests(subject: Subject): void {
  test('an Action comes back as it was kept; a new draft leaves what is deployed alone', async () => {
    const { store } = subject;
    const action = sampleAction();
    const draftOnly = sampleAction({ deployed: undefined, mayReadProviderTokens: false });
    await store.writeAll([store.actions.create(action), store.actions.create(draftOnly)]);
    expect(await store.actions.list()).toEqual(expect.arrayContaining([action, draftOnly]));
    const edited = { ...action, source: 'edited', dependencies: [], sealedSecrets: sealed(9), updatedAt: later(5) };
    await store.write(store.actions.update(edited));
    expect(await store.actions.list()).toContainEqual(edited);
    await expect(store.write(store.actions.update(sampleAction()))).rejects.toMatchObject({ code: 'conflict' });
    await expect(store.write(store.actions.create({ ...action, id: 'act_2' as ActionId }))).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  test('a token exchange profile has a name and a type of its own, and goes with its Action', async () => {
    const { store } = subject;
    const [action, other] = [sampleAction(), sampleAction()];
    await store.writeAll([store.actions.create(action), store.actions.create(other)]);
    const profile = {
      id: 'tep_1',
      name: 'legacy',
      subjectTokenType: 'urn:acme:legacy',
      actionId: action.id,
      createdAt: later(1),
      updatedAt: later(1),
    };
    const second = { ...profile, id: 'tep_2', name: 'other', subjectTokenType: 'urn:acme:o', actionId: other.id };
    await store.writeAll([store.tokenExchangeProfiles.create(profile), store.tokenExchangeProfiles.create(second)]);
    for (const taken of [
      { ...second, id: 'tep_3', name: 'new' },
      { ...second, id: 'tep_3', subjectTokenType: 'urn:acme:new' },
    ]) {
      const write = store.tokenExchangeProfiles.create(taken);
      await expect(store.write(write)).rejects.toMatchObject({ code: 'conflict' });
    }
    const renamed = { ...profile, name: 'renamed', updatedAt: later(2) };
    await store.write(store.tokenExchangeProfiles.update(renamed));
    expect(await store.tokenExchangeProfiles.list()).toEqual([renamed, second]);
    await store.write(store.actions.delete(action.id));
    expect(await store.write(store.tokenExchangeProfiles.delete(second.id))).toBe(true);
    expect(await store.tokenExchangeProfiles.list()).toEqual([]);
  });

  test('a deployed version runs from then on, older ones are kept, and no number is given twice', async () => {
    const { store } = subject;
    const action = sampleAction();
    await store.write(store.actions.create(action));
    const second = { number: 2, source: 'second', modules: [], createdAt: later(60) };
    await store.write(store.actions.deploy(action.id, second));
    expect(await store.actions.list()).toContainEqual({ ...action, deployed: second });
    expect(await store.actions.listVersions(action.id)).toEqual([second, action.deployed]);
    await expect(store.write(store.actions.deploy(action.id, second))).rejects.toMatchObject({ code: 'conflict' });
  });

  test('bindings keep their order, are replaced as a whole, and go with their Action', async () => {
    const { store } = subject;
    const [one, two] = [sampleAction(), sampleAction()];
    await store.writeAll([store.actions.create(one), store.actions.create(two)]);
    await store.write(store.actions.bind('post-login', [boundTo(two), { ...boundTo(one), displayName: 'Ünö' }]));
    const bound = async () => (await store.actions.listBindings()).map(({ actionId }) => actionId);
    expect(await bound()).toEqual([two.id, one.id]);
    expect((await store.actions.listBindings())[1]?.displayName).toBe('Ünö');
    await store.write(store.actions.bind('post-login', [boundTo(one), boundTo(two)]));
    expect(await bound()).toEqual([one.id, two.id]);
    expect(await store.write(store.actions.delete(one.id))).toBe(true);
    expect(await bound()).toEqual([two.id]);
    await store.write(store.actions.bind('post-login', []));
    expect(await bound()).toEqual([]);
  });

  test('a module is kept byte for byte, once per version, until it is removed', async () => {
    const { store } = subject;
    const module = (version: string, integrity: string | undefined) => ({
      name: '@acme/slug',
      version,
      hash: `hash of ${version}`,
      text: `module.exports = '\\u0000 "é" ${version}';\n`,
      integrity,
      addedAt: later(3),
    });
    const [one, two] = [module('1.0.0', 'sha512-abc'), module('2.0.0-rc.1', undefined)];
    await store.writeAll([store.modules.create(two), store.modules.create(one)]);
    expect(await store.modules.list()).toEqual([one, two]);
    expect(await store.modules.find('@acme/slug', '2.0.0-rc.1')).toEqual(two);
    expect(await store.modules.find('@acme/slug', '3.0.0')).toBeUndefined();
    const again = store.modules.create({ ...one, text: 'other' });
    await expect(store.write(again)).rejects.toMatchObject({ code: 'conflict' });
    expect(await store.write(store.modules.delete('@acme/slug', '1.0.0'))).toBe(true);
    expect(await store.write(store.modules.delete('@acme/slug', '1.0.0'))).toBe(false);
    expect(await store.modules.list()).toEqual([two]);
  });

  test('a module that is allowed or removed is a change of the configuration', () => {
    const { store } = subject;
    const module = { name: 'a', version: '1.0.0', hash: '', text: '', integrity: undefined, addedAt: later(0) };
    for (const write of [store.modules.create(module), store.modules.delete('a', '1.0.0')]) {
      expect(write.changesConfiguration).toBe(true);
    }
  });

  test('rules come in their order; their settings are kept by key', async () => {
    const { store } = subject;
    const rule = (id: string, order: number) => ({ id, name: `rule ${id}`, source: 'source', order, isEnabled: true });
    await store.writeAll([store.rules.create(rule('rul_b', 2)), store.rules.create(rule('rul_a', 10))]);
    await store.write(store.rules.update({ ...rule('rul_a', 1), isEnabled: false }));
    expect(await store.rules.list()).toEqual([{ ...rule('rul_a', 1), isEnabled: false }, rule('rul_b', 2)]);
    expect(await store.write(store.rules.delete('rul_a'))).toBe(true);
    await store.write(store.rules.putSetting({ key: 'URL', sealedValue: sealed(1) }));
    await store.write(store.rules.putSetting({ key: 'URL', sealedValue: sealed(2) }));
    expect(await store.rules.listSettings()).toEqual([{ key: 'URL', sealedValue: sealed(2) }]);
    expect(await store.write(store.rules.deleteSetting('URL'))).toBe(true);
    expect(await store.rules.listSettings()).toEqual([]);
  });

  test('a change of metadata merges at the first level, and null takes a key away', async () => {
    const { store } = subject;
    const { user } = await createPerson(store);
    const change = (userMetadata: object, appMetadata: object) =>
      store.write(
        store.users.changeMetadata({
          userId: user.id,
          at: later(9),
          userMetadata: userMetadata as Record<string, null>,
          appMetadata: appMetadata as Record<string, null>,
        }),
      );
    await change({ theme: 'dark', seen: [1] }, { plan: { tier: 'gold' } });
    const changed = await change({ seen: null, absent: null, 'odd"key': true }, { plan: { tier: 'blue' } });
    expect(changed.userMetadata).toEqual({ theme: 'dark', 'odd"key': true });
    expect(changed.appMetadata).toEqual({ plan: { tier: 'blue' } });
    expect(changed.updatedAt).toEqual(later(9));
    expect(await store.users.find(user.id)).toEqual(changed);
    const nobody = { userId: 'nobody' as UserId, at: later(9), userMetadata: {}, appMetadata: {} };
    await expect(store.write(store.users.changeMetadata(nobody))).rejects.toMatchObject({ code: 'conflict' });
  });

  test('a code carries the claims of its scripts', async () => {
    const { store } = subject;
    const { user, connection } = await createPerson(store);
    const claims = { idToken: { 'https://x/roles': ['a'] }, accessToken: { plan: null } };
    const code = sampleCode(user.id, connection.id, { claims });
    await store.write(store.codes.create(code));
    expect((await store.codes.find(code.codeHash))?.claims).toEqual(claims);
  });
}
