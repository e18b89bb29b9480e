import { testAgainstLibrary } from './run.ts';

/* Every response type in every mode, silent, posted and pushed requests. */

testAgainstLibrary('authorize');
