import { ar } from './ar.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';
import { it } from './it.ts';
import { ja } from './ja.ts';
import { nl } from './nl.ts';
import { pl } from './pl.ts';
import { pt } from './pt.ts';
import type { Words } from './words.ts';

export type Language = {
  /** BCP 47, as in the `lang` attribute. */
  readonly tag: string;
  readonly direction: 'ltr' | 'rtl';
  readonly words: Words;
};

const leftToRight = { en, de, fr, es, it, pt, nl, pl, ja };

const all: ReadonlyMap<string, Language> = new Map<string, Language>([
  ...Object.entries(leftToRight).map(([tag, words]) => [tag, { tag, direction: 'ltr', words }] as const),
  ['ar', { tag: 'ar', direction: 'rtl', words: ar }],
]);

export const english: Language = { tag: 'en', direction: 'ltr', words: en };

/** Of hosted pages, in no order that means anything. */
export const languages: readonly Language[] = [...all.values()];

export type Wishes = {
  /** OpenID Connect Core §3.1.2.1: tags in order of preference, with spaces between. */
  readonly uiLocales: string | undefined;
  /** RFC 9110 §12.5.4. */
  readonly acceptLanguage: string | undefined;
  /** The tenant's; empty: every language there is. The first is what is spoken where no wish can be met. */
  readonly enabled: readonly string[];
};

/** The application's wish comes before the browser's. A region or script that we do not have apart falls back to its language. */
export function pickLanguage({ uiLocales, acceptLanguage, enabled }: Wishes): Language {
  if (uiLocales === undefined && acceptLanguage === undefined) return firstOf(enabled);
  const spoken = new Set(enabled.map(primaryOf));
  const wishes = [...(uiLocales ?? '').slice(0, 500).split(/\s+/), ...readAcceptLanguage(acceptLanguage)];
  for (const wish of wishes) {
    const tag = primaryOf(wish);
    const language = all.get(tag);
    if (language !== undefined && (spoken.size === 0 || spoken.has(tag))) return language;
  }
  return firstOf(enabled);
}

const primaryOf = (tag: string): string => tag.split(/[-_]/, 1)[0]?.toLowerCase() ?? '';

function firstOf(enabled: readonly string[]): Language {
  for (const tag of enabled) {
    const language = all.get(primaryOf(tag));
    if (language !== undefined) return language;
  }
  return english;
}

/** By weight; what weighs nothing is not wanted. */
function readAcceptLanguage(header: string | undefined): string[] {
  if (header === undefined) return [];
  const ranges = header
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().split(';');
      const weight = parameters.map((text) => /^\s*q=([\d.]+)\s*$/.exec(text)?.[1]).find((text) => text !== undefined);
      return { tag, weight: weight === undefined ? 1 : Number(weight) };
    });
  return ranges
    .filter(({ weight }) => weight > 0)
    .sort((one, other) => other.weight - one.weight)
    .map(({ tag }) => tag);
}
