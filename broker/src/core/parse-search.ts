import type { Bound, Match, Search } from './search.ts';
import { badSearch, type Token, tokenize, wildcard } from './search-tokens.ts';

const maxLength = 8_192;
const maxTerms = 256;
const maxDepth = 32;
/** Auth0: what ends or contains something is looked for from three characters on. */
const minLiteral = 3;

/**
 * Auth0's subset of Lucene's query syntax: words, phrases, `field:value`, `field:(a OR b)`, AND, OR, NOT, `-`, `*` at
 * either end, ranges, `_exists_`. Throws ApiError 400. Nothing is interpreted: fields and values stay text.
 */
export function parseSearch(query: string): Search {
  if (query.length > maxLength) throw badSearch(`The query is longer than ${maxLength} characters`);
  const reader = createReader(tokenize(query));
  const search = readAny(reader, undefined, 0);
  if (reader.peek() !== undefined) throw badSearch('The query has a bracket that was not opened');
  return search;
}

type Reader = {
  peek(): Token | undefined;
  next(): Token;
  countTerm(): void;
};

function createReader(tokens: readonly Token[]): Reader {
  let at = 0;
  let terms = 0;
  return {
    peek: () => tokens[at],
    next() {
      const token = tokens[at];
      if (token === undefined) throw badSearch('The query ends too early');
      at += 1;
      return token;
    },
    countTerm() {
      terms += 1;
      if (terms > maxTerms) throw badSearch(`The query has more than ${maxTerms} terms`);
    },
  };
}

/** Lucene's default: terms side by side are alternatives, AND binds closer. */
function readAny(reader: Reader, field: string | undefined, depth: number): Search {
  if (depth > maxDepth) throw badSearch('The query is nested too deeply');
  const parts = [readAll(reader, field, depth)];
  for (let token = reader.peek(); token !== undefined && token.kind !== ')'; token = reader.peek()) {
    if (token.kind === 'or') reader.next();
    parts.push(readAll(reader, field, depth));
  }
  return join('any', parts);
}

function readAll(reader: Reader, field: string | undefined, depth: number): Search {
  const parts = [readOne(reader, field, depth)];
  while (reader.peek()?.kind === 'and') {
    reader.next();
    parts.push(readOne(reader, field, depth));
  }
  return join('all', parts);
}

function join(kind: 'all' | 'any', parts: readonly Search[]): Search {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind, parts };
}

function readOne(reader: Reader, field: string | undefined, depth: number): Search {
  const token = reader.next();
  switch (token.kind) {
    case 'not':
      if (depth > maxDepth) throw badSearch('The query is nested too deeply');
      return { kind: 'none', part: readOne(reader, field, depth + 1) };
    case 'must':
      return readOne(reader, field, depth + 1);
    case '(': {
      const inner = readAny(reader, field, depth + 1);
      if (reader.next().kind !== ')') throw badSearch('A bracket is not closed');
      return inner;
    }
    case '[':
    case '{':
      return readRange(reader, field, token.kind === '[');
    case 'phrase':
      reader.countTerm();
      return { kind: 'match', field, match: { kind: 'exact', value: token.text } };
    case 'word':
      return readWord(reader, field, { text: token.text, depth });
    default:
      throw badSearch('The query has an operator without a term');
  }
}

function readWord(
  reader: Reader,
  field: string | undefined,
  { text, depth }: { readonly text: string; readonly depth: number },
): Search {
  if (reader.peek()?.kind === ':' && field === undefined) {
    reader.next();
    if (text === '_exists_') return readExists(reader);
    return readOne(reader, text, depth + 1);
  }
  reader.countTerm();
  return { kind: 'match', field, match: matchOf(text) };
}

function readExists(reader: Reader): Search {
  const token = reader.next();
  if (token.kind !== 'word' && token.kind !== 'phrase') throw badSearch('_exists_ needs the name of a field');
  reader.countTerm();
  return { kind: 'match', field: token.text, match: { kind: 'exists' } };
}

function readRange(reader: Reader, field: string | undefined, isInclusive: boolean): Search {
  reader.countTerm();
  const from = readBound(reader);
  const to = reader.next();
  if (to.kind !== 'word' || to.text !== 'TO') throw badSearch('A range is written [a TO b]');
  const until = readBound(reader);
  const end = reader.next();
  if (end.kind !== ']' && end.kind !== '}') throw badSearch('A range is not closed');
  return {
    kind: 'match',
    field,
    match: {
      kind: 'range',
      from: toBound(from, isInclusive),
      to: toBound(until, end.kind === ']'),
    },
  };
}

function readBound(reader: Reader): string {
  const token = reader.next();
  if (token.kind === 'word' || token.kind === 'phrase') return token.text;
  throw badSearch('A range is written [a TO b]');
}

const toBound = (value: string, isInclusive: boolean): Bound | undefined =>
  value === wildcard ? undefined : { value: value.replaceAll(wildcard, '*'), isInclusive };

function matchOf(text: string): Match {
  if (text === wildcard) return { kind: 'exists' };
  const value = text.replaceAll(wildcard, '');
  const [starts, ends] = [text.startsWith(wildcard), text.endsWith(wildcard)];
  const count = text.length - value.length;
  if (count === 0) return { kind: 'exact', value };
  if (count > (starts ? 1 : 0) + (ends ? 1 : 0)) throw badSearch('A wildcard may stand at the ends of a term only');
  if (!starts) return { kind: 'prefix', value };
  if (value.length < minLiteral) throw badSearch(`A leading wildcard needs ${minLiteral} characters after it`);
  return { kind: ends ? 'infix' : 'suffix', value };
}
