import { compile } from './compile.mjs';

const maxTimers = 1000;
const stuckAfterMs = 300;
const quickMs = 1;
const quickTimeoutMs = 100;
const maxHeadLength = 64 * 1024;
const neverEnded = {
  callback: 'The script never called back.',
  return: 'The promise that the script returned was never settled.',
  action: 'The promise that the Action returned was never settled.',
  rule: 'The rule never called back.',
};

/**
 * One run of one script in its own context. The guest is entered on a thread of its own, so that a script in an endless
 * loop does not hold up the other runs of this host.
 *
 * @param {object} deps `seat` of warm-isolates.mjs, `limits`, and the calls `request`, `consoleLine`, `finish`, `leave`,
 * `dispose`, `stuck`
 */
export function createRun({
  seat,
  gate,
  limits,
  filename,
  kind,
  request,
  abort,
  consoleLine,
  finish,
  leave,
  dispose,
  stuck,
}) {
  const { home, isolate, context, enter } = seat;
  const spentBefore = isolate.cpuTime;
  const timers = new Map();
  const pending = new Set();
  let early = [];
  /** Ways in that are open or wait for a place. */
  let entries = 0;
  /** Those that are in the guest at this moment. */
  let running = 0;
  let isEnded = false;
  let isTidy = false;
  let consoleLines = 0;
  let requests = 0;
  const wall = setTimeout(() => {
    // A loop would have ended by its computing time: this thread is where V8 cannot interrupt it.
    if (running > 0) stuck();
    end({ kind: 'timeout', message: `The script took longer than ${limits.wallMs} ms.` });
  }, limits.wallMs);

  function end(outcome, body = '') {
    if (isEnded) return;
    isEnded = true;
    clearTimeout(wall);
    for (const timer of timers.values()) clearTimeout(timer);
    // What is pending would run on in the isolate: only a run that leaves nothing lets another one in.
    isTidy = outcome.kind === 'value' && pending.size === 0 && timers.size === 0 && running === 0;
    finish(outcome, body);
    if (!isTidy) dispose();
    if (running > 0) setTimeout(() => running > 0 && stuck(), stuckAfterMs);
  }

  const spentMs = () => Number((isolate.cpuTime - spentBefore) / 1000000n);

  /** Every way into the guest: bounded in time, its messages read, and the end of the run noticed. */
  async function into(act) {
    if (isEnded || isolate.isDisposed) return;
    entries += 1;
    try {
      await gate.enter();
      if (!isEnded) await enterNow(act);
    } finally {
      gate.leave();
      entries -= 1;
    }
    if (isEnded) {
      if (isTidy && entries === 0) leave();
      return;
    }
    if (entries === 0 && pending.size === 0 && timers.size === 0) {
      end({ kind: 'contract', message: neverEnded[kind] });
    }
  }

  async function enterNow(act) {
    try {
      const leftMs = limits.cpuMs - spentMs();
      if (leftMs <= 0) return outOfTime();
      running += 1;
      const messages = await act({ timeout: Math.ceil(leftMs) }).finally(() => {
        running -= 1;
      });
      readMessages(messages);
      const later = early;
      early = [];
      for (const message of later) readMessages(message);
    } catch (error) {
      await readGuestError(error);
    }
  }

  const outOfTime = () => end({ kind: 'timeout', message: `The script computed for longer than ${limits.cpuMs} ms.` });

  async function readGuestError(error) {
    if (isEnded) return;
    const message = String(error?.message ?? error);
    if (message === 'Script execution timed out.') return outOfTime();
    if (isolate.isDisposed)
      return end({ kind: 'memory', message: `The script used more than ${limits.memoryMb} MB of memory.` });
    // A rejection that nobody handled. What the script called back with before it still counts.
    const outcome = await enter.apply(undefined, ['outcome'], { timeout: 100 }).catch(() => '');
    if (isEnded) return;
    readMessages(outcome);
    const isError = typeof error === 'object' && error !== null && typeof error.stack === 'string';
    const told = isError
      ? { name: String(error.name), message, stack: error.stack }
      : { name: '', message: `A promise was rejected with ${JSON.stringify(message)}.`, stack: '' };
    if (message.startsWith('An object was thrown from supplied code within isolated-vm')) {
      told.message = 'A promise was rejected with something that is not an Error.';
      told.stack = '';
    }
    end({ kind: 'runtime', ...told });
  }

  function readMessages(text) {
    if (typeof text !== 'string' || text === '' || isEnded) return;
    for (const [op, id, head, body] of JSON.parse(`[${text}]`)) {
      if (isEnded) return;
      handlers[op]?.(id, head, body);
    }
  }

  const handlers = {
    request(id, head, body) {
      requests += 1;
      if (requests > limits.maxRequests) {
        end({ kind: 'limit', message: `The script made more than ${limits.maxRequests} requests.` });
        return;
      }
      if (head.length > maxHeadLength || body.length > limits.maxRequestLength) {
        end({ kind: 'limit', message: `The script made a request of more than ${limits.maxRequestLength} bytes.` });
        return;
      }
      pending.add(id);
      request(id, head, body);
    },
    abort(id) {
      if (pending.delete(id)) abort(id);
    },
    timer(id, kind, delay) {
      if (timers.size >= maxTimers) return;
      const fire = () => {
        if (kind === 'once') timers.delete(id);
        into((options) => enter.apply(undefined, ['timer', id], options));
      };
      timers.set(id, kind === 'repeat' ? setInterval(fire, Number(delay)) : setTimeout(fire, Number(delay)));
    },
    clear(id) {
      clearTimeout(timers.get(id));
      timers.delete(id);
    },
    done: (_id, _head, body) => end({ kind: 'value' }, body),
    fail: (_id, head) => end(JSON.parse(head)),
  };

  /**
   * The function that the script is. On a thread of its own the first time; a script that was quick about it then is
   * evaluated on this thread, which saves two switches, and may not take longer.
   */
  async function evaluate(options) {
    if (home.isQuick) return home.script.runSync(context, { reference: true, timeout: quickTimeoutMs });
    const before = spentMs();
    const value = await home.script.run(context, { ...options, reference: true });
    home.isQuick = spentMs() - before <= quickMs;
    return value;
  }

  return {
    start(source, argumentsText, worldText) {
      const compiled = home.script === undefined ? compile(isolate, { source, filename, kind }) : home;
      if (compiled.error !== undefined) return end({ kind: 'syntax', ...compiled.error });
      home.script = compiled.script;
      into(async (options) => {
        const value = await evaluate(options);
        return enter.apply(undefined, ['start', value.derefInto(), argumentsText, worldText], options);
      });
    },
    answer(id, head, body) {
      if (!pending.delete(id)) return;
      into((options) => enter.apply(undefined, ['answer', id, head, body], options));
    },
    /** The guest's link, called on this thread while the guest waits for the answer. */
    onCall(op, first, second) {
      if (isEnded) return '';
      if (op === 'post') early.push(first);
      if (op === 'console' && consoleLines < limits.maxConsoleLines) {
        consoleLines += 1;
        consoleLine(first, second);
      }
      return '';
    },
  };
}
