/* Node's `path`, in its POSIX form: texts only, there are no files. */

function normalizeParts(text, isAbsolute) {
  const kept = [];
  for (const part of text.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (!isAbsolute) kept.push('..');
  }
  return kept.join('/');
}

function check(path) {
  if (typeof path === 'string') return path;
  const error = new TypeError('The "path" argument must be of type string.');
  error.code = 'ERR_INVALID_ARG_TYPE';
  throw error;
}

const isAbsolute = (path) => check(path).startsWith('/');

function normalize(path) {
  if (check(path) === '') return '.';
  const parts = normalizeParts(path, isAbsolute(path));
  const end = path.endsWith('/') && parts !== '' ? '/' : '';
  if (isAbsolute(path)) return `/${parts}${end}`;
  return parts === '' ? (path.endsWith('/') ? './' : '.') : `${parts}${end}`;
}

function join(...paths) {
  const joined = paths.filter((path) => check(path) !== '').join('/');
  return joined === '' ? '.' : normalize(joined);
}

function resolve(...paths) {
  let resolved = '';
  for (const path of ['/', ...paths]) {
    if (check(path) !== '') resolved = isAbsolute(path) ? path : `${resolved}/${path}`;
  }
  return `/${normalizeParts(resolved, true)}`;
}

function relative(from, to) {
  const [left, right] = [from, to].map((path) => resolve(path).split('/').filter(Boolean));
  let same = 0;
  while (same < left.length && left[same] === right[same]) same += 1;
  return [...left.slice(same).map(() => '..'), ...right.slice(same)].join('/');
}

const withoutEnd = (path) => {
  let end = check(path).length;
  while (end > 1 && path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
};

function dirname(path) {
  const whole = withoutEnd(path);
  const at = whole.lastIndexOf('/');
  if (at === -1) return '.';
  return at === 0 ? '/' : withoutEnd(whole.slice(0, at));
}

function basename(path, ending = '') {
  const whole = withoutEnd(path);
  const name = whole === '/' ? '' : whole.slice(whole.lastIndexOf('/') + 1);
  return name !== ending && ending !== '' && name.endsWith(ending) ? name.slice(0, -ending.length) : name;
}

function extname(path) {
  const name = basename(path);
  const at = name.lastIndexOf('.');
  return at < 1 || name === '..' ? '' : name.slice(at);
}

function parse(path) {
  const root = isAbsolute(path) ? '/' : '';
  const base = basename(path);
  const ext = extname(path);
  const dir = withoutEnd(path).includes('/') ? dirname(path) : '';
  return { root, dir, base, ext, name: basename(base, ext) };
}

function format({ dir, root = '', base, name = '', ext = '' }) {
  const file = base ?? `${name}${ext === '' || ext.startsWith('.') ? ext : `.${ext}`}`;
  const folder = dir ?? root;
  if (folder === '') return file;
  return folder === root ? `${folder}${file}` : `${folder}/${file}`;
}

const path = {
  sep: '/',
  delimiter: ':',
  isAbsolute,
  normalize,
  join,
  resolve,
  relative,
  dirname,
  basename,
  extname,
  parse,
  format,
};
path.posix = path;

export default path;
