/**
 * The `request` global: the habits of npm's `request` that profile scripts rely on. The broker makes the request; here
 * it is only described, and the answer handed to the callback.
 */
export function installRequest(guest) {
  const { apply, stringify, parse, on, post, cut, isUtf8, describeRequest } = guest;
  const { assign } = Object;
  const { indexOf } = String.prototype;
  const { now } = Date;
  const ErrorClass = guest.Error;
  const pending = { __proto__: null };
  let lastId = 0;
  let unsent = { __proto__: null };
  let unsentCount = 0;

  const isObject = (value) => typeof value === 'object' && value !== null;

  /** request(url, options, callback), request(options, callback), request(url, callback). */
  function readArguments(first, second, third) {
    const callback = typeof third === 'function' ? third : typeof second === 'function' ? second : undefined;
    const options = { __proto__: null };
    if (isObject(second)) assign(options, second);
    if (isObject(first)) assign(options, first);
    if (typeof first === 'string') options.uri = first;
    return { __proto__: null, options, callback: callback ?? options.callback };
  }

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
    ask(id, told, body, answer);
    return id;
  }

  function ask(id, told, body, answer) {
    pending[id] = answer;
    post('request', id, stringify(told), body);
  }

  /** After what the script does now, so that it may still add to the request. */
  function sendLater(act) {
    if (guest.isEntered()) unsent[unsentCount++] = act;
    else sendSoon(act);
  }

  /** Awaiting asks nothing that a script can patch, as `then` would. */
  async function sendSoon(act) {
    await undefined;
    act();
  }

  on.leaving = () => {
    if (unsentCount === 0) return;
    const acts = unsent;
    const count = unsentCount;
    unsent = { __proto__: null };
    unsentCount = 0;
    for (let index = 0; index < count && !guest.isEnded(); index++) acts[index]();
  };

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
    waiting.rare?.answered(waiting, response, now());
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
      setHeader(name, value) {
        options.headers = assign({}, options.headers, { [name]: value });
        return handle;
      },
      form(given) {
        return given === undefined ? guest.take('portico:request').formOf(options) : set('form', given);
      },
      qs: (query) => set('qs', assign({}, options.qs, query)),
      json: (value) => set('json', value),
      auth: (user, pass, sendImmediately, bearer) => set('auth', { user, pass, sendImmediately, bearer }),
      oauth: (value) => set('oauth', value),
      jar: (value) => set('jar', value),
      multipart: (value) => set('multipart', value),
    };
    const set = (name, value) => {
      options[name] = value;
      return handle;
    };
    if (!mayAsk()) return handle;
    const site = guest.String(new ErrorClass('request').stack);
    id = ++lastId;
    sendLater(() => {
      if (isDone) return;
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
      const { method = 'GET', rare } = told;
      told.rare = undefined;
      const waiting = { __proto__: null, options, finish, site, method, rare, url: told.url, startedAt: now() };
      ask(id, told, body, (answer, text) => readAnswer(answer, text, waiting));
    });
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
    request.jar = () => guest.take('portico:request').createJar();
    request.cookie = (text) => guest.take('portico:request').parseCookie(text);
    request.forever = (_agent, more) => request.defaults(more);
    request.debug = false;
    request.defaults = (more) => withDefaults(merge(isObject(more) ? more : {}, undefined));
    return request;
  }

  guest.define('request', withDefaults({ __proto__: null }));
}
