import { expect, test } from 'vitest';
import { en } from './en.ts';
import { english, languages, pickLanguage } from './languages.ts';
import { say, sayPlain } from './say.ts';

const entriesOf = (words: object, path = ''): [string, string][] =>
  Object.entries(words).flatMap(([name, value]) =>
    typeof value === 'string' ? [[path + name, value] as [string, string]] : entriesOf(value, `${path}${name}.`),
  );

const originals = entriesOf(en);
const translations = languages.filter(({ tag }) => tag !== 'en').map((language) => [language.tag, language] as const);
const namesIn = (sentence: string): string[] => [...sentence.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

test('pages speak ten languages, Arabic from right to left', () => {
  expect(languages.map(({ tag }) => tag).sort()).toEqual(['ar', 'de', 'en', 'es', 'fr', 'it', 'ja', 'nl', 'pl', 'pt']);
  expect(languages.filter(({ direction }) => direction === 'rtl').map(({ tag }) => tag)).toEqual(['ar']);
});

test.each(translations)(
  '%s says everything that English says, with the same names in it and no English left',
  (_, language) => {
    const told = new Map(entriesOf(language.words));
    expect([...told.keys()].sort()).toEqual(originals.map(([key]) => key).sort());
    for (const [key, original] of originals) {
      const sentence = told.get(key) ?? '';
      expect(sentence.trim(), key).not.toBe('');
      expect(namesIn(sentence), key).toEqual(namesIn(original));
      expect(sentence, key).not.toBe(original);
      expect(sentence, key).not.toMatch(/\b(?:the|your|you|and|with|window|this|sign)\b/i);
    }
  },
);

test('Arabic and Japanese are written in their own scripts, names and short technical words aside', () => {
  const scripts = { ar: /\p{Script=Arabic}/u, ja: /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u };
  for (const [tag, script] of Object.entries(scripts)) {
    const words = languages.find((language) => language.tag === tag)?.words ?? en;
    const foreign = entriesOf(words).filter(([, sentence]) => !script.test(sentence));
    expect(foreign.map(([key]) => key)).toEqual(tag === 'ja' ? ['inApi'] : []);
  }
});

test.each([
  ['de', undefined, [], 'de'],
  ['de-CH fr', 'en', [], 'de'],
  ['tlh pt-BR', 'en', [], 'pt'],
  ['tlh', 'fr;q=0.5, es-MX', [], 'es'],
  [undefined, 'da, en-GB;q=0.8, nl;q=0.9', [], 'nl'],
  [undefined, 'de;q=0, fr;q=0.1', [], 'fr'],
  [undefined, '*', [], 'en'],
  ['', '', [], 'en'],
  ['de', 'fr', ['fr', 'en'], 'fr'],
  ['de', 'ja', ['it', 'es'], 'it'],
  ['es', undefined, ['it', 'es'], 'es'],
  [undefined, undefined, ['ar'], 'ar'],
  [undefined, undefined, ['xx'], 'en'],
  ['__proto__ constructor', undefined, [], 'en'],
  [`${'x '.repeat(5000)}de`, undefined, [], 'en'],
])('ui_locales %j, Accept-Language %j, enabled %j: %s', (uiLocales, acceptLanguage, enabled, tag) => {
  expect(pickLanguage({ uiLocales, acceptLanguage, enabled }).tag).toBe(tag);
});

test('a name in a sentence is escaped and keeps its own writing direction', () => {
  const said = say(english.words.signInTo, { client: '<b>{client}</b>' }).markup;
  expect(said).toBe('Sign in to <bdi>&lt;b&gt;{client}&lt;/b&gt;</bdi>');
  expect(sayPlain(english.words.signInTo, { client: '$& {tenant}' })).toBe('Sign in to $& {tenant}');
});
