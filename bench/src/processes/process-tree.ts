import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks of /proc/<pid>/stat, nearly always 100 a second. */
const msPerTick = 1000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

function readProc(path: string): string | undefined {
  try {
    return readFileSync(`/proc/${path}`, 'utf8');
  } catch {
    // The process went between the listing and the reading.
    return undefined;
  }
}

type Stat = { readonly parentPid: number; readonly cpuTicks: number };

function readStat(pid: number): Stat | undefined {
  const text = readProc(`${pid}/stat`);
  if (text === undefined) return undefined;
  // The command name may hold spaces and brackets: count the fields after its last bracket, from field 3 of proc(5).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // Field 4 is the parent; utime, stime, cutime and cstime are fields 14 to 17.
  return {
    parentPid: Number(fields[1]),
    cpuTicks: fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0),
  };
}

function readTree(root: number): Map<number, Stat> {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const stats = new Map<number, Stat>();
  for (const pid of pids) {
    const stat = readStat(Number(pid));
    if (stat) stats.set(Number(pid), stat);
  }
  const tree = new Map<number, Stat>();
  const pending = [root];
  for (let pid = pending.pop(); pid !== undefined; pid = pending.pop()) {
    const stat = stats.get(pid);
    if (!stat) continue;
    tree.set(pid, stat);
    for (const [child, { parentPid }] of stats) if (parentPid === pid) pending.push(child);
  }
  return tree;
}

/**
 * CPU of a process and its descendants so far, in milliseconds. Descendants that died are in their parent's share
 * (cutime, cstime) once it has waited for them.
 */
export function treeCpuMs(root: number): number {
  const tree = readTree(root);
  if (tree.size === 0) throw new Error(`process ${root} is gone`);
  let ticks = 0;
  for (const { cpuTicks } of tree.values()) ticks += cpuTicks;
  return ticks * msPerTick;
}

export type TreeMemory = { readonly pssMb: number; readonly rssMb: number; readonly processes: number };

/** Pss shares pages that several processes map; Rss counts them once for each. */
export function treeMemory(root: number): TreeMemory {
  const pids = [...readTree(root).keys()];
  let pssKb = 0;
  let rssKb = 0;
  for (const pid of pids) {
    const rollup = readProc(`${pid}/smaps_rollup`) ?? '';
    pssKb += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
    rssKb += Number(/^Rss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
  }
  return { pssMb: pssKb / 1024, rssMb: rssKb / 1024, processes: pids.length };
}
