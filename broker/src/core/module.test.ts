import { describe, expect, test } from 'vitest';
import { findPinned, hashModule, nameModules, pinModules, type StoredModule } from './module.ts';

const module = (name: string, version: string, addedAt: number): StoredModule => {
  const text = `${name} ${version}`;
  return { name, version, text, hash: hashModule(text), integrity: undefined, addedAt: new Date(addedAt) };
};
const pinOf = ({ name, version, hash }: StoredModule) => ({ name, version, hash });
const isBundled = (name: string) => name === 'lodash';
const [one, ten, two, lodash] = [
  module('slug', '1.0.0', 2),
  module('slug', '10.0.0', 1),
  module('slug', '2.0.0', 3),
  module('lodash', '3.0.0', 4),
];
const allowed = [one, ten, two];

describe('what a version is deployed with', () => {
  test('an exact version, or the one that was allowed last', () => {
    const { pins, problems } = pinModules(
      [
        { name: 'slug', version: '10.0.0' },
        { name: 'slug', version: 'latest' },
      ],
      { allowed, isBundled },
    );
    expect(pins).toEqual([pinOf(ten), pinOf(two)]);
    expect(problems).toEqual([]);
  });

  test('nothing for a module that every script has, unless this very version is allowed', () => {
    const wanted = [{ name: 'lodash', version: '3.0.0' }];
    expect(pinModules(wanted, { allowed, isBundled })).toEqual({ pins: [], problems: [] });
    expect(pinModules(wanted, { allowed: [lodash], isBundled }).pins).toEqual([pinOf(lodash)]);
  });

  test.each(['^1.0.0', '1', '1.x', '*', '1.0.0 || 2.0.0', 'next', 'file:..', '01.0.0.0', ''])(
    'the version "%s" is refused',
    (version) => {
      const { pins, problems } = pinModules([{ name: 'slug', version }], { allowed, isBundled });
      expect(pins).toEqual([]);
      expect(problems).toHaveLength(1);
    },
  );
});

test('a pin finds its own text only; one that is missing leaves none', () => {
  const same = { ...one, version: '1.0.1' };
  expect(findPinned([pinOf(one)], [same, one])).toEqual({ modules: [one], problem: undefined });
  expect(findPinned([pinOf(one), pinOf(two)], [one])).toEqual({
    modules: [],
    problem: 'the module slug@2.0.0 is gone, or is not the one it was deployed with',
  });
  expect(findPinned([pinOf(one)], [{ ...one, hash: 'other' }]).modules).toEqual([]);
});

test('a name alone is the module that was allowed last, and never one that every script has', () => {
  const named = nameModules([two, one, ten, lodash], isBundled);
  expect(named).toEqual({
    slug: two,
    'slug@1.0.0': one,
    'slug@10.0.0': ten,
    'slug@2.0.0': two,
    'lodash@3.0.0': lodash,
  });
});
