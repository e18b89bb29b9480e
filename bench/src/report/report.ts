import { describeMachine, machineLine } from './machine.ts';
import { isMet, type Target, targetLines } from './targets.ts';

export type Report = {
  toText(): string;
  toJson(): object;
  readonly isEveryTargetMet: boolean;
};

export type Findings = {
  readonly title: string;
  readonly text: string;
  readonly data: object;
  readonly targets: readonly Target[];
};

export function createReport({ title, text, data, targets }: Findings): Report {
  const machine = describeMachine();
  return {
    isEveryTargetMet: targets.every(isMet),
    toText: () => [title, machineLine(machine), '', text, '', 'Targets', ...targetLines(targets)].join('\n'),
    toJson: () => ({
      title,
      machine,
      ...data,
      targets: targets.map((target) => ({ ...target, isMet: isMet(target) })),
    }),
  };
}

/** Progress goes to stderr, so that stdout is the report. */
export const say = (line: string): void => console.error(line);
