/** node-fetch is the global one; its classes hang on the function. */
const { fetch, Headers, Request, Response, AbortController } = globalThis;

export default Object.assign((input, init) => fetch(input, init), {
  default: fetch,
  Headers,
  Request,
  Response,
  AbortController,
});
