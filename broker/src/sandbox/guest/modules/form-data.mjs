import { Blob, File } from './blob.mjs';
import { writeFormData } from './multipart.mjs';

const { Buffer } = globalThis;

/** What a field holds: a text, or a file. */
function readValue(value, filename) {
  if (!(value instanceof Blob)) return String(value);
  if (value instanceof File && filename === undefined) return value;
  return new File([value], filename ?? 'blob', { type: value.type });
}

/** Names, texts and files, sent as multipart/form-data. */
export class FormData {
  #pairs = [];
  append(name, value, filename) {
    this.#pairs.push([String(name), readValue(value, filename)]);
  }
  set(name, value, filename) {
    this.delete(name);
    this.append(name, value, filename);
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

export const writeMultipart = (form) =>
  writeFormData(
    Array.from(form, ([name, value]) =>
      value instanceof File
        ? {
            name,
            bytes: Blob.bytes(value),
            filename: value.name,
            type: value.type === '' ? 'application/octet-stream' : value.type,
          }
        : { name, bytes: Buffer.from(value) },
    ),
  );
