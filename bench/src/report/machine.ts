import { statfsSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem, type } from 'node:os';

export type Machine = {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  /** Where the databases are: synchronising to memory costs nothing and would flatter those who do it. */
  readonly isDiskInMemory: boolean;
};

/** f_type of tmpfs, statfs(2). */
const tmpfs = 0x01021994;

export function describeMachine(): Machine {
  const processors = cpus();
  return {
    cores: processors.length,
    cpu: processors[0]?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    isDiskInMemory: statfsSync(tmpdir()).type === tmpfs,
  };
}

export const machineLine = (machine: Machine): string =>
  `Machine: ${machine.cores} cores of ${machine.cpu}, ${machine.memoryGb} GB, ${machine.system}, Node.js ${machine.node}, ` +
  `databases on ${machine.isDiskInMemory ? 'tmpfs (set TMPDIR to a disk for honest durability)' : 'disk'}`;
