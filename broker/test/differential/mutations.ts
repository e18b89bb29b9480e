import { append, change, type Draft, type Encoding, remove, set } from './draft.ts';

/** One thing done wrong, or only done otherwise, to a request. */
export type Mutation = { readonly title: string; readonly apply: (draft: Draft) => Draft };

/** Every way in which one parameter can be bent, whatever it means. */
export const parameterMutations = (name: string): readonly Mutation[] => [
  { title: `${name} missing`, apply: (draft) => remove(draft, name) },
  { title: `${name} empty`, apply: (draft) => set(draft, name, '') },
  { title: `${name} twice, the same`, apply: (draft) => repeat(draft, name) },
  { title: `${name} twice, differing`, apply: (draft) => append(draft, name, 'another') },
  { title: `${name} twice, empty the second time`, apply: (draft) => append(draft, name, '') },
  { title: `${name} in first place`, apply: (draft) => moveToFront(draft, name) },
  { title: `${name} spelled in capitals`, apply: (draft) => rename(draft, name, name.toUpperCase()) },
  { title: `${name} as a list`, apply: (draft) => rename(draft, name, `${name}[]`) },
  ...bent.map(([title, by]) => ({ title: `${name} ${title}`, apply: (draft: Draft) => change(draft, name, by) })),
];

const bent: readonly (readonly [string, (text: string) => string])[] = [
  ['in capitals', (text) => text.toUpperCase()],
  ['with its first letter changed in case', (text) => text.replace(/[a-z]/i, flipCase)],
  ['after a space', (text) => ` ${text}`],
  ['before a space', (text) => `${text} `],
  ['twice in one value', (text) => `${text} ${text}`],
  ['after a tab', (text) => `\t${text}`],
  ['before a line break', (text) => `${text}\r\n`],
  ['with a header in it', (text) => `${text}\r\nLocation: https://evil.example/`],
  ['before a zero byte', (text) => `${text}\0`],
  [
    'in full-width letters',
    (text) => text.replace(/[!-~]/g, (char) => String.fromCodePoint(char.charCodeAt(0) + 0xfee0)),
  ],
  ['before a zero-width space', (text) => `${text}\u200b`],
  ['before an accent', (text) => `${text}\u0301`],
  ['before an emoji', (text) => `${text}🙂`],
  ['before half a character', (text) => `${text}\ufffd`],
  ['escaped twice', (text) => encodeURIComponent(`${text}%`)],
  ['in quotes', (text) => `"${text}"`],
  ['before markup', (text) => `${text}"><script>alert(1)</script>`],
  ['before a backslash', (text) => `${text}\\`],
  ['cut by one', (text) => text.slice(0, -1)],
  ['longer by one', (text) => `${text}a`],
  ['replaced', () => 'something-else'],
  ['a number', () => '0'],
  ['undefined', () => 'undefined'],
  ['2000 characters long', (text) => text.padEnd(2000, 'a')],
];

/** One mutation for each value of each parameter. */
export const specifics = (values: Readonly<Record<string, readonly string[]>>): readonly Mutation[] =>
  Object.entries(values).flatMap(([name, list]) =>
    list.map((value) => ({ title: `${name}=${value}`, apply: (draft: Draft) => set(draft, name, value) })),
  );

const encodings: readonly Encoding[] = ['percent-20', 'lower-case escapes', 'every byte', 'escaped names'];

/** Other ways to write the same, and noise around it. */
export const writingMutations: readonly Mutation[] = [
  ...encodings.map((encoding) => ({
    title: `written as ${encoding}`,
    apply: (draft: Draft) => ({ ...draft, encoding }),
  })),
  ...['&', '&&', '&=', '&x', '&x=%', '&x=%zz', '&x=%ff', '&x=%00', '&=x', '&x=1&x=2', '&x=1;y=2', '&%=%'].map(
    (tail) => ({
      title: `before ${tail}`,
      apply: (draft: Draft) => ({ ...draft, tail }),
    }),
  ),
  { title: 'in reverse order', apply: (draft) => ({ ...draft, pairs: draft.pairs.toReversed() }) },
];

function repeat(draft: Draft, name: string): Draft {
  const pair = draft.pairs.find((each) => each.name === name);
  return pair === undefined ? draft : { ...draft, pairs: [...draft.pairs, pair] };
}

const moveToFront = (draft: Draft, name: string): Draft => ({
  ...draft,
  pairs: draft.pairs.toSorted((a, b) => Number(b.name === name) - Number(a.name === name)),
});

const rename = (draft: Draft, name: string, to: string): Draft => ({
  ...draft,
  pairs: draft.pairs.map((pair) => (pair.name === name ? { ...pair, name: to } : pair)),
});

const flipCase = (text: string): string => (text === text.toUpperCase() ? text.toLowerCase() : text.toUpperCase());
