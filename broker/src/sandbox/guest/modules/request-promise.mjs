import request from 'request';

class StatusCodeError extends Error {
  constructor(statusCode, body, options, response) {
    super(`${statusCode} - ${typeof body === 'string' ? body : JSON.stringify(body)}`);
    this.name = 'StatusCodeError';
    Object.assign(this, { statusCode, error: body, options, response });
  }
}

/** `request` whose calls are promises: of the body, or of the answer with `resolveWithFullResponse`. */
function withPromises(base) {
  const promised = (call) => (first, second) => {
    const options = { ...(typeof first === 'object' ? first : { uri: first }), ...second };
    return new Promise((resolve, reject) => {
      call(options, (error, response, body) => {
        if (error) return reject(Object.assign(error, { name: 'RequestError', cause: error, error, options }));
        const isOk = response.statusCode >= 200 && response.statusCode < 300;
        if (!isOk && options.simple !== false) {
          return reject(new StatusCodeError(response.statusCode, body, options, response));
        }
        resolve(options.resolveWithFullResponse ? response : body);
      });
    });
  };
  const verbs = ['get', 'head', 'options', 'post', 'put', 'patch', 'del', 'delete'];
  return Object.assign(promised(base), Object.fromEntries(verbs.map((verb) => [verb, promised(base[verb])])), {
    defaults: (options) => withPromises(base.defaults(options)),
  });
}

export default withPromises(request);
