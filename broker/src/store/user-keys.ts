import type { Json, JsonObject } from '../core/json.ts';
import { toStorable } from './columns.ts';

/*
 * What a user is found by, made from the profile. A key longer than an index takes is cut, and so is what is looked for.
 */

const longest = 200;
const mostTerms = 1_000;

/** One searchable value: the path of its field, the value as text, and as a number if it is one. */
export type Term = readonly [field: string, value: string, number: number | null];

export type UserKeys = {
  readonly email_key: string;
  readonly email_domain: string;
  readonly name_key: string;
  readonly given_name_key: string;
  readonly family_name_key: string;
  readonly nickname_key: string;
  readonly is_email_verified: number;
  readonly attribute_terms: string;
};

/** They have columns of their own; a picture is an address that nobody looks for. */
const notTerms = new Set(['email', 'email_verified', 'name', 'given_name', 'family_name', 'nickname', 'picture']);

export const keysOf = (attributes: JsonObject): UserKeys => ({
  email_key: fold(attributes.email),
  email_domain: domainOf(attributes.email),
  name_key: fold(attributes.name),
  given_name_key: fold(attributes.given_name),
  family_name_key: fold(attributes.family_name),
  nickname_key: fold(attributes.nickname),
  is_email_verified: attributes.email_verified === true ? 1 : 0,
  attribute_terms: JSON.stringify(attributeTerms(attributes)),
});

/** As it is compared where case does not count; empty: there is none. */
export const fold = (value: unknown): string => (typeof value === 'string' ? cut(value.toLowerCase()) : '');

export const domainOf = (email: unknown): string =>
  typeof email === 'string' && email.includes('@') ? fold(email.slice(email.lastIndexOf('@') + 1)) : '';

export const cut = (value: string): string =>
  toStorable(value.length <= longest ? value : [...value].slice(0, longest).join(''));

export const attributeTerms = (attributes: JsonObject): readonly Term[] =>
  Object.entries(attributes).flatMap(([name, value]) => (notTerms.has(name) ? [] : termsOf(name, value)));

/** Terms of the attributes, which are made already, and of both kinds of metadata. */
export function allTerms(
  attributes: readonly Term[],
  userMetadata: JsonObject,
  appMetadata: JsonObject,
): readonly Term[] {
  const terms = [...attributes, ...termsOf('user_metadata', userMetadata), ...termsOf('app_metadata', appMetadata)];
  const distinct = new Map(terms.map((term) => [`${term[0]}\0${term[1]}`, term]));
  return [...distinct.values()].slice(0, mostTerms);
}

/** Every scalar with the path to it; the items of a list have the path of the list. */
function termsOf(path: string, value: Json): Term[] {
  if (value === null) return [];
  if (typeof value !== 'object') {
    return [[cut(path), cut(String(value)), typeof value === 'number' ? value : null]];
  }
  if (isList(value)) return value.flatMap((item) => termsOf(path, item));
  return Object.entries(value).flatMap(([name, inner]) => termsOf(`${path}.${name}`, inner));
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
