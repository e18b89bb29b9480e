type Asked = [op: string, question: string, answer: string];

export function createModuleSnapshots<Snapshot>(createSnapshot: (asked: readonly Asked[]) => Snapshot): {
  find(key: string): Snapshot | undefined;
  learn(key: string, asked: ReadonlyMap<string, Asked>): void;
};
export function recordModules(asked: Map<string, Asked>, op: string, question: string, answer: string): void;
