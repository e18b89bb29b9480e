/* global guest: the pack's wrapper brings it */
const { Buffer } = globalThis;

/** Names and texts, sent as multipart/form-data. */
export class FormData {
  #pairs = [];
  append(name, value) {
    this.#pairs.push([String(name), String(value)]);
  }
  set(name, value) {
    this.delete(name);
    this.append(name, value);
  }
  get(name) {
    return this.#pairs.find(([key]) => key === String(name))?.[1] ?? null;
  }
  getAll(name) {
    return this.#pairs.filter(([key]) => key === String(name)).map(([, value]) => value);
  }
  has(name) {
    return this.#pairs.some(([key]) => key === String(name));
  }
  delete(name) {
    this.#pairs = this.#pairs.filter(([key]) => key !== String(name));
  }
  forEach(callback, self) {
    for (const [name, value] of this.#pairs) callback.call(self, value, name, this);
  }
  *entries() {
    for (const [name, value] of this.#pairs) yield [name, value];
  }
  *keys() {
    for (const [name] of this.#pairs) yield name;
  }
  *values() {
    for (const [, value] of this.#pairs) yield value;
  }
  [Symbol.iterator]() {
    return this.entries();
  }
}

const quoted = (name) => name.replace(/[\r\n"]/g, (letter) => ({ '\r': '%0D', '\n': '%0A', '"': '%22' })[letter]);

export function writeMultipart(form) {
  const boundary = `----form-${JSON.parse(guest.call('crypto', '{"op":"uuid"}', '')).data}`;
  const parts = Array.from(
    form,
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"\r\n\r\n${value}\r\n`,
  );
  return {
    bytes: Buffer.from(`${parts.join('')}--${boundary}--\r\n`),
    type: `multipart/form-data; boundary=${boundary}`,
  };
}
