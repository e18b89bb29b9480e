import * as uuid from 'uuid';

/** Up to version 3 the module was a function: version 4's. */
export default Object.assign((options) => uuid.v4(options), { ...uuid });
