import { ApiError } from './errors.ts';

/** `word` has its wildcards marked: an unescaped asterisk is kept as the private character `wildcard`. */
export type Token =
  | { readonly kind: '(' | ')' | '[' | ']' | '{' | '}' | ':' }
  | { readonly kind: 'and' | 'or' | 'not' | 'must' }
  | { readonly kind: 'word' | 'phrase'; readonly text: string };

/** Stands for an asterisk that means "anything"; it cannot be typed. */
export const wildcard = '\uE000';

const marks = new Set('()[]{}:');
const maxTokens = 2_000;

export const badSearch = (problem: string): ApiError =>
  new ApiError(400, `Query validation error: '${problem}' on property q (Query in Lucene query string syntax).`, {
    code: 'invalid_query_string',
  });

/** Splits a query into tokens, one character at a time: no expression of the caller's ever becomes one of ours (API-06). */
export function tokenize(query: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < query.length) {
    const { token, end } = readToken(query, at);
    if (token !== undefined) tokens.push(token);
    if (tokens.length > maxTokens) throw badSearch('The query has too many terms');
    at = end;
  }
  return tokens;
}

type Read = { readonly token: Token | undefined; readonly end: number };

function readToken(query: string, at: number): Read {
  const char = query.charAt(at);
  if (isSpace(char)) return { token: undefined, end: at + 1 };
  if (marks.has(char)) return { token: { kind: char as '(' }, end: at + 1 };
  if (char === '"') return readPhrase(query, at + 1);
  const pair = query.slice(at, at + 2);
  if (pair === '&&') return { token: { kind: 'and' }, end: at + 2 };
  if (pair === '||') return { token: { kind: 'or' }, end: at + 2 };
  if (char === '!' || char === '-') return { token: { kind: 'not' }, end: at + 1 };
  if (char === '+') return { token: { kind: 'must' }, end: at + 1 };
  return readWord(query, at);
}

function readPhrase(query: string, from: number): Read {
  let text = '';
  for (let at = from; at < query.length; at += 1) {
    const char = query.charAt(at);
    if (char === '"') return { token: { kind: 'phrase', text }, end: at + 1 };
    if (char === '\\' && at + 1 < query.length) {
      at += 1;
      text += query.charAt(at);
    } else text += char;
  }
  throw badSearch('A quotation mark is not closed');
}

function readWord(query: string, from: number): Read {
  let text = '';
  let isEscaped = false;
  let at = from;
  for (; at < query.length; at += 1) {
    const char = query.charAt(at);
    if (char === '\\' && at + 1 < query.length) {
      at += 1;
      isEscaped = true;
      text += query.charAt(at);
    } else if (isSpace(char) || char === '"' || (marks.has(char) && !isInsideTime(query, at))) {
      break;
    } else {
      text += char === '*' ? wildcard : char;
    }
  }
  const keyword = isEscaped ? undefined : keywords.get(text);
  return { token: keyword === undefined ? { kind: 'word', text } : { kind: keyword }, end: at };
}

const keywords = new Map([
  ['AND', 'and'],
  ['OR', 'or'],
  ['NOT', 'not'],
] as const) as ReadonlyMap<string, 'and' | 'or' | 'not'>;

/** The colons of `2026-11-22T10:30:00Z` do not end a field's name. */
const isInsideTime = (query: string, at: number): boolean =>
  query.charAt(at) === ':' && isDigit(query.charAt(at - 1)) && isDigit(query.charAt(at + 1)) && isTime(query, at);

function isTime(query: string, at: number): boolean {
  const before = query.slice(Math.max(0, at - 24), at);
  return before.includes('T') && before.lastIndexOf('T') > before.lastIndexOf('-');
}

const isDigit = (char: string): boolean => char >= '0' && char <= '9' && char !== '';
const isSpace = (char: string): boolean => char === ' ' || char === '\t' || char === '\n' || char === '\r';
