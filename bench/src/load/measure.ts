import { setTimeout as sleep } from 'node:timers/promises';
import { treeCpuMs } from '../processes/process-tree.ts';
import type { Lane } from './lane.ts';

export type Slice = { readonly operationsPerSecond: number; readonly cpuMs: number };
/** One slice of each lane, in the lanes' order. */
export type Round = readonly Slice[];

/** After a slice its lane stays on the bill for this long: work put off until after the answer is work too. */
const settleMs = 100;
const warmUpChunkMs = 2_000;
const maxWarmUpChunks = 12;
/** Warm is when CPU per operation no longer falls by more than this from one chunk to the next. */
const flatShare = 0.04;

export async function measureSlice(lane: Lane, ms: number): Promise<Slice & { readonly operations: number }> {
  await lane.prepare?.();
  const cpuBefore = treeCpuMs(lane.pid);
  const startedAt = performance.now();
  const operations = await attributed(lane, () => lane.run(ms));
  const seconds = (performance.now() - startedAt) / 1000;
  await sleep(settleMs);
  const cpuMs = (treeCpuMs(lane.pid) - cpuBefore) / operations;
  return { operations, operationsPerSecond: operations / seconds, cpuMs };
}

/** The first hundreds of operations cost twice as much: the compiler is still at work. Lanes take turns here too. */
export async function warmUp(lanes: readonly Lane[], minimum: number, say: (line: string) => void): Promise<void> {
  const progress = lanes.map((lane) => ({ lane, operations: 0, cpuMs: Number.POSITIVE_INFINITY, isWarm: false }));
  for (let chunk = 0; chunk < maxWarmUpChunks && progress.some((entry) => !entry.isWarm); chunk += 1) {
    for (const entry of progress) {
      if (entry.isWarm) continue;
      const slice = await measureSlice(entry.lane, warmUpChunkMs);
      entry.isWarm = entry.operations + slice.operations >= minimum && slice.cpuMs > entry.cpuMs * (1 - flatShare);
      entry.operations += slice.operations;
      entry.cpuMs = slice.cpuMs;
    }
  }
  for (const { lane, operations, cpuMs, isWarm } of progress) {
    say(
      `warm-up  ${lane.name}: ${operations} operations, ${cpuMs.toFixed(2)} ms each${isWarm ? '' : ', still falling'}`,
    );
  }
}

/** Lanes take turns, and the first turn moves on each round, so that drift of the machine meets all of them alike. */
export async function measureRounds(
  lanes: readonly Lane[],
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
  say: (line: string) => void,
): Promise<readonly Round[]> {
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const slices = new Map<Lane, Slice>();
    for (let turn = 0; turn < lanes.length; turn += 1) {
      const lane = lanes[(round + turn) % lanes.length];
      if (lane) slices.set(lane, await measureSlice(lane, seconds * 1000));
    }
    measured.push(lanes.flatMap((lane) => slices.get(lane) ?? []));
    const cells = lanes.map((lane) => `${lane.name} ${slices.get(lane)?.cpuMs.toFixed(2)}`);
    say(`round ${round + 1}/${rounds}  CPU ms: ${cells.join(', ')}`);
  }
  for (const lane of lanes) await attributed(lane, async () => lane.check?.());
  return measured;
}

async function attributed<Result>(lane: Lane, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw new Error(`${lane.name} failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
