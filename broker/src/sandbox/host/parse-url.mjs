const names = [
  'href',
  'origin',
  'protocol',
  'username',
  'password',
  'host',
  'hostname',
  'port',
  'pathname',
  'search',
  'hash',
];

/** Answers the guest's URL questions; an empty text says that it is none. Never throws: a host stack must not leak. */
export function parseUrl(question) {
  try {
    const { url, base, name, value } = JSON.parse(question);
    const parsed = new URL(url, base);
    if (name !== undefined && names.includes(name)) parsed[name] = value;
    return JSON.stringify(Object.fromEntries(names.map((part) => [part, parsed[part]])));
  } catch {
    return '';
  }
}
