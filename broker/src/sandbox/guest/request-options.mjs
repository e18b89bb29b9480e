/** The options of `request`, read into what the broker is asked for. What few scripts use is read by a module of its own. */
export function installRequestOptions(guest) {
  const { apply, stringify } = guest;
  const { keys } = Object;
  const { isArray } = Array;
  const { toUpperCase, toLowerCase, indexOf, trim, replace } = String.prototype;
  const encodeComponent = globalThis.encodeURIComponent;
  const ErrorClass = guest.Error;
  const maxRedirects = 10;

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
    const isInJson = isJson && options.isWritten !== true && typeof options.json !== 'boolean';
    const body = isInJson ? options.json : options.body;
    if (body === undefined || body === null) return '';
    if (isJson && options.isWritten !== true) {
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
    const rare = takeRare(options);
    rare?.prepare(options);
    const method = apply(toUpperCase, guest.String(options.method ?? 'GET'), []);
    const headers = readHeaders(options.headers);
    const isJson = options.json !== undefined && options.json !== false && options.json !== null;
    if (isJson) headers.accept ??= 'application/json';
    const credentials = authorization(options.auth);
    if (credentials !== undefined) headers.authorization = credentials;
    const body = readBody(options, headers);
    const told = {
      __proto__: null,
      method,
      url: readUrl(options),
      headers,
      timeoutMs: typeof options.timeout === 'number' && options.timeout > 0 ? options.timeout : undefined,
      redirects: readRedirects(options, method),
      isBinary: options.encoding !== undefined && !isUtf8(options.encoding),
      isBase64: isObject(body),
      body: isObject(body) ? body.base64 : body,
      rare,
    };
    rare?.finish(options, told);
    return told;
  }

  /** Those that every script has; any other option is what the module is for. */
  const usual = {
    __proto__: null,
    uri: 1,
    url: 1,
    baseUrl: 1,
    method: 1,
    headers: 1,
    qs: 1,
    json: 1,
    jsonReviver: 1,
    form: 1,
    body: 1,
    auth: 1,
    timeout: 1,
    encoding: 1,
    gzip: 1,
    followRedirect: 1,
    followAllRedirects: 1,
    maxRedirects: 1,
    removeRefererHeader: 1,
    callback: 1,
  };

  function takeRare(options) {
    for (const name in options) {
      if (usual[name] === undefined && options[name] !== undefined) return guest.take('portico:request');
    }
    return undefined;
  }

  const isUtf8 = (encoding) => encoding === 'utf8' || encoding === 'utf-8';
  guest.isUtf8 = isUtf8;
  guest.describeRequest = describeRequest;
}
