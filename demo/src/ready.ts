import { people } from './provider/people.ts';
import type { DemoSettings } from './settings.ts';

const accounts = people
  .map(({ username, password, name }) => `    ${username.padEnd(7)} ${password.padEnd(12)} ${name}`)
  .join('\n');

const trustText = (authorityFile: string): string => `
  Portico's certificate is signed by an authority of its own. Trust it, for this machine only:

    browsers   import ${authorityFile}
    Node.js    NODE_EXTRA_CA_CERTS=${authorityFile}
`;

/** What the person at the terminal reads when everything is up. */
export const readyText = (settings: DemoSettings): string => `
  Portico is ready.

    Open       ${settings.app.url}     an application that signs people in through Portico
    Portico    ${settings.issuer}    the broker
    API        ${settings.api.url}     takes the application's access tokens
    Services   ${settings.provider.url}     Streamline and Hilltop, two made-up OAuth 2.0 providers

  Choose Netflix (demo) or Hulu (demo) and sign in as one of:

    user    password     person
${accounts}
${settings.authorityFile === undefined ? '' : trustText(settings.authorityFile)}
  Ids and secrets: ${settings.dataDir}/demo.json
  Stop with Ctrl-C; start again with npm start, and everything is still there.
`;
