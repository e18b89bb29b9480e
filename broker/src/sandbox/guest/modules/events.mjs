/** Node's EventEmitter, as far as modules and scripts lean on it. A plain function: old modules inherit by calling it. */
export function EventEmitter() {
  this._listeners = new Map();
}

function listenersOf(emitter, name) {
  emitter._listeners ??= new Map();
  return emitter._listeners.get(name) ?? [];
}

function add(emitter, name, entry) {
  if (typeof entry.listener !== 'function') throw new TypeError('The "listener" argument must be of type function.');
  const before = listenersOf(emitter, name);
  emitter._listeners.set(name, entry.isFirst ? [entry, ...before] : [...before, entry]);
  return emitter;
}

Object.assign(EventEmitter.prototype, {
  on(name, listener) {
    return add(this, name, { listener });
  },
  once(name, listener) {
    return add(this, name, { listener, isOnce: true });
  },
  prependListener(name, listener) {
    return add(this, name, { listener, isFirst: true });
  },
  off(name, listener) {
    const left = listenersOf(this, name).filter((entry) => entry.listener !== listener);
    this._listeners.set(name, left);
    return this;
  },
  removeAllListeners(name) {
    if (name === undefined) this._listeners = new Map();
    else listenersOf(this, name).length > 0 && this._listeners.delete(name);
    return this;
  },
  emit(name, ...args) {
    const entries = listenersOf(this, name);
    if (entries.length === 0 && name === 'error') throw args[0];
    for (const entry of entries) {
      if (entry.isOnce) this.off(name, entry.listener);
      entry.listener.apply(this, args);
    }
    return entries.length > 0;
  },
  listeners(name) {
    return listenersOf(this, name).map((entry) => entry.listener);
  },
  listenerCount(name) {
    return listenersOf(this, name).length;
  },
  setMaxListeners() {
    return this;
  },
});
EventEmitter.prototype.addListener = EventEmitter.prototype.on;
EventEmitter.prototype.removeListener = EventEmitter.prototype.off;
EventEmitter.EventEmitter = EventEmitter;
EventEmitter.defaultMaxListeners = 10;
EventEmitter.once = (emitter, name) =>
  new Promise((resolve, reject) => {
    const fail = (error) => {
      emitter.removeListener(name, done);
      reject(error);
    };
    const done = (...args) => {
      emitter.removeListener('error', fail);
      resolve(args);
    };
    emitter.once(name, done);
    if (name !== 'error') emitter.once('error', fail);
  });

export default EventEmitter;
