/*
 * The few pieces of DER that certificates are made of (X.690). Writing only: what is read, Node reads.
 */

export function tagged(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), length(content.length), content]);
}

function length(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.from([bytes]);
  if (bytes < 0x100) return Buffer.from([0x81, bytes]);
  return Buffer.from([0x82, bytes >> 8, bytes & 0xff]);
}

export const sequence = (...parts: Buffer[]): Buffer => tagged(0x30, Buffer.concat(parts));
export const set = (...parts: Buffer[]): Buffer => tagged(0x31, Buffer.concat(parts));
export const oid = (hex: string): Buffer => tagged(0x06, Buffer.from(hex, 'hex'));
export const integer = (bytes: Buffer): Buffer => tagged(0x02, bytes);
export const octets = (content: Buffer): Buffer => tagged(0x04, content);
export const bits = (content: Buffer, unused = 0): Buffer =>
  tagged(0x03, Buffer.concat([Buffer.from([unused]), content]));

/** A name with nothing but a common name; at most 64 characters count (RFC 5280, appendix A.1). */
export const commonName = (name: string): Buffer =>
  sequence(set(sequence(oid('550403'), tagged(0x0c, Buffer.from(name.slice(0, 64))))));

/** Of 16 random bytes, positive and not zero: the first byte lies between 0x40 and 0x7f (RFC 5280 §4.1.2.2). */
export function serialNumber(random: Buffer): Buffer {
  const bytes = Buffer.from(random);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return integer(bytes);
}

/** UTCTime up to 2049, GeneralizedTime after (RFC 5280 §4.1.2.5). */
export function time(at: Date): Buffer {
  const text = `${at.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
  return at.getUTCFullYear() < 2050 ? tagged(0x17, Buffer.from(text.slice(2))) : tagged(0x18, Buffer.from(text));
}
