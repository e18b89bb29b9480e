import { Type } from '@sinclair/typebox';
import { arrayOf, count, flag, oneOf, orPart, pageWithTotals, text } from './shapes.ts';

export const ruleAnswer = Type.Object(
  {
    id: text(),
    name: text(),
    script: text(),
    order: count('Rules with smaller numbers run before.'),
    enabled: flag(),
    stage: oneOf(['login_success']),
  },
  { $id: 'Rule' },
);
export const ruleOrPart = orPart(ruleAnswer);
export const ruleList = Type.Union([arrayOf(ruleOrPart), pageWithTotals('rules', ruleOrPart)]);

export const ruleSettingList = Type.Array(Type.Object({ key: text() }, { $id: 'RulesConfigKey' }));
export const ruleSettingAnswer = Type.Object({ key: text(), value: text() }, { $id: 'RulesConfig' });
