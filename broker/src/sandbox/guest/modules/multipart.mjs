/* global guest: the pack's wrapper brings it */
const { Buffer } = globalThis;

const escapes = { '\r': '%0D', '\n': '%0A', '"': '%22' };
const quoted = (name) => String(name).replace(/[\r\n"]/g, (letter) => escapes[letter]);
/** A line break would begin another header. */
const inLine = (value) => String(value).replace(/[\r\n]+/g, ' ');

export const createBoundary = () => `----form-${JSON.parse(guest.call('crypto', '{"op":"uuid"}', '')).data}`;

/** One part of multipart/form-data (RFC 7578 §4.2); `filename` and `type` where it is a file. */
function writePart(boundary, { name, bytes, filename, type }) {
  const file = filename === undefined ? '' : `; filename="${quoted(filename)}"`;
  const kind = type === undefined ? '' : `Content-Type: ${inLine(type)}\r\n`;
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"${file}\r\n${kind}\r\n`;
  return [Buffer.from(head), bytes, Buffer.from('\r\n')];
}

/** @returns {{ bytes: Buffer, type: string }} the body, and the content type that goes with it */
export function writeFormData(parts) {
  const boundary = createBoundary();
  const written = parts.flatMap((part) => writePart(boundary, part));
  return {
    bytes: Buffer.concat([...written, Buffer.from(`--${boundary}--\r\n`)]),
    type: `multipart/form-data; boundary=${boundary}`,
  };
}

/** Parts with headers of their own, and `body`, as npm's request takes them for multipart/related. */
export function writeRelated(parts, { type, preambleCRLF, postambleCRLF }) {
  const given = /boundary=(?:"([^"]+)"|([^\s;]+))/.exec(type ?? '');
  const boundary = given?.[1] ?? given?.[2] ?? createBoundary();
  const written = parts.flatMap(({ body, ...headers }) => {
    const head = Object.entries(headers).map(([name, value]) => `${inLine(name)}: ${inLine(value)}\r\n`);
    return [
      Buffer.from(`--${boundary}\r\n${head.join('')}\r\n`),
      Buffer.from(typeof body === 'number' ? String(body) : body),
      Buffer.from('\r\n'),
    ];
  });
  const whole = [...written, Buffer.from(`--${boundary}--${postambleCRLF ? '\r\n' : ''}`)];
  const isMultipart = /^multipart\//i.test(type ?? '');
  const named = given === null ? `${isMultipart ? type : 'multipart/related'}; boundary=${boundary}` : type;
  return { bytes: Buffer.concat(preambleCRLF ? [Buffer.from('\r\n'), ...whole] : whole), type: named };
}
