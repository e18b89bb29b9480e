const lower = (name) => String(name).toLowerCase();
const validName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/** Names in small letters, sorted when they are read; cookies stay apart. */
export class Headers {
  #held = new Map();
  constructor(init) {
    if (init === undefined || init === null) return;
    const isList = typeof init[Symbol.iterator] === 'function';
    for (const [name, value] of isList ? init : Object.entries(init)) {
      for (const one of Array.isArray(value) ? value : [value]) this.append(name, one);
    }
  }
  append(name, value) {
    const key = this.#key(name);
    this.#held.set(key, [...(this.#held.get(key) ?? []), String(value).trim()]);
  }
  set(name, value) {
    this.#held.set(this.#key(name), [String(value).trim()]);
  }
  #key(name) {
    const key = lower(name);
    if (!validName.test(key)) throw new TypeError(`Headers: "${name}" is an invalid header name.`);
    return key;
  }
  get(name) {
    return this.#held.get(lower(name))?.join(', ') ?? null;
  }
  has(name) {
    return this.#held.has(lower(name));
  }
  delete(name) {
    this.#held.delete(lower(name));
  }
  getSetCookie() {
    return [...(this.#held.get('set-cookie') ?? [])];
  }
  forEach(callback, self) {
    for (const [name, value] of this) callback.call(self, value, name, this);
  }
  *entries() {
    for (const name of [...this.#held.keys()].sort()) yield [name, this.get(name)];
  }
  *keys() {
    for (const [name] of this.entries()) yield name;
  }
  *values() {
    for (const [, value] of this.entries()) yield value;
  }
  /** node-fetch's. */
  raw() {
    return Object.fromEntries([...this.#held].map(([name, values]) => [name, [...values]]));
  }
  [Symbol.iterator]() {
    return this.entries();
  }
}
