import { createSnapshot } from './snapshot.mjs';

const warmCount = 2;

/**
 * Isolates that are ready to run one script. Each is used once: nothing of one run is left for the next.
 *
 * @param {object} ivm
 * @param {{ memoryMb: number, onCall: Function, onFatal: Function }} options `onCall` answers the guest's one link
 */
export function createWarmIsolates(ivm, { memoryMb, onCall, onFatal }) {
  const snapshot = createSnapshot(ivm);
  const ready = [];
  let isRefilling = false;

  function create() {
    const slot = { run: undefined, isolate: undefined, context: undefined, enter: undefined };
    slot.isolate = new ivm.Isolate({ memoryLimit: memoryMb, snapshot, onCatastrophicError: () => onFatal(slot.run) });
    slot.context = slot.isolate.createContextSync();
    // Never throws: an error thrown here would show the guest a stack of the host.
    const link = new ivm.Callback((op, first, second) => {
      if (slot.run === undefined || typeof op !== 'string' || typeof first !== 'string' || typeof second !== 'string')
        return '';
      return onCall(slot.run, op, first, second);
    });
    slot.enter = slot.context.evalClosureSync('return __enter($0)', [link], { result: { reference: true } });
    return slot;
  }

  function refill() {
    if (isRefilling) return;
    isRefilling = true;
    setImmediate(() => {
      isRefilling = false;
      if (ready.length >= warmCount) return;
      ready.push(create());
      refill();
    });
  }

  ready.push(create());
  refill();
  return {
    take() {
      const slot = ready.pop() ?? create();
      refill();
      return slot;
    },
  };
}
