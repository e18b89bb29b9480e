import { testAgainstLibrary } from './run.ts';

/* Every grant, with secrets, assertions, DPoP proofs and nothing. */

testAgainstLibrary('token');
