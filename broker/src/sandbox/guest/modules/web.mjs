/* global guest: the pack's wrapper brings it */
import { AbortController, AbortSignal, DOMException } from './abort.mjs';
import { Blob, File } from './blob.mjs';
import { CustomEvent, Event, EventTarget } from './event-target.mjs';
import { FormData, writeMultipart } from './form-data.mjs';
import { Headers } from './headers.mjs';
import { structuredClone } from './structured-clone.mjs';

/* `fetch` and what belongs to it, over the same way out as `request`. Bodies are whole: nothing streams. */
const { Buffer, URL, URLSearchParams, TextDecoder } = globalThis;
const maxRedirects = 20;

/** The bytes of a body and the content type that goes with its kind. */
function readBody(body) {
  if (body === undefined || body === null) return { bytes: undefined, type: undefined };
  if (typeof body === 'string') return { bytes: Buffer.from(body), type: 'text/plain;charset=UTF-8' };
  if (body instanceof URLSearchParams) {
    return { bytes: Buffer.from(body.toString()), type: 'application/x-www-form-urlencoded;charset=UTF-8' };
  }
  if (body instanceof FormData) return writeMultipart(body);
  if (body instanceof Blob) return { bytes: Blob.bytes(body), type: body.type || undefined };
  if (body instanceof ArrayBuffer) return { bytes: Buffer.from(body), type: undefined };
  if (ArrayBuffer.isView(body)) {
    return { bytes: Buffer.from(body.buffer, body.byteOffset, body.byteLength), type: undefined };
  }
  return { bytes: Buffer.from(String(body)), type: 'text/plain;charset=UTF-8' };
}

class Body {
  #bytes;
  #isUsed = false;
  constructor(bytes) {
    this.#bytes = bytes;
  }
  get bodyUsed() {
    return this.#isUsed;
  }
  /** Present or not, as scripts ask; it is not a stream. */
  get body() {
    return this.#bytes === undefined ? null : { cancel: async () => undefined };
  }
  static bytesOf(body) {
    return body.#bytes;
  }
  #take() {
    if (this.#isUsed) throw new TypeError('Body is unusable: Body has already been read');
    this.#isUsed = this.#bytes !== undefined;
    return this.#bytes ?? Buffer.alloc(0);
  }
  async text() {
    return new TextDecoder().decode(this.#take());
  }
  async json() {
    return guest.parseExactly(new TextDecoder().decode(this.#take()));
  }
  async bytes() {
    return Uint8Array.from(this.#take());
  }
  async arrayBuffer() {
    return Uint8Array.from(this.#take()).buffer;
  }
  async blob() {
    return new Blob([this.#take()], { type: this.headers.get('content-type') ?? '' });
  }
  async formData() {
    const type = this.headers.get('content-type') ?? '';
    if (!/^application\/x-www-form-urlencoded\b/i.test(type)) throw new TypeError('The body is not a form.');
    const form = new FormData();
    for (const [name, value] of new URLSearchParams(await this.text())) form.append(name, value);
    return form;
  }
}

class Response extends Body {
  constructor(body, { status = 200, statusText = '', headers, url = '', redirected = false } = {}) {
    const { bytes, type } = readBody(body);
    super(bytes);
    this.status = status;
    this.statusText = statusText;
    this.ok = status >= 200 && status < 300;
    this.headers = new Headers(headers);
    if (type !== undefined && !this.headers.has('content-type')) this.headers.set('content-type', type);
    this.url = url;
    this.redirected = redirected;
    this.type = 'default';
  }
  static json(value, options = {}) {
    const headers = new Headers(options.headers);
    if (!headers.has('content-type')) headers.set('content-type', 'application/json');
    return new Response(JSON.stringify(value), { ...options, headers });
  }
  static error() {
    return new Response(null, { status: 0 });
  }
  clone() {
    return new Response(Body.bytesOf(this), this);
  }
}

class Request extends Body {
  constructor(input, init = {}) {
    const from = input instanceof Request ? input : undefined;
    const given = init.body === undefined && from !== undefined ? Body.bytesOf(from) : init.body;
    const { bytes, type } = readBody(given);
    super(bytes);
    this.url = from?.url ?? new URL(String(input)).href;
    this.method = String(init.method ?? from?.method ?? 'GET').toUpperCase();
    this.headers = new Headers(init.headers ?? from?.headers);
    if (type !== undefined && !this.headers.has('content-type')) this.headers.set('content-type', type);
    this.redirect = init.redirect ?? from?.redirect ?? 'follow';
    this.signal = init.signal ?? from?.signal ?? new AbortController().signal;
    this.credentials = init.credentials ?? from?.credentials ?? 'same-origin';
    this.duplex = 'half';
    if (bytes !== undefined && (this.method === 'GET' || this.method === 'HEAD')) {
      throw new TypeError('Request with GET/HEAD method cannot have body.');
    }
  }
  clone() {
    return new Request(this);
  }
}

function describeRequest(request, bytes) {
  const headers = Object.fromEntries(request.headers);
  headers.accept ??= '*/*';
  headers['user-agent'] ??= 'node';
  return {
    method: request.method,
    url: request.url,
    headers,
    redirects: request.redirect === 'follow' ? maxRedirects : 0,
    isBinary: true,
    isBase64: bytes !== undefined,
  };
}

function readAnswer(told, text, request) {
  if (request.redirect === 'error' && told.status >= 300 && told.status < 400) return undefined;
  const hasBody = told.status !== 204 && told.status !== 304 && request.method !== 'HEAD';
  return new Response(hasBody ? Buffer.from(text, 'latin1') : null, {
    status: told.status,
    statusText: told.statusMessage,
    headers: told.headers,
    url: told.url,
    redirected: told.url !== request.url,
  });
}

function fetch(input, init) {
  // Made here, so that it shows the line of the script that asked.
  const failure = new TypeError('fetch failed');
  return new Promise((resolve, reject) => {
    const request = new Request(input, init);
    const { signal } = request;
    if (signal.aborted) return reject(signal.reason);
    const bytes = Body.bytesOf(request);
    const abort = () => {
      guest.cancel(id);
      reject(signal.reason);
    };
    const id = guest.exchange(describeRequest(request, bytes), bytes?.toString('base64') ?? '', (told, text) => {
      signal.removeEventListener('abort', abort);
      const response = told.error === undefined ? readAnswer(told, text, request) : undefined;
      if (response !== undefined) return resolve(response);
      failure.cause = Object.assign(new Error(told.error?.message ?? 'unexpected redirect'), {
        code: told.error?.code,
      });
      reject(failure);
    });
    signal.addEventListener('abort', abort);
  });
}

export default {
  fetch,
  Headers,
  Request,
  Response,
  FormData,
  Blob,
  File,
  Event,
  EventTarget,
  CustomEvent,
  AbortController,
  AbortSignal,
  DOMException,
  structuredClone,
};
