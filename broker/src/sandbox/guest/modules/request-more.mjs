/* global guest: the pack's wrapper brings it */
import { createJar, parseCookie } from './cookie-jar.mjs';
import { writeFormData, writeRelated } from './multipart.mjs';
import { baseString, signRequest, toHeader } from './oauth-signature.mjs';
import { writeQuery } from './query-options.mjs';

/* What few scripts ask of `request`: forms with files, cookies, OAuth 1.0a, and the options that are passed over. */
const { Buffer, URL } = globalThis;

/** Of no use where the broker makes the requests: each is named once in the console of the run. */
const passedOver = [
  ['agent', () => true],
  ['agentClass', () => true],
  ['agentOptions', () => true],
  ['pool', () => true],
  ['forever', (value) => value === true],
  ['strictSSL', (value) => value === false],
  ['rejectUnauthorized', (value) => value === false],
  ['insecure', (value) => value === true],
  ['ca', () => true],
  ['cert', () => true],
  ['key', () => true],
  ['pfx', () => true],
  ['passphrase', () => true],
  ['proxy', (value) => value !== null && value !== ''],
  ['tunnel', () => true],
  ['proxyHeaderWhiteList', () => true],
  ['proxyHeaderExclusiveList', () => true],
  ['localAddress', () => true],
  ['family', () => true],
  ['har', () => true],
  ['followOriginalHttpMethod', (value) => value === true],
  ['followRedirect', (value) => typeof value === 'function'],
];
const named = new Set();

/** These would sign the request: without them it is another one. */
const refused = ['aws', 'hawk', 'httpSignature'];

function checkOptions(options) {
  for (const name of refused) {
    if (options[name] !== undefined && options[name] !== null) {
      throw new Error(`The option ${name} of request is not supported here.`);
    }
  }
  for (const [name, counts] of passedOver) {
    const value = options[name];
    if (value === undefined || named.has(name) || !counts(value)) continue;
    named.add(name);
    guest.on.note(`The option ${name} of request has no effect here.`);
  }
}

const isObject = (value) => typeof value === 'object' && value !== null;
const isBytes = (value) => ArrayBuffer.isView(value) || value instanceof ArrayBuffer;

function toPart(name, given, settings) {
  const hasOptions = isObject(given) && !isBytes(given) && given.value !== undefined;
  const { filename, contentType } = settings ?? (hasOptions ? given.options : undefined) ?? {};
  const value = hasOptions ? given.value : given;
  if (isObject(value) && !isBytes(value)) {
    throw new Error(`The field ${name} of formData is neither a text nor bytes: there are no streams here.`);
  }
  const type = contentType ?? (isBytes(value) ? 'application/octet-stream' : undefined);
  return { name, bytes: Buffer.from(isBytes(value) ? value : String(value)), filename, type };
}

const toParts = (fields) =>
  Object.entries(fields).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((item) => item !== undefined && item !== null)
      .map((item) => toPart(name, item)),
  );

/** `form()` of a request: it is sent after the script has added its fields. */
function formOf(options) {
  options.formParts ??= [];
  const form = {
    append(name, value, settings) {
      const given = typeof settings === 'string' ? { filename: settings } : settings;
      options.formParts.push(toPart(String(name), value, given));
      return form;
    },
  };
  return form;
}

const findHeader = (headers, wanted) => {
  const name = Object.keys(headers ?? {}).find((key) => key.toLowerCase() === wanted);
  return name === undefined ? undefined : headers[name];
};

function setBody(options, { bytes, type }, replaces) {
  const others = Object.entries(options.headers ?? {}).filter(
    ([name]) => !replaces || name.toLowerCase() !== 'content-type',
  );
  options.headers = Object.fromEntries([...others, ['content-type', type]]);
  // An answer is still parsed where `json` says so; what is sent is no JSON.
  options.isWritten = true;
  options.body = bytes;
}

function prepare(options) {
  checkOptions(options);
  const hasStyle = options.useQuerystring || isObject(options.qsStringifyOptions);
  if (hasStyle && isObject(options.qs)) options.qs = writeQuery(options.qs, options);
  if (hasStyle && isObject(options.form)) options.form = writeQuery(options.form, options);
  if (typeof options.jsonReplacer === 'function' || Array.isArray(options.jsonReplacer)) replaceJson(options);
  const parts = [...(isObject(options.formData) ? toParts(options.formData) : []), ...(options.formParts ?? [])];
  if (parts.length > 0 || isObject(options.formData)) setBody(options, writeFormData(parts), true);
  const related = Array.isArray(options.multipart) ? options.multipart : options.multipart?.data;
  if (Array.isArray(related)) {
    const type = findHeader(options.headers, 'content-type');
    setBody(options, writeRelated(related, { ...options, type }), true);
  }
}

/** The body as text, written by the script's own rule. */
function replaceJson(options) {
  const body = typeof options.json === 'object' && options.json !== null ? options.json : options.body;
  if (!isObject(body) || isBytes(body)) return;
  setBody(
    options,
    {
      bytes: JSON.stringify(body, options.jsonReplacer),
      type: findHeader(options.headers, 'content-type') ?? 'application/json',
    },
    true,
  );
}

let sharedJar;
function readJar({ jar }) {
  if (jar === true) {
    sharedJar ??= createJar();
    return sharedJar;
  }
  return isObject(jar) && typeof jar.getCookieString === 'function' ? jar : undefined;
}

function finish(options, told) {
  // An address that is none is told by the broker.
  if (!URL.canParse(told.url)) return;
  const cookies = readJar(options)?.getCookieString(told.url) ?? '';
  if (cookies !== '') {
    told.headers.cookie = told.headers.cookie === undefined ? cookies : `${told.headers.cookie}; ${cookies}`;
  }
  if (isObject(options.oauth)) sign(options.oauth, told);
}

/** RFC 5849 §3.4.1.3.1: the body counts if it is a form. */
function sign(oauth, told) {
  const isForm = /^application\/x-www-form-urlencoded\b/.test(told.headers['content-type'] ?? '');
  const { transport_method: transport = 'header' } = oauth;
  const form = isForm && !told.isBase64 ? told.body : '';
  const pairs = signRequest(oauth, { method: told.method, url: told.url, form, body: told.body ?? '' });
  if (transport === 'header') {
    told.headers.authorization = toHeader(pairs, oauth.realm);
    return;
  }
  const written = writeQuery(Object.fromEntries(pairs), {});
  if (transport === 'query') {
    told.url = `${told.url}${told.url.includes('?') ? '&' : '?'}${written}`;
    return;
  }
  if (told.method !== 'POST' || !isForm) {
    throw new Error("oauth with transport_method 'body' needs a POST with a form.");
  }
  told.body = told.body === '' ? written : `${told.body}&${written}`;
}

/** After the answer: its cookies are kept, and its times told. */
function answered({ options, url, startedAt }, response, endedAt) {
  const jar = readJar(options);
  const { 'set-cookie': cookies = [] } = response.headers;
  if (jar !== undefined) for (const cookie of cookies) jar.setCookie(cookie, response.request.href ?? url);
  if (options.time !== true) return;
  const elapsed = endedAt - startedAt;
  Object.assign(response, {
    elapsedTime: elapsed,
    responseStartTime: endedAt,
    timingStart: startedAt,
    timings: { response: elapsed, end: elapsed },
    timingPhases: { total: elapsed },
  });
}

export default {
  prepare,
  finish,
  answered,
  formOf,
  createJar,
  parseCookie,
  baseString,
  signRequest,
  toHeader,
  writeQuery,
};
