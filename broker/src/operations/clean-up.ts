type CleanUpDeps = {
  /** Removes at most `rows` of each table; answers how many went. */
  readonly purge: (rows: number) => Promise<number>;
  readonly isStopping: () => boolean;
};

/** Goes on while a go was full: what comes in faster than one go a minute takes would otherwise pile up. */
export async function cleanUp({ purge, isStopping }: CleanUpDeps, rows: number): Promise<void> {
  let removed = rows;
  while (removed >= rows && !isStopping()) removed = await purge(rows);
}
