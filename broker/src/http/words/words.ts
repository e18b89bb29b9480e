import type { en } from './en.ts';

type Text<Of> = Of extends string ? string : { readonly [name in keyof Of]: Text<Of[name]> };

/** One language's catalogue. */
export type Words = Text<typeof en>;

/** What happened to a person, in words of the catalogue. */
export type ErrorKind = keyof Words['errors'];
