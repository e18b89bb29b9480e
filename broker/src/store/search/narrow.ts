import type { RepositoryDeps } from '../compile.ts';
import type { Clause, Source } from './clause.ts';
import { countUpTo } from './walk.ts';

/** `count`: how many rows the sources have; the limit stands for that many and more. */
export type Narrow = { readonly sources: readonly Source[]; readonly count: number };

const mostProbes = 4;

/** The alternative with the fewest rows to look at; the first one if all have `limit` or more. Counts no more than a few times what it finds. */
export async function findNarrow(
  ask: RepositoryDeps['ask'],
  { alternatives }: Clause,
  limit: number,
): Promise<Narrow | undefined> {
  const probed = alternatives.slice(0, mostProbes);
  const [first, ...others] = probed;
  if (first === undefined) return undefined;
  for (const enough of others.length === 0 ? [limit] : [limit / 64, limit / 8, limit]) {
    for (const sources of probed) {
      const count = await countUpTo(ask, sources, enough);
      if (count < enough) return { sources, count };
    }
  }
  return { sources: first, count: limit };
}
