import type { Match, Search } from '../../core/search.ts';
import { allOf, anyOf, type Clause, not } from './clause.ts';

/** What a catalogue says of one term. */
export type ToTerm = (field: string | undefined, match: Match) => Clause;

export function toClause(search: Search, toTerm: ToTerm): Clause {
  switch (search.kind) {
    case 'all':
      return allOf(search.parts.map((part) => toClause(part, toTerm)));
    case 'any':
      return anyOf(search.parts.map((part) => toClause(part, toTerm)));
    case 'none':
      return not(toClause(search.part, toTerm));
    case 'match':
      return toTerm(search.field, search.match);
  }
}
