const { Buffer } = globalThis;

function bytesOf(part) {
  if (part instanceof Blob) return Blob.bytes(part);
  if (part instanceof ArrayBuffer) return Buffer.from(part);
  if (ArrayBuffer.isView(part)) return Buffer.from(part.buffer, part.byteOffset, part.byteLength);
  return Buffer.from(String(part));
}

/** Bytes with a type. Whole, as all bodies here: it has no stream. */
export class Blob {
  #bytes;
  #type;
  constructor(parts = [], { type = '' } = {}) {
    this.#bytes = Buffer.concat(Array.from(parts, bytesOf));
    this.#type = String(type).toLowerCase();
  }
  static bytes(blob) {
    return blob.#bytes;
  }
  get size() {
    return this.#bytes.length;
  }
  get type() {
    return this.#type;
  }
  slice(start, end, type = '') {
    return new Blob([this.#bytes.subarray(start, end)], { type });
  }
  async text() {
    return this.#bytes.toString('utf8');
  }
  async bytes() {
    return Uint8Array.from(this.#bytes);
  }
  async arrayBuffer() {
    return Uint8Array.from(this.#bytes).buffer;
  }
}

export class File extends Blob {
  #name;
  constructor(parts, name, options = {}) {
    super(parts, options);
    this.#name = String(name);
    this.lastModified = options?.lastModified ?? Date.now();
  }
  get name() {
    return this.#name;
  }
}
