/**
 * Only in the world of the corpus command, which tries scripts that nobody has read: what a script parses answers every
 * property that it reads, so that it reaches the end of its happy path.
 */
export function installAnswersEverything(guest) {
  const { on, define, entries } = guest;
  const { parse } = JSON;
  const wrapped = new WeakMap();

  const absent = /^(then|catch|finally|err|errors?|fault|faultstring|exception|error_?\w*|nil)$/i;
  const refused = /^(deleted|blocked|disabled|suspended|revoked|expired|locked|is_?bot|bot)$/i;
  const agreed = /^(ok|success|succeeded|active|enabled|confirmed|\w*verified|(is|has)_?[A-Z]\w*)$/;
  const counted = /^(length|count|total|size|exp|expires_in|version|width|height|age)$/i;
  const dated = /(_at|_on|date|time|birth|birthday|dob|created|updated|modified|expires|since)$/i;
  const addressed = /(url|uri|href|link|endpoint)$/i;
  const token = /(token|jwt)$/i;
  const asked = /^(get|query|select|find|evaluate)[A-Z]/;
  const listed = /([^aius]s|lists?|array)$/i;
  const jwt = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJzdWItMSJ9.c2lnbmF0dXJl';

  function textOf(name) {
    if (dated.test(name)) return '2024-01-02T03:04:05.000Z';
    if (/mail/i.test(name)) return 'person@example.com';
    if (/^(status|stat|result|state)$/i.test(name)) return 'success';
    return `${name}-1`;
  }

  /** Something for a name that is not there; undefined where its absence is the good case. */
  function invent(name, parent) {
    if (absent.test(name)) return undefined;
    if (refused.test(name)) return false;
    if (agreed.test(name)) return true;
    if (/^(err|error_?)?(code|no)$/i.test(name)) return parent === 'meta' || parent === 'status' ? 200 : 0;
    if (counted.test(name)) return 1;
    // The same as in the ID token, since scripts compare them.
    if (name === 'sub') return 'sub-1';
    if (token.test(name)) return jwt;
    if (addressed.test(name)) return `https://provider.example/${name}`;
    if (asked.test(name)) return () => wrap({}, name);
    return wrap(listed.test(name) ? [] : {}, name);
  }

  const primitive = (name) => (hint) => (hint === 'number' ? (dated.test(name) ? 1704164645000 : 1) : textOf(name));

  /** Old methods that write HTML; as names in an answer they mean something else. */
  const isMarkup = /^(sub|sup|link|anchor|big|small|bold|blink|fixed|strike|italics|fontsize|fontcolor)$/;

  /** Of lists only: `keys` and `values` are common names in an answer. */
  const isMember = /^(keys|values|entries)$/;

  function methodOf(key, target, name) {
    const isList = Array.isArray(target);
    if (isMarkup.test(key) || (!isList && isMember.test(key))) return undefined;
    const ofText = typeof String.prototype[key] === 'function' ? String.prototype[key] : undefined;
    const ofList = typeof Array.prototype[key] === 'function' ? Array.prototype[key] : undefined;
    if (ofText !== undefined && !(isList && ofList !== undefined)) return ofText.bind(textOf(name));
    if (ofList !== undefined) return ofList.bind(isList && target.length > 0 ? target : [wrap({}, name)]);
    return typeof Number.prototype[key] === 'function' ? Number.prototype[key].bind(1) : undefined;
  }

  const imagined = ['id', 'email', 'name'];
  /** Whole answers and what was made up for a name have more than what stands in them. */
  const mayImagine = (target, name) => !Array.isArray(target) && (name === '' || Object.keys(target).length === 0);

  function handlerOf(name) {
    return {
      get(target, key) {
        if (key === Symbol.toPrimitive) return primitive(name);
        if (key === Symbol.iterator) return methodOf('values', Array.isArray(target) ? target : [], name);
        if (typeof key === 'symbol') return target[key];
        if (key === 'length') return Array.isArray(target) ? target.length || 1 : 1;
        if (guest.hasOwn(target, key)) return wrap(target[key], key);
        if (key === 'toJSON') return (place) => asJson(target, name, place === '');
        if (key === 'toString' || key === 'valueOf') return () => textOf(name);
        if (key in Object.prototype) return target[key];
        return methodOf(key, target, name) ?? invent(key, name);
      },
      has: (target, key) => key in target || (typeof key === 'string' && !absent.test(key)),
      ownKeys(target) {
        const own = Reflect.ownKeys(target);
        return mayImagine(target, name) ? [...own, ...imagined.filter((key) => !guest.hasOwn(target, key))] : own;
      },
      getOwnPropertyDescriptor(target, key) {
        const found = Reflect.getOwnPropertyDescriptor(target, key);
        if (found !== undefined || !imagined.includes(key) || !mayImagine(target, name)) return found;
        return { value: textOf(key), writable: true, enumerable: true, configurable: true };
      },
    };
  }

  /** A part of something is a text; what is called back with is a profile. */
  function asJson(target, name, isWhole) {
    if (Array.isArray(target)) return target.length === 0 ? [textOf(name)] : [...target];
    if (isWhole || name === '') return { id: 'id-1', email: 'person@example.com', name: 'name-1', ...target };
    return Object.keys(target).length === 0 ? textOf(name) : { ...target };
  }

  function wrap(value, name) {
    if (typeof value !== 'object' || value === null) return value;
    if (wrapped.has(value)) return wrapped.get(value);
    const answer = new Proxy(value, handlerOf(name));
    wrapped.set(value, answer);
    wrapped.set(answer, answer);
    return answer;
  }

  const parseText = guest.parseExactly;
  guest.parseExactly = (text, reviver) => wrap(parseText(text, reviver), '');
  Object.defineProperty(JSON, 'parse', {
    value: (text, reviver) => wrap(wrapped.has(text) ? text : (reviver ? parseText : parse)(text, reviver), ''),
    writable: true,
    configurable: true,
  });

  const tried = (call) => {
    try {
      return call() ?? wrap({}, '');
    } catch {
      return wrap({}, '');
    }
  };
  const isJson = (text) => guest.String(text)[0] === '{';

  /** Modules that parse: an answer is JSON here, whatever the script expects. */
  const parsers = {
    __proto__: null,
    crypto(crypto) {
      for (const name of ['createHash', 'createHmac']) {
        const create = crypto[name];
        crypto[name] = (...args) => {
          const hash = create(...args);
          const { update } = hash;
          hash.update = (data, encoding) => update.call(hash, wrapped.has(data) ? `${data}` : data, encoding);
          return hash;
        };
      }
    },
    jsonwebtoken(jsonwebtoken) {
      const { decode } = jsonwebtoken;
      const read = (jwt, options) => tried(() => decode(jwt, options));
      jsonwebtoken.decode = read;
      jsonwebtoken.verify = (jwt, _key, options, callback) => {
        const respond = typeof options === 'function' ? options : callback;
        return respond === undefined ? read(jwt) : respond(null, read(jwt));
      };
    },
    'jwt-decode': (jwtDecode, module) => {
      const read = (jwt) => tried(() => jwtDecode(jwt));
      module.exports = Object.assign(read, { default: read, jwtDecode: read, decode: read });
    },
    xml2js(xml2js, module) {
      const { parseString, Parser } = xml2js;
      function answer(text, options, callback) {
        const respond = callback ?? options;
        if (isJson(text)) return respond(null, wrap({}, ''));
        return parseString(text, callback === undefined ? {} : options, respond);
      }
      Parser.prototype.parseString = answer;
      const parseStringPromise = async (text) =>
        new Promise((resolve, reject) => answer(text, (error, found) => (error ? reject(error) : resolve(found))));
      Parser.prototype.parseStringPromise = parseStringPromise;
      module.exports = { ...xml2js, Parser, parseString: answer, parseStringPromise };
    },
    xml2json(xml2json) {
      const { toJson } = xml2json;
      xml2json.toJson = (text, options) => {
        if (!isJson(text)) return toJson(text, options);
        return options?.object ? wrap({}, '') : '{}';
      };
    },
    xmldom({ DOMParser }) {
      const { parseFromString } = DOMParser.prototype;
      DOMParser.prototype.parseFromString = function (text, kind) {
        return isJson(text) ? wrap({}, '') : parseFromString.call(this, text, kind);
      };
    },
  };
  on.loaded = (name, module) => parsers[name]?.(module.exports, module);

  /** What an administrator sets is a text. */
  const settings = (given) =>
    new Proxy(given, {
      get(target, key) {
        if (typeof key === 'symbol' || guest.hasOwn(target, key) || key in Object.prototype) return target[key];
        return addressed.test(key) ? `https://provider.example/${key}` : `${key}-1`;
      },
    });

  const { callback, rule, action } = entries;
  entries.callback = (script, given) => {
    define('configuration', settings(globalThis.configuration));
    callback(script, { ...given, arguments: given.arguments.map((value) => wrap(value, '')) });
  };
  entries.rule = (script, given) => {
    define('configuration', settings(globalThis.configuration));
    rule(script, given);
  };
  entries.action = (script, given) => {
    given.event.secrets = settings(given.event.secrets);
    action(script, given);
  };
}
