import { InvalidTokenError, jwtDecode } from 'jwt-decode';

/** Up to version 3 the module was the function. */
export default Object.assign((token, options) => jwtDecode(token, options), {
  default: jwtDecode,
  jwtDecode,
  decode: jwtDecode,
  InvalidTokenError,
});
