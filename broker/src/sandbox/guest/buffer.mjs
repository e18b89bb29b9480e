/** `Buffer`, `TextEncoder`, `TextDecoder`, `atob` and `btoa`: compiled when a script first uses one of them. */
export function installBuffer(guest) {
  const Bytes = Uint8Array;

  guest.isBytes = (value) => value instanceof Bytes;

  guest.buffer = guest.defineLazily('Buffer', () => {
    const { toText, toBytes, isEncoding } = guest.codec();
    const adopt = (bytes) => {
      Object.setPrototypeOf(bytes, GuestBuffer.prototype);
      return bytes;
    };

    function from(value, encoding, length) {
      if (typeof value === 'string') return adopt(toBytes(value, encoding));
      if (value instanceof ArrayBuffer) return adopt(new Bytes(value, encoding, length));
      if (typeof value === 'object' && value !== null) {
        if (value.type === 'Buffer' && Array.isArray(value.data)) return adopt(new Bytes(value.data));
        if (typeof value.length === 'number') return adopt(new Bytes(value));
      }
      throw new guest.TypeError('The first argument must be a string, a buffer or an array.');
    }

    function GuestBuffer(value, encoding, length) {
      return typeof value === 'number' ? adopt(new Bytes(value)) : from(value, encoding, length);
    }
    GuestBuffer.prototype = Object.create(Bytes.prototype, {
      constructor: { value: GuestBuffer, writable: true, configurable: true },
    });
    Object.setPrototypeOf(GuestBuffer, Bytes);

    const methods = {
      toString(encoding, start, end) {
        const part = start === undefined && end === undefined ? this : Bytes.prototype.subarray.call(this, start, end);
        return toText(part, encoding);
      },
      toJSON() {
        return { type: 'Buffer', data: Array.from(this) };
      },
      equals(other) {
        return GuestBuffer.compare(this, other) === 0;
      },
      compare(other) {
        return GuestBuffer.compare(this, other);
      },
      slice(start, end) {
        return this.subarray(start, end);
      },
      subarray(start, end) {
        const whole = new Bytes(this.buffer, this.byteOffset, this.length);
        return adopt(whole.subarray(start, end));
      },
      write(text, offset = 0, length = this.length - offset, encoding = undefined) {
        const bytes = toBytes(
          text,
          typeof offset === 'string' ? offset : typeof length === 'string' ? length : encoding,
        );
        const at = typeof offset === 'number' ? offset : 0;
        const count = Math.min(bytes.length, this.length - at, typeof length === 'number' ? length : bytes.length);
        this.set(bytes.subarray(0, count), at);
        return count;
      },
      copy(target, at = 0, start = 0, end = this.length) {
        const part = this.subarray(start, Math.min(end, start + target.length - at));
        target.set(part, at);
        return part.length;
      },
      fill(value, start, end) {
        if (typeof value !== 'string') return Bytes.prototype.fill.call(this, value, start, end);
        const bytes = toBytes(value);
        for (let index = start ?? 0; index < (end ?? this.length) && bytes.length > 0; index++) {
          this[index] = bytes[(index - (start ?? 0)) % bytes.length];
        }
        return this;
      },
      indexOf(value, offset) {
        if (typeof value === 'number') return Bytes.prototype.indexOf.call(this, value, offset);
        return toText(this, 'latin1').indexOf(toText(from(value), 'latin1'), offset);
      },
      includes(value, offset) {
        return this.indexOf(value, offset) !== -1;
      },
      lastIndexOf(value, offset) {
        if (typeof value === 'number') return Bytes.prototype.lastIndexOf.call(this, value, offset ?? this.length);
        return toText(this, 'latin1').lastIndexOf(toText(from(value), 'latin1'), offset);
      },
      ...guest.bufferNumbers(),
    };
    for (const name of Object.keys(methods)) {
      Object.defineProperty(GuestBuffer.prototype, name, { value: methods[name], writable: true, configurable: true });
    }

    const statics = {
      from,
      alloc: (size, fill) => {
        const bytes = adopt(new Bytes(size));
        return fill === undefined ? bytes : bytes.fill(fill);
      },
      allocUnsafe: (size) => adopt(new Bytes(size)),
      allocUnsafeSlow: (size) => adopt(new Bytes(size)),
      isBuffer: (value) => value instanceof GuestBuffer,
      isEncoding: (name) => isEncoding(guest.String(name).toLowerCase()),
      byteLength: (value, encoding) => (typeof value === 'string' ? toBytes(value, encoding).length : value.byteLength),
      compare(left, right) {
        const length = Math.min(left.length, right.length);
        for (let index = 0; index < length; index++) {
          if (left[index] !== right[index]) return left[index] < right[index] ? -1 : 1;
        }
        return Math.sign(left.length - right.length);
      },
      concat(list, total = list.reduce((sum, part) => sum + part.length, 0)) {
        const bytes = new Bytes(total);
        let at = 0;
        for (const part of list) {
          if (at >= total) break;
          bytes.set(part.subarray(0, total - at), at);
          at += part.length;
        }
        return adopt(bytes);
      },
    };
    for (const name of Object.keys(statics)) {
      Object.defineProperty(GuestBuffer, name, { value: statics[name], writable: true, configurable: true });
    }
    return GuestBuffer;
  });

  guest.defineLazily(
    'TextEncoder',
    () =>
      class TextEncoder {
        get encoding() {
          return 'utf-8';
        }
        encode(text = '') {
          return guest.codec().encodeUtf8(guest.String(text));
        }
      },
  );
  guest.defineLazily(
    'TextDecoder',
    () =>
      class TextDecoder {
        #isFatal;
        #encoding;
        constructor(label = 'utf-8', options = {}) {
          const name = guest.String(label).toLowerCase();
          this.#encoding = name === 'utf8' ? 'utf-8' : name;
          if (!guest.codec().isEncoding(this.#encoding))
            throw new RangeError(`The "${label}" encoding is not supported`);
          this.#isFatal = options.fatal === true;
        }
        get encoding() {
          return this.#encoding;
        }
        decode(input = new Bytes(0)) {
          const bytes = ArrayBuffer.isView(input)
            ? new Bytes(input.buffer, input.byteOffset, input.byteLength)
            : new Bytes(input);
          const text = guest.codec().toText(bytes, this.#encoding);
          if (this.#isFatal && text.includes('\ufffd')) throw new guest.TypeError('The encoded data was not valid.');
          return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
        }
      },
  );
  guest.define('btoa', (text) => guest.buffer().from(guest.String(text), 'latin1').toString('base64'));
  guest.define('atob', (text) => guest.buffer().from(guest.String(text), 'base64').toString('latin1'));
}
