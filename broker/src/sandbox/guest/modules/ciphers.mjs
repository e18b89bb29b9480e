import { ask, base64, encoded, toBytes } from './ask-crypto.mjs';

const { Buffer } = globalThis;

/** Collects what is updated; the host is asked once, at the end. What Node gives piece by piece comes with `final`. */
class Cipher {
  #question;
  #chunks = [];
  #isFinal = false;
  #tag;
  constructor(op, algorithm, key, iv, options) {
    const { authTagLength } = options ?? {};
    this.#question = {
      op,
      algorithm: String(algorithm),
      key: base64(key),
      iv: iv === null ? null : base64(iv),
      tagLength: authTagLength,
    };
    ask({ ...this.#question, op: 'tryCipher' });
  }
  update(data, encoding, outputEncoding) {
    if (this.#isFinal) throw new Error('Trying to add data in unsupported state');
    this.#chunks.push(Buffer.from(toBytes(data, encoding)));
    return encoded('', outputEncoding);
  }
  setAAD(data) {
    this.#question.aad = base64(data);
    return this;
  }
  setAutoPadding(pads = true) {
    this.#question.pads = pads === true;
    return this;
  }
  setAuthTag(tag, encoding) {
    const bytes = toBytes(tag, encoding);
    const { tagLength } = this.#question;
    if (tagLength !== undefined && tagLength !== bytes.length) throw new TypeError('Invalid authentication tag length');
    Object.assign(this.#question, { tag: bytes.toString('base64'), tagLength: bytes.length });
    return this;
  }
  getAuthTag() {
    if (this.#tag === undefined) throw new Error('Invalid state for operation getAuthTag');
    return Buffer.from(this.#tag, 'base64');
  }
  final(encoding) {
    if (this.#isFinal) throw new Error('Unsupported state');
    this.#isFinal = true;
    const { data, tag } = ask({ ...this.#question, data: Buffer.concat(this.#chunks).toString('base64') });
    this.#tag = tag;
    return encoded(data, encoding);
  }
}

export const createCipheriv = (algorithm, key, iv, options) => new Cipher('encrypt', algorithm, key, iv, options);
export const createDecipheriv = (algorithm, key, iv, options) => new Cipher('decrypt', algorithm, key, iv, options);
