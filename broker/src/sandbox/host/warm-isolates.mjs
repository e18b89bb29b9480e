import { createModuleSnapshots, recordModules } from './module-snapshots.mjs';
import { createSnapshot } from './snapshot.mjs';

const freshCount = 2;
const keptIsolates = 8;
const runsPerIsolate = 50;
const heapCheckEvery = 5;

/**
 * Seats for runs. Every run has a context of its own, made from the snapshot: no global, no built-in and no value of one
 * run is left for the next. The isolate around it is kept for further runs of the very same script, and only after a run
 * that ended well and left nothing pending: making one costs three times what making a context does. Two scripts never
 * share an isolate.
 *
 * @param {object} ivm
 * @param {{ memoryMb: number, answersEverything: boolean, onCall: Function, onFatal: Function }} options `onCall` answers the guest's one link
 */
export function createWarmIsolates(ivm, { memoryMb, answersEverything, onCall, onFatal }) {
  const common = createSnapshot(ivm, { answersEverything, asked: [] });
  const moduleSnapshots = createModuleSnapshots((asked) => createSnapshot(ivm, { answersEverything, asked }));
  const maxKeptHeapBytes = (memoryMb / 4) * 1024 * 1024;
  /** Seats in isolates that have run nothing yet. */
  const fresh = [];
  /** Seats in isolates that have run one script only, by its key; the one that waited longest first. */
  const kept = new Map();
  let keptCount = 0;
  let isRefilling = false;

  function createSeat(home) {
    const seat = {
      home,
      isolate: home.isolate,
      context: home.isolate.createContextSync(),
      run: undefined,
      enter: undefined,
      /** What the run asks about modules. */
      asked: new Map(),
    };
    // Never throws: an error thrown here would show the guest a stack of the host.
    const link = new ivm.Callback((op, first, second) => {
      if (seat.run === undefined || typeof op !== 'string' || typeof first !== 'string' || typeof second !== 'string')
        return '';
      const answer = onCall(seat.run, op, first, second);
      if (op === 'module' || op === 'resolve') recordModules(seat.asked, op, first, answer);
      return answer;
    });
    seat.enter = seat.context.evalClosureSync('return __enter($0)', [link], { result: { reference: true } });
    home.seat = seat;
    return seat;
  }

  function createHome(snapshot) {
    const home = {
      isolate: undefined,
      snapshot,
      seat: undefined,
      key: undefined,
      script: undefined,
      isQuick: false,
      runs: 0,
    };
    const onCatastrophicError = () => onFatal(home.seat?.run);
    home.isolate = new ivm.Isolate({ memoryLimit: memoryMb, snapshot, onCatastrophicError });
    return createSeat(home);
  }

  function refill() {
    if (isRefilling) return;
    isRefilling = true;
    setImmediate(() => {
      isRefilling = false;
      if (fresh.length >= freshCount) return;
      fresh.push(createHome(common));
      refill();
    });
  }

  function takeKept(key) {
    const seats = kept.get(key);
    if (seats === undefined) return undefined;
    const seat = seats.pop();
    keptCount -= 1;
    if (seats.length === 0) kept.delete(key);
    return seat;
  }

  function keep(seat) {
    const { key } = seat.home;
    const seats = kept.get(key) ?? [];
    // Behind the others: what is used least is the first to go.
    kept.delete(key);
    kept.set(key, seats);
    seats.push(seat);
    keptCount += 1;
    if (keptCount > keptIsolates) dispose(takeKept(kept.keys().next().value));
  }

  function dispose(seat) {
    if (!seat.isolate.isDisposed) seat.isolate.dispose();
  }

  const isHeapLarge = (isolate) => isolate.getHeapStatisticsSync().used_heap_size > maxKeptHeapBytes;

  function leave(seat) {
    const { home, isolate } = seat;
    if (isolate.isDisposed) return;
    seat.enter.release();
    seat.context.release();
    if (home.runs >= runsPerIsolate || (home.runs % heapCheckEvery === 0 && isHeapLarge(isolate))) {
      dispose(seat);
      return;
    }
    // Not now: the answer of this run goes out first.
    setImmediate(() => {
      // In the corpus' world modules are not what they are elsewhere.
      if (!answersEverything) moduleSnapshots.learn(home.key, seat.asked);
      if (home.snapshot === (moduleSnapshots.find(home.key) ?? home.snapshot)) keep(createSeat(home));
      else dispose(seat);
    });
  }

  function createHomeFor(key) {
    const snapshot = moduleSnapshots.find(key);
    return snapshot === undefined ? (fresh.pop() ?? createHome(common)) : createHome(snapshot);
  }

  fresh.push(createHome(common));
  refill();
  return {
    /** A seat for one run. `key`: all that makes the script what it is, letter by letter. */
    take(key) {
      const seat = takeKept(key) ?? createHomeFor(key);
      seat.home.key = key;
      seat.home.runs += 1;
      refill();
      return seat;
    },
    /** After a run that ended well and left nothing behind. */
    leave,
    /** After any other run. */
    dispose,
  };
}
