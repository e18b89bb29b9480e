import type { Settings } from './arguments.ts';
import { plainRunner } from './contestants/plain-script.ts';
import { sandboxRunner } from './contestants/sandboxed-script.ts';
import { startScriptWorld } from './contestants/script-world.ts';
import { concurrency } from './load/lane.ts';
import { treeMemory } from './processes/process-tree.ts';
import { createReport, type Report, say } from './report/report.ts';
import { percentile, type Summary, summarize } from './report/statistics.ts';
import { table, withSpread } from './report/table.ts';

const hostCounts = [1, 2] as const;
const warmUpRuns = 300;
const pairsPerRound = 200;
const medianLimitMs = 3;
const p95LimitMs = 8;

type Run = () => Promise<void>;

async function timed(run: Run): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}

async function repeat(run: Run, times: number): Promise<void> {
  for (let done = 0; done < times; done += 1) await run();
}

/** One after the other, in turns, so that both meet the same mood of the machine. */
async function measureAdded(sandboxed: Run, plain: Run, rounds: number) {
  const added: number[] = [];
  const plainMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (let pair = 0; pair < pairsPerRound; pair += 1) {
      const [ours, theirs] = [await timed(sandboxed), await timed(plain)];
      added.push(ours - theirs);
      plainMs.push(theirs);
    }
    say(`round ${round + 1}/${rounds}: ${percentile(added, 0.5).toFixed(2)} ms added so far`);
  }
  return { added, plainMs };
}

async function measureRate(run: Run, { rounds, seconds }: Settings): Promise<Summary> {
  const rates: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now();
    const until = startedAt + seconds * 1000;
    let runs = 0;
    const work = async () => {
      while (performance.now() < until) {
        await run();
        runs += 1;
      }
    };
    await Promise.all(Array.from({ length: concurrency }, work));
    rates.push(runs / ((performance.now() - startedAt) / 1000));
  }
  return summarize(rates);
}

/** One script with one request: what the sandbox adds to it, how many runs it does, and what a host takes. */
export async function runScript(settings: Settings): Promise<Report> {
  const world = await startScriptWorld();
  try {
    const plain = plainRunner(world);
    await repeat(plain, warmUpRuns);
    const lanes = [];
    let timing: Awaited<ReturnType<typeof measureAdded>> | undefined;
    for (const hosts of hostCounts) {
      const { run, sandbox } = await sandboxRunner(world, hosts);
      await repeat(run, warmUpRuns);
      timing ??= await measureAdded(run, plain, settings.rounds);
      const perSecond = await measureRate(run, settings);
      const memory = sandbox.hostPids().map((pid) => treeMemory(pid));
      // The spare, which has run nothing, is the smallest.
      memory.sort((left, right) => right.pssMb - left.pssMb);
      lanes.push({ hosts, perSecond, memory });
      say(`hosts: ${hosts}, runs/s: ${perSecond.median.toFixed(0)}`);
      await sandbox.close();
    }
    return report(timing ?? { added: [], plainMs: [] }, lanes, settings);
  } finally {
    await world.close();
  }
}

type Lane = { readonly hosts: number; readonly perSecond: Summary; readonly memory: ReturnType<typeof treeMemory>[] };

function report(
  { added, plainMs }: { readonly added: readonly number[]; readonly plainMs: readonly number[] },
  lanes: readonly Lane[],
  { rounds, seconds }: Settings,
): Report {
  const addedMs = { median: percentile(added, 0.5), p95: percentile(added, 0.95) };
  const plain = { median: percentile(plainMs, 0.5), p95: percentile(plainMs, 0.95) };
  const served = lanes.flatMap(({ hosts, memory }) => memory.slice(0, hosts));
  const hostPssMb = summarize(served.map(({ pssMb }) => pssMb));
  const hostRssMb = summarize(served.map(({ rssMb }) => rssMb));
  const rows = [
    ['', 'median', 'p95'],
    ['plain Node, ms', plain.median.toFixed(2), plain.p95.toFixed(2)],
    ['added by the sandbox, ms', addedMs.median.toFixed(2), addedMs.p95.toFixed(2)],
  ];
  const more = [
    ...lanes.map(({ hosts, perSecond }) => [
      `runs/s, ${hosts} ${hosts === 1 ? 'host' : 'hosts'}, ${concurrency} at a time`,
      withSpread(perSecond, 0),
    ]),
    ['memory of a host after that (PSS), MB', withSpread(hostPssMb, 0)],
    ['memory of a host after that (RSS), MB', withSpread(hostRssMb, 0)],
  ];
  return createReport({
    title: `One profile script with one request: ${added.length} pairs of runs; rates over ${rounds} slices of ${seconds} s: median [quartiles]`,
    text: `${table(rows)}\n\n${table(more)}`,
    data: { plainMs: plain, addedMs, lanes, hostPssMb, hostRssMb },
    targets: [
      { what: 'added time, median', value: addedMs.median, limit: medianLimitMs, unit: 'ms' },
      { what: 'added time, p95', value: addedMs.p95, limit: p95LimitMs, unit: 'ms' },
    ],
  });
}
