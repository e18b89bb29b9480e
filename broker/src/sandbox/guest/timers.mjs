/** Timers: real time, counted by the host's event loop; what they call is guarded like everything of the script. */
export function installTimers(guest) {
  const { apply, define, on } = guest;
  const maxTimers = 1000;
  const maxDelayMs = 2147483647;
  const timers = { __proto__: null };
  const { then } = Promise.prototype;
  const resolved = Promise.resolve();
  const { toPrimitive } = Symbol;
  let lastId = 0;
  let alive = 0;

  function add(callback, delay, args, isRepeated) {
    if (typeof callback !== 'function') {
      throw new guest.TypeError('The "callback" argument must be of type function.');
    }
    if (alive >= maxTimers) {
      guest.failWith('limit', `The script has more than ${maxTimers} timers.`);
      return undefined;
    }
    const wanted = +delay;
    const delayMs = wanted >= 1 && wanted <= maxDelayMs ? wanted : 1;
    const id = ++lastId;
    alive += 1;
    timers[id] = { __proto__: null, callback, args, isRepeated };
    guest.post('timer', id, isRepeated ? 'repeat' : 'once', `${delayMs}`);
    const handle = {
      ref: () => handle,
      unref: () => handle,
      hasRef: () => true,
      close: () => remove(id),
      [toPrimitive]: () => id,
    };
    handles.set(handle, id);
    return handle;
  }

  const handles = new WeakMap();
  const find = WeakMap.prototype.get;
  const keep = WeakMap.prototype.set;
  handles.set = (key, id) => apply(keep, handles, [key, id]);

  function remove(handle) {
    if (handle === undefined || handle === null) return;
    const id = typeof handle === 'object' ? apply(find, handles, [handle]) : handle;
    if (id === undefined || timers[id] === undefined) return;
    delete timers[id];
    alive -= 1;
    guest.post('clear', id, '', '');
  }

  on.timer = (id) => {
    const timer = timers[id];
    if (timer === undefined) return;
    if (!timer.isRepeated) {
      delete timers[id];
      alive -= 1;
    }
    guest.guard(timer.callback, undefined, timer.args);
  };

  define('setTimeout', (callback, delay, ...args) => add(callback, delay, args, false));
  define('setInterval', (callback, delay, ...args) => add(callback, delay, args, true));
  define('setImmediate', (callback, ...args) => add(callback, 1, args, false));
  define('clearTimeout', remove);
  define('clearInterval', remove);
  define('clearImmediate', remove);
  define('queueMicrotask', (callback) => {
    apply(then, resolved, [() => guest.guard(callback, undefined, [])]);
  });
}
