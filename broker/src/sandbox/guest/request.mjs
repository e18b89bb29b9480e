/**
 * The `request` global: the habits of npm's `request` that profile scripts rely on. The broker makes the request; here
 * it is only described, and the answer handed to the callback.
 */
export function installRequest(guest) {
  const { apply, stringify, parse, on, post, cut } = guest;
  const { keys, assign } = Object;
  const { isArray } = Array;
  const { toUpperCase, toLowerCase, indexOf, trim, replace } = String.prototype;
  const encodeComponent = globalThis.encodeURIComponent;
  const ErrorClass = guest.Error;
  const pending = { __proto__: null };
  const maxRedirects = 10;
  let lastId = 0;

  const lower = (text) => apply(toLowerCase, text, []);
  const isObject = (value) => typeof value === 'object' && value !== null;
  const reserved = /[!'()*]/g;
  const reservedCodes = { __proto__: null, '!': '%21', "'": '%27', '(': '%28', ')': '%29', '*': '%2A' };
  const encode = (value) => apply(replace, encodeComponent(value), [reserved, (letter) => reservedCodes[letter]]);

  /** `a=1&b[c]=2&d[0]=3`, as the `qs` module writes it. */
  function toQuery(value, prefix, depth) {
    if (value === undefined || typeof value === 'function' || depth > 8) return '';
    if (value === null) return `${encode(prefix)}=`;
    if (!isObject(value)) return `${encode(prefix)}=${encode(guest.String(value))}`;
    const names = keys(value);
    let text = '';
    for (let index = 0; index < names.length; index++) {
      const name = names[index];
      const part = toQuery(value[name], prefix === '' ? name : `${prefix}[${name}]`, depth + 1);
      if (part !== '') text = text === '' ? part : `${text}&${part}`;
    }
    return text;
  }

  /** request(url, options, callback), request(options, callback), request(url, callback). */
  function readArguments(first, second, third) {
    const callback = typeof third === 'function' ? third : typeof second === 'function' ? second : undefined;
    const options = { __proto__: null };
    if (isObject(second)) assign(options, second);
    if (isObject(first)) assign(options, first);
    if (typeof first === 'string') options.uri = first;
    return { __proto__: null, options, callback: callback ?? options.callback };
  }

  function readHeaders(given) {
    const headers = { __proto__: null };
    if (!isObject(given)) return headers;
    const names = keys(given);
    for (let index = 0; index < names.length; index++) {
      const value = given[names[index]];
      if (value === undefined || value === null) continue;
      headers[lower(names[index])] = isArray(value) ? joinList(value) : guest.String(value);
    }
    return headers;
  }

  function joinList(list) {
    let text = '';
    for (let index = 0; index < list.length; index++) text += (index === 0 ? '' : ', ') + guest.String(list[index]);
    return text;
  }

  const toBase64 = (text) => guest.buffer().from(text, 'utf8').toString('base64');

  function authorization(auth) {
    if (!isObject(auth)) return undefined;
    const bearer = typeof auth.bearer === 'function' ? auth.bearer() : auth.bearer;
    if (bearer !== undefined) return `Bearer ${bearer}`;
    const user = auth.user ?? auth.username;
    const password = auth.pass ?? auth.password;
    if (user === undefined && password === undefined) return undefined;
    return `Basic ${toBase64(`${user ?? ''}:${password ?? ''}`)}`;
  }

  function readBody(options, headers) {
    if (options.form !== undefined && options.form !== null && options.form !== false) {
      headers['content-type'] ??= 'application/x-www-form-urlencoded';
      return typeof options.form === 'string' ? options.form : toQuery(options.form, '', 0);
    }
    const isJson = options.json !== undefined && options.json !== false && options.json !== null;
    const body = isJson && typeof options.json !== 'boolean' ? options.json : options.body;
    if (body === undefined || body === null) return '';
    if (isJson) {
      headers['content-type'] ??= 'application/json';
      const isReady =
        typeof body === 'string' && body === options.body && headers['content-type'] !== 'application/json';
      return isReady ? body : stringify(body);
    }
    if (typeof body === 'string') return body;
    if (guest.isBytes(body)) return { __proto__: null, base64: guest.buffer().from(body).toString('base64') };
    throw new ErrorClass('Argument error, options.body.');
  }

  function readUrl(options) {
    const given = options.uri ?? options.url;
    if (given === undefined || given === null) throw new ErrorClass('options.uri is a required argument');
    let url = apply(trim, guest.String(isObject(given) && given.href !== undefined ? given.href : given), []);
    if (typeof options.baseUrl === 'string') {
      const base = apply(replace, options.baseUrl, [/\/$/, '']);
      url = url === '' ? base : `${base}/${apply(replace, url, [/^\//, ''])}`;
    }
    if (options.qs === undefined || options.qs === null) return url;
    const query = typeof options.qs === 'string' ? options.qs : toQuery(options.qs, '', 0);
    if (query === '') return url;
    const hash = apply(indexOf, url, ['#']);
    const plain = hash === -1 ? url : apply(guest.slice, url, [0, hash]);
    return `${plain}${apply(indexOf, plain, ['?']) === -1 ? '?' : '&'}${query}`;
  }

  function readRedirects(options, method) {
    if (options.followRedirect === false) return 0;
    const mayFollow = options.followAllRedirects === true || method === 'GET' || method === 'HEAD';
    if (!mayFollow) return 0;
    return typeof options.maxRedirects === 'number' ? options.maxRedirects : maxRedirects;
  }

  function describeRequest(options) {
    if (options.multipart !== undefined || options.formData !== undefined) {
      throw new ErrorClass('multipart and formData are not supported here.');
    }
    const method = apply(toUpperCase, guest.String(options.method ?? 'GET'), []);
    const headers = readHeaders(options.headers);
    const isJson = options.json !== undefined && options.json !== false && options.json !== null;
    if (isJson) headers.accept ??= 'application/json';
    const credentials = authorization(options.auth);
    if (credentials !== undefined) headers.authorization = credentials;
    const body = readBody(options, headers);
    return {
      __proto__: null,
      method,
      url: readUrl(options),
      headers,
      timeoutMs: typeof options.timeout === 'number' && options.timeout > 0 ? options.timeout : undefined,
      redirects: readRedirects(options, method),
      isBinary: options.encoding !== undefined && !isUtf8(options.encoding),
      isBase64: isObject(body),
      body: isObject(body) ? body.base64 : body,
    };
  }

  const isUtf8 = (encoding) => encoding === 'utf8' || encoding === 'utf-8';

  /** An error that points at the line of the script that asked. */
  function failed(told, site) {
    const error = new ErrorClass(told.message);
    if (told.code !== undefined) error.code = told.code;
    if (told.code === 'ETIMEDOUT') error.connect = false;
    const frames = apply(indexOf, site, ['\n']);
    error.stack = `Error: ${told.message}${frames === -1 ? '' : apply(guest.slice, site, [frames])}`;
    return error;
  }

  function readAnswerBody(text, options) {
    if (options.encoding !== undefined && !isUtf8(options.encoding)) {
      const bytes = guest.buffer().from(text, 'latin1');
      return options.encoding === null ? bytes : bytes.toString(options.encoding);
    }
    const isJson = options.json !== undefined && options.json !== false && options.json !== null;
    if (!isJson) return text;
    if (text === '') return undefined;
    try {
      return guest.parseExactly(text, typeof options.jsonReviver === 'function' ? options.jsonReviver : undefined);
    } catch {
      return text;
    }
  }

  function mayAsk() {
    if (lastId < guest.maxRequests()) return true;
    guest.failWith('limit', `The script made more than ${guest.maxRequests()} requests.`);
    return false;
  }

  /** One request of any kind: `answer(told, text)` is called later, and once. 0: the script may make no more. */
  function exchange(told, body, answer) {
    if (!mayAsk()) return 0;
    const id = ++lastId;
    pending[id] = answer;
    post('request', id, stringify(told), body);
    return id;
  }

  function cancel(id) {
    if (pending[id] === undefined) return;
    delete pending[id];
    post('abort', id, '', '');
  }

  on.answer = (id, head, text) => {
    const answer = pending[id];
    if (answer === undefined) return;
    delete pending[id];
    answer(parse(head), text);
  };
  guest.exchange = exchange;
  guest.cancel = cancel;

  function readAnswer(told, text, waiting) {
    if (told.error !== undefined) {
      waiting.finish(failed(told.error, waiting.site), undefined, undefined);
      return;
    }
    const body = readAnswerBody(text, waiting.options);
    const response = {
      statusCode: told.status,
      statusMessage: told.statusMessage,
      headers: told.headers,
      body,
      httpVersion: '1.1',
      request: { uri: { href: told.url }, href: told.url, method: waiting.method },
      toJSON: () => ({ statusCode: told.status, body, headers: told.headers }),
    };
    waiting.finish(null, response, body);
  }

  function send(options, callback) {
    const handlers = { __proto__: null };
    let isDone = false;
    let id = 0;
    const emit = (name, first, second) => {
      if (typeof handlers[name] === 'function') guest.guard(handlers[name], handle, [first, second]);
    };
    const finish = (error, response, body) => {
      if (isDone) return;
      isDone = true;
      if (error !== null) emit('error', error);
      else {
        emit('response', response);
        emit('data', body);
        emit('end');
        emit('complete', response, body);
      }
      if (typeof callback === 'function') guest.guard(callback, handle, [error, response, body]);
    };
    const handle = {
      on(name, handler) {
        handlers[name] = handler;
        return handle;
      },
      once: (name, handler) => handle.on(name, handler),
      abort() {
        isDone = true;
        cancel(id);
      },
    };
    if (!mayAsk()) return handle;
    const site = guest.String(new ErrorClass('request').stack);
    let told;
    let body = '';
    try {
      told = describeRequest(options);
      body = told.body;
      told.body = undefined;
    } catch (error) {
      // As with npm's request: what is wrong with the options comes through the callback, later.
      told = { __proto__: null, refused: cut(guest.describe(error).message, 1024) };
    }
    const waiting = { __proto__: null, options, finish, site, method: told.method ?? 'GET' };
    id = exchange(told, body, (answer, text) => readAnswer(answer, text, waiting));
    return handle;
  }

  function withDefaults(defaults) {
    const merge = (given, method) => {
      const options = assign({ __proto__: null }, defaults, given);
      if (isObject(defaults.headers)) options.headers = assign({}, defaults.headers, given.headers);
      if (method !== undefined) options.method = method;
      return options;
    };
    const verb = (method) => (first, second, third) => {
      const told = readArguments(first, second, third);
      return send(merge(told.options, method), told.callback);
    };
    const request = verb(undefined);
    request.get = verb('GET');
    request.head = verb('HEAD');
    request.options = verb('OPTIONS');
    request.post = verb('POST');
    request.put = verb('PUT');
    request.patch = verb('PATCH');
    request.del = verb('DELETE');
    request.delete = request.del;
    request.defaults = (more) => withDefaults(merge(isObject(more) ? more : {}, undefined));
    return request;
  }

  guest.define('request', withDefaults({ __proto__: null }));
}
