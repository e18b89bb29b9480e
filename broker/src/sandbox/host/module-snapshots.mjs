/*
 * Modules cost most of what a script costs: lodash takes five milliseconds to run without a JIT, in every context anew.
 * So what a script asked for is remembered, and once it has come back with it, its isolates are made from a snapshot in
 * which those modules have run already. A snapshot holds the bundled modules only: nothing of a script, and nothing that an
 * administrator brought.
 */

const maxSnapshots = 8;
const maxScripts = 200;
/** Of one run. */
const maxAsked = 100;
/** Making one holds the host up for some tens of milliseconds: not for a script that runs once, nor again and again. */
const runsBeforeSnapshot = 2;
const maxMade = 64;

/** @param {(asked: readonly [string, string, string][]) => object} createSnapshot of a world in which this was asked */
export function createModuleSnapshots(createSnapshot) {
  /** By script: what its runs have asked of the host, and the names of the modules in it. */
  const scripts = new Map();
  /** By names; undefined where making one failed. The one that was used least recently is first. */
  const snapshots = new Map();
  let made = 0;

  function ofScript(key) {
    const found = scripts.get(key) ?? { asked: new Map(), names: '', runs: 0 };
    scripts.delete(key);
    scripts.set(key, found);
    if (scripts.size > maxScripts) scripts.delete(scripts.keys().next().value);
    return found;
  }

  function make(asked) {
    made += 1;
    try {
      return createSnapshot([...asked.values()]);
    } catch {
      // A module that cannot be run without a host is run by each script, as before.
      return undefined;
    }
  }

  function use(names, snapshot) {
    snapshots.delete(names);
    snapshots.set(names, snapshot);
    if (snapshots.size > maxSnapshots) snapshots.delete(snapshots.keys().next().value);
  }

  return {
    /** Undefined: the common one will do. */
    find(key) {
      const names = scripts.get(key)?.names ?? '';
      const snapshot = snapshots.get(names);
      if (snapshot !== undefined) use(names, snapshot);
      return snapshot;
    },
    /** After a run that ended well. `asked`: of recordModules(), without what its snapshot has. */
    learn(key, asked) {
      const script = ofScript(key);
      const isNew = [...asked.keys()].some((question) => !script.asked.has(question));
      for (const [question, entry] of asked) script.asked.set(question, entry);
      script.runs = isNew ? 1 : script.runs + 1;
      if (isNew)
        script.names = [...script.asked.keys()].filter((question) => question.startsWith('module ')).join('\n');
      if (script.names === '' || script.runs < runsBeforeSnapshot) return;
      if (!snapshots.has(script.names) && made < maxMade) use(script.names, make(script.asked));
    },
  };
}

/** Keeps what a run asks about bundled modules, in order; a question that found nothing teaches nothing. */
export function recordModules(asked, op, question, answer) {
  if (asked.size >= maxAsked || answer === '') return;
  if (op === 'module' || (op === 'resolve' && JSON.parse(answer).name !== undefined)) {
    asked.set(`${op} ${question}`, [op, question, answer]);
  }
}
