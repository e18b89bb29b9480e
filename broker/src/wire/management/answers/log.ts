import { Type } from '@sinclair/typebox';
import { arrayOf, count, flag, open, orPart, pageWithTotals, text, time } from './shapes.ts';

const orEmpty = 'Empty where there is none.';

export const logAnswer = Type.Object(
  {
    _id: text(),
    log_id: text('As _id; the cursor of from.'),
    date: time(),
    type: text('Auth0’s code: s, f, ssa, sapi, …'),
    description: text(),
    client_id: text(orEmpty),
    client_name: text(orEmpty),
    connection: text(orEmpty),
    connection_id: text(orEmpty),
    strategy: text(orEmpty),
    strategy_type: text(orEmpty),
    user_id: text(orEmpty),
    user_name: text(orEmpty),
    ip: text(orEmpty),
    hostname: text('The issuer’s.'),
    user_agent: text(orEmpty),
    isMobile: flag(),
    audience: text(orEmpty),
    scope: text(orEmpty),
    references: Type.Optional(
      Type.Object({ correlation_id: text('The X-Correlation-ID of the change, its first 64 characters.') }),
    ),
    details: open('What else is known, without secrets.'),
  },
  { $id: 'LogEvent' },
);
const logOrPart = orPart(logAnswer);
export const logList = Type.Union([
  arrayOf(logOrPart),
  pageWithTotals('logs', logOrPart, { length: count('How many the page has; total is the same, as on Auth0.') }),
]);
