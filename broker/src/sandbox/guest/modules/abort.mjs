import { Event, EventTarget } from './event-target.mjs';

const { setTimeout } = globalThis;
const controlled = Symbol('controlled');
const abort = Symbol('abort');

const codes = {
  __proto__: null,
  NotSupportedError: 9,
  SyntaxError: 12,
  InvalidAccessError: 15,
  AbortError: 20,
  TimeoutError: 23,
  DataCloneError: 25,
};

export class DOMException extends Error {
  #name;
  constructor(message, name = 'Error') {
    super(message);
    this.#name = typeof name === 'string' ? name : (name?.name ?? 'Error');
    this.code = codes[this.#name] ?? 0;
  }
  get name() {
    return this.#name;
  }
}

const aborted = () => new DOMException('This operation was aborted', 'AbortError');
const timedOut = () => new DOMException('The operation was aborted due to timeout', 'TimeoutError');

export class AbortSignal extends EventTarget {
  constructor(permission) {
    if (permission !== controlled) throw new TypeError('Illegal constructor');
    super();
    this.aborted = false;
    this.reason = undefined;
    this.onabort = null;
  }
  throwIfAborted() {
    if (this.aborted) throw this.reason;
  }
  [abort](reason) {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason ?? aborted();
    const event = new Event('abort');
    event.target = this;
    if (typeof this.onabort === 'function') this.onabort(event);
    this.dispatchEvent(event);
  }
  static abort(reason) {
    const signal = new AbortSignal(controlled);
    signal[abort](reason);
    return signal;
  }
  static timeout(ms) {
    const signal = new AbortSignal(controlled);
    setTimeout(() => signal[abort](timedOut()), ms).unref();
    return signal;
  }
  static any(signals) {
    const signal = new AbortSignal(controlled);
    for (const other of signals) {
      if (other.aborted) signal[abort](other.reason);
      else other.addEventListener('abort', () => signal[abort](other.reason));
    }
    return signal;
  }
}

export class AbortController {
  constructor() {
    this.signal = new AbortSignal(controlled);
  }
  abort(reason) {
    this.signal[abort](reason);
  }
}
