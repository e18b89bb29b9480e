/** For modules that inherit from what `require('stream')` gives. */
module.exports = require('./stream.mjs').Stream;
