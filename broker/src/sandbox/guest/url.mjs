/** `URL` and `URLSearchParams`. The parsing of URLs is asked of the host, whose parser is the real one. */
export function installUrl(guest) {
  guest.defineLazily('URLSearchParams', () => {
    const plus = /\+/g;
    const decode = (text) => {
      const spaced = text.replace(plus, ' ');
      try {
        return decodeURIComponent(spaced);
      } catch {
        return guest.codec().decodeUtf8(percentDecode(spaced));
      }
    };
    const percentDecode = (text) => {
      const latin = unescape(encodeURIComponent(text).replace(/%25([0-9a-fA-F]{2})/g, '%$1'));
      return guest.codec().toBytes(latin, 'latin1');
    };
    const encode = (text) =>
      encodeURIComponent(text.toWellFormed())
        .replace(/%20/g, '+')
        .replace(/[!'()~]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);

    function parsePairs(text) {
      const pairs = [];
      for (const part of (text[0] === '?' ? text.slice(1) : text).split('&')) {
        if (part === '') continue;
        const at = part.indexOf('=');
        pairs.push(at === -1 ? [decode(part), ''] : [decode(part.slice(0, at)), decode(part.slice(at + 1))]);
      }
      return pairs;
    }

    function readPairs(init) {
      if (init === undefined || init === null) return [];
      if (typeof init !== 'object' && typeof init !== 'function') return parsePairs(guest.String(init));
      if (typeof init[Symbol.iterator] !== 'function') {
        return Object.keys(init).map((name) => [guest.String(name), guest.String(init[name])]);
      }
      return Array.from(init, (pair) => {
        const [name, value, ...rest] = pair;
        if (value === undefined || rest.length > 0)
          throw new guest.TypeError('Each query pair must be a [name, value] tuple');
        return [guest.String(name), guest.String(value)];
      });
    }

    return class URLSearchParams {
      #pairs;
      #onChange;
      constructor(init) {
        this.#pairs = readPairs(init);
      }
      /** Ties these parameters to the URL they belong to. */
      static [guest.tie](params, onChange) {
        params.#onChange = onChange;
      }
      static [guest.refill](params, text) {
        params.#pairs = parsePairs(text);
      }
      #changed() {
        this.#onChange?.(this.toString());
      }
      get size() {
        return this.#pairs.length;
      }
      append(name, value) {
        this.#pairs.push([guest.String(name), guest.String(value)]);
        this.#changed();
      }
      delete(name, value) {
        this.#pairs = this.#pairs.filter(
          ([key, held]) => key !== guest.String(name) || (value !== undefined && held !== guest.String(value)),
        );
        this.#changed();
      }
      get(name) {
        return this.#pairs.find(([key]) => key === guest.String(name))?.[1] ?? null;
      }
      getAll(name) {
        return this.#pairs.filter(([key]) => key === guest.String(name)).map(([, value]) => value);
      }
      has(name, value) {
        return this.#pairs.some(
          ([key, held]) => key === guest.String(name) && (value === undefined || held === guest.String(value)),
        );
      }
      set(name, value) {
        const first = this.#pairs.find(([key]) => key === guest.String(name));
        if (first === undefined) return this.append(name, value);
        first[1] = guest.String(value);
        this.#pairs = this.#pairs.filter((pair) => pair === first || pair[0] !== first[0]);
        this.#changed();
      }
      sort() {
        this.#pairs.sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
        this.#changed();
      }
      forEach(callback, self) {
        for (const [name, value] of this.#pairs) callback.call(self, value, name, this);
      }
      *entries() {
        for (const [name, value] of this.#pairs) yield [name, value];
      }
      *keys() {
        for (const [name] of this.#pairs) yield name;
      }
      *values() {
        for (const [, value] of this.#pairs) yield value;
      }
      [Symbol.iterator]() {
        return this.entries();
      }
      toString() {
        return this.#pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
      }
    };
  });

  guest.tie = Symbol('tie');
  guest.refill = Symbol('refill');

  guest.defineLazily('URL', () => {
    const Params = globalThis.URLSearchParams;
    const ask = (request) => {
      const text = guest.call('url', guest.stringify(request), '');
      return text === '' ? undefined : guest.parse(text);
    };
    class URL {
      #parts;
      #params;
      constructor(url, base) {
        const parts = ask({ url: guest.String(url), base: base === undefined ? undefined : guest.String(base) });
        if (parts === undefined) {
          const error = new guest.TypeError('Invalid URL');
          error.code = 'ERR_INVALID_URL';
          error.input = guest.String(url);
          throw error;
        }
        this.#parts = parts;
        this.#params = new Params(parts.search);
        Params[guest.tie](this.#params, (text) => this.#change('search', text));
      }
      static canParse(url, base) {
        return ask({ url: guest.String(url), base: base === undefined ? undefined : guest.String(base) }) !== undefined;
      }
      static parse(url, base) {
        return URL.canParse(url, base) ? new URL(url, base) : null;
      }
      static [guest.tie](url, name) {
        return url.#parts[name];
      }
      static [guest.refill](url, name, value) {
        url.#change(name, guest.String(value));
        if (name === 'href' || name === 'search') Params[guest.refill](url.#params, url.#parts.search);
      }
      #change(name, value) {
        const parts = ask({ url: this.#parts.href, name, value });
        if (parts !== undefined) this.#parts = parts;
        else if (name === 'href') throw new guest.TypeError('Invalid URL');
      }
      get searchParams() {
        return this.#params;
      }
      toString() {
        return this.#parts.href;
      }
      toJSON() {
        return this.#parts.href;
      }
    }
    const read = URL[guest.tie];
    const write = URL[guest.refill];
    for (const name of [
      'href',
      'protocol',
      'username',
      'password',
      'host',
      'hostname',
      'port',
      'pathname',
      'search',
      'hash',
    ]) {
      Object.defineProperty(URL.prototype, name, {
        configurable: true,
        enumerable: true,
        get() {
          return read(this, name);
        },
        set(value) {
          write(this, name, value);
        },
      });
    }
    Object.defineProperty(URL.prototype, 'origin', {
      configurable: true,
      enumerable: true,
      get() {
        return read(this, 'origin');
      },
    });
    return URL;
  });
}
