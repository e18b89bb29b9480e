export class Event {
  #type;
  #isPrevented = false;
  isStopped = false;
  target = null;
  currentTarget = null;
  constructor(type, { cancelable = false, bubbles = false } = {}) {
    this.#type = String(type);
    this.cancelable = cancelable === true;
    this.bubbles = bubbles === true;
    this.timeStamp = Date.now();
  }
  get type() {
    return this.#type;
  }
  get defaultPrevented() {
    return this.#isPrevented;
  }
  preventDefault() {
    this.#isPrevented = this.cancelable;
  }
  stopPropagation() {
    return undefined;
  }
  stopImmediatePropagation() {
    this.isStopped = true;
  }
}

export class CustomEvent extends Event {
  constructor(type, options = {}) {
    super(type, options);
    this.detail = options?.detail ?? null;
  }
}

/** Events of one object: nothing bubbles here. */
export class EventTarget {
  #entries = [];
  addEventListener(type, listener, options) {
    if (listener === null || listener === undefined) return;
    const { once = false, signal } = typeof options === 'object' && options !== null ? options : {};
    if (signal?.aborted || this.#entries.some((entry) => entry.type === type && entry.listener === listener)) return;
    this.#entries.push({ type, listener, once });
    signal?.addEventListener('abort', () => this.removeEventListener(type, listener));
  }
  removeEventListener(type, listener) {
    this.#entries = this.#entries.filter((entry) => entry.type !== type || entry.listener !== listener);
  }
  dispatchEvent(event) {
    event.target = this;
    event.currentTarget = this;
    for (const { type, listener, once } of this.#entries) {
      if (type !== event.type || event.isStopped) continue;
      if (once) this.removeEventListener(type, listener);
      if (typeof listener === 'function') listener.call(this, event);
      else listener.handleEvent(event);
    }
    return !event.defaultPrevented;
  }
}
