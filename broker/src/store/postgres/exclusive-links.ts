import type pg from 'pg';
import type { Link } from './link.ts';

/** Connections that belong to one unit of work at a time. Opened when they are first needed. */
export type ExclusiveLinks = {
  use<Result>(work: (client: pg.Client, link: Link) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
};

export function createExclusiveLinks(createLink: () => Link, limit: number): ExclusiveLinks {
  const all: Link[] = [];
  const idle: Link[] = [];
  const waiting: ((link: Link) => void)[] = [];

  const acquire = (): Link | Promise<Link> => {
    const free = idle.pop();
    if (free) return free;
    if (all.length >= limit) return new Promise((resolve) => waiting.push(resolve));
    const link = createLink();
    all.push(link);
    return link;
  };

  const release = (link: Link): void => {
    const next = waiting.shift();
    if (next) next(link);
    else idle.push(link);
  };

  return {
    async use(work) {
      const link = await acquire();
      try {
        return await work(await link.get(), link);
      } finally {
        release(link);
      }
    },
    close: async () => void (await Promise.all(all.map((link) => link.close()))),
  };
}
