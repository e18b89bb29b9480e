/* global guest: the pack's wrapper brings it */
import { EventEmitter } from './events.mjs';
import { Stream } from './stream.mjs';
import url from './url.mjs';

/* Node's `http` and `https`, as clients, over the same way out as `request`. An answer comes as one piece. */
const { Buffer, URL } = globalThis;

function readOptions(given, more, protocol) {
  const fromUrl = typeof given === 'string' ? url.urlToHttpOptions(new URL(given)) : undefined;
  const isUrl = given instanceof URL;
  const options = { ...(fromUrl ?? (isUrl ? url.urlToHttpOptions(given) : given)), ...more };
  const scheme = options.protocol ?? protocol;
  const host = options.hostname ?? options.host ?? 'localhost';
  const port = options.port ? `:${options.port}` : '';
  const path = options.path ?? '/';
  // A host may come with its port, as `host` of a parsed address does.
  const authority =
    /:\d+$/.test(host) && !/^\[?[0-9a-f:][0-9a-f]*:[0-9a-f:]+\]?$/i.test(host) ? host : `${host}${port}`;
  return { ...options, url: `${scheme}//${authority}${path[0] === '/' ? path : `/${path}`}` };
}

/** The answer: a readable stream to those who listen. */
class IncomingMessage extends EventEmitter {
  #encoding;
  constructor(told, body) {
    super();
    this.statusCode = told.status;
    this.statusMessage = told.statusMessage;
    this.headers = told.headers;
    this.httpVersion = '1.1';
    this.complete = true;
    this.deliver = () => {
      if (body.length > 0) this.emit('data', this.#encoding === undefined ? body : body.toString(this.#encoding));
      this.emit('end');
      this.emit('close');
    };
    this[Symbol.asyncIterator] = async function* () {
      yield this.#encoding === undefined ? body : body.toString(this.#encoding);
    };
  }
  setEncoding(encoding) {
    this.#encoding = encoding;
    return this;
  }
  pipe(target) {
    this.on('data', (chunk) => target.write(chunk));
    this.on('end', () => target.end());
    return target;
  }
  resume() {
    return this;
  }
  pause() {
    return this;
  }
  destroy() {
    return this;
  }
}

class ClientRequest extends Stream {
  #options;
  #headers = {};
  #chunks = [];
  #id = 0;
  #isOver = false;
  #failure = new Error('request');
  constructor(options, callback) {
    super();
    this.#options = options;
    this.method = String(options.method ?? 'GET').toUpperCase();
    this.path = options.path ?? '/';
    for (const [name, value] of Object.entries(options.headers ?? {})) this.setHeader(name, value);
    if (typeof options.auth === 'string' && this.#headers.authorization === undefined) {
      this.setHeader('authorization', `Basic ${Buffer.from(options.auth).toString('base64')}`);
    }
    if (typeof callback === 'function') this.once('response', callback);
    options.signal?.addEventListener?.('abort', () => this.destroy(options.signal.reason));
  }
  setHeader(name, value) {
    this.#headers[String(name).toLowerCase()] = Array.isArray(value) ? value.join(', ') : String(value);
    return this;
  }
  getHeader(name) {
    return this.#headers[String(name).toLowerCase()];
  }
  removeHeader(name) {
    delete this.#headers[String(name).toLowerCase()];
  }
  setTimeout(ms, callback) {
    this.#options.timeout = ms;
    if (typeof callback === 'function') this.once('timeout', callback);
    return this;
  }
  setNoDelay() {}
  setSocketKeepAlive() {}
  flushHeaders() {}
  write(chunk, encoding) {
    this.#chunks.push(Buffer.from(chunk, encoding));
    return true;
  }
  end(chunk, encoding) {
    if (typeof chunk === 'function') this.once('finish', chunk);
    else if (chunk !== undefined && chunk !== null) this.write(chunk, encoding);
    const {
      'content-length': _length,
      'transfer-encoding': _coding,
      connection: _connection,
      ...headers
    } = this.#headers;
    const told = {
      method: this.method,
      url: this.#options.url,
      headers,
      timeoutMs: this.#options.timeout,
      redirects: 0,
      isBinary: true,
      isBase64: this.#chunks.length > 0,
    };
    this.#id = guest.exchange(told, Buffer.concat(this.#chunks).toString('base64'), (answer, text) =>
      guest.guard(this.#receive, this, [answer, text]),
    );
    return this;
  }
  #receive(told, text) {
    if (this.#isOver) return;
    this.#isOver = true;
    if (told.error !== undefined) {
      if (told.error.code === 'ETIMEDOUT') this.emit('timeout');
      this.#fail(Object.assign(this.#failure, { message: told.error.message, code: told.error.code }));
      return;
    }
    const response = new IncomingMessage(told, Buffer.from(text, 'latin1'));
    this.emit('response', response);
    response.deliver();
    this.emit('close');
  }
  #fail(error) {
    this.emit('error', error);
    this.emit('close');
  }
  destroy(error) {
    if (this.#isOver) return this;
    this.#isOver = true;
    guest.cancel(this.#id);
    const reason = error ?? Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    globalThis.setImmediate(() => this.#fail(reason));
    return this;
  }
  abort() {
    this.destroy();
  }
}

class Agent {
  constructor(options = {}) {
    this.options = options;
  }
  destroy() {}
}

export function createClient(protocol) {
  function request(given, more, callback) {
    const [options, respond] = typeof more === 'function' ? [{}, more] : [more ?? {}, callback];
    return new ClientRequest(readOptions(given, options, protocol), respond);
  }
  function get(given, more, callback) {
    return request(given, more, callback).end();
  }
  return { request, get, Agent, globalAgent: new Agent(), ClientRequest, IncomingMessage };
}
