/** Node's `timers/promises`: a signal that is aborted ends the wait. */
const timers = globalThis;

function wait(start, stop, value, signal) {
  return new Promise((resolve, reject) => {
    const abort = () => {
      stop(handle);
      reject(new timers.DOMException('The operation was aborted', 'AbortError'));
    };
    const handle = start(() => {
      signal?.removeEventListener('abort', abort);
      resolve(value);
    });
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort);
  });
}

export const setTimeout = (ms, value, options) =>
  wait((done) => timers.setTimeout(done, ms), timers.clearTimeout, value, options?.signal);

export const setImmediate = (value, options) =>
  wait((done) => timers.setImmediate(done), timers.clearImmediate, value, options?.signal);

export async function* setInterval(ms, value, options) {
  for (;;) yield await setTimeout(ms, value, options);
}

export default {
  setTimeout,
  setImmediate,
  setInterval,
  scheduler: { wait: (ms, options) => setTimeout(ms, undefined, options), yield: () => setImmediate() },
};
