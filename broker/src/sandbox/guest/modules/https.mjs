import { createClient } from './http-client.mjs';

export default createClient('https:');
