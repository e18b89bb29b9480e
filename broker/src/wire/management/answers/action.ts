import { Type } from '@sinclair/typebox';
import { triggers } from '../../../core/action.ts';
import { count, flag, oneOf, text, texts, time } from './shapes.ts';

const maybe = Type.Optional;

const triggerId = Type.Union(
  triggers.map((id) => Type.Literal(id)),
  { $id: 'TriggerId' },
);
const trigger = { id: triggerId, version: text() };

const identity = {
  id: text(),
  name: text(),
  supported_triggers: Type.Array(Type.Object(trigger), { description: 'One.' }),
  created_at: time(),
  updated_at: time(),
};

const content = {
  code: text('The script.'),
  dependencies: Type.Array(
    Type.Object({ name: text(), version: text('Exact in a version, as it was asked for in a draft.') }),
    { description: 'npm modules.' },
  ),
  runtime: text(),
};

const version = {
  ...content,
  id: text(),
  action_id: text(),
  number: count('From 1.'),
  status: oneOf(['built']),
  deployed: flag('Whether it is the version that runs.'),
  supported_triggers: identity.supported_triggers,
  built_at: time(),
  created_at: time(),
  updated_at: time(),
};

export const versionAnswer = Type.Object(version, { $id: 'ActionVersion' });
export const deployedAnswer = Type.Object(
  { ...version, action: Type.Object(identity) },
  { $id: 'DeployedActionVersion' },
);

export const actionAnswer = Type.Object(
  {
    ...identity,
    ...content,
    status: oneOf(['built', 'pending']),
    secrets: Type.Array(Type.Object({ name: text(), updated_at: time() }), { description: 'Without their values.' }),
    may_read_provider_tokens: maybe(flag('An addition of Portico; not there: no.')),
    current_version: maybe(
      Type.Object({
        id: text(),
        code: text(),
        runtime: text(),
        status: oneOf(['BUILT']),
        number: count(),
        build_time: time(),
        created_at: time(),
        updated_at: time(),
      }),
    ),
    deployed_version: maybe(versionAnswer),
    all_changes_deployed: flag('Whether the draft is what runs.'),
  },
  { $id: 'Action', description: 'An Action with its draft, and the version that runs.' },
);

/** As on Auth0, zeros are left out of these pages. */
const page = { total: maybe(count('Left out for 0.')), page: maybe(count('Left out for 0.')), per_page: count() };

export const actionList = Type.Object({ actions: Type.Array(actionAnswer), ...page });
export const versionList = Type.Object({ versions: Type.Array(versionAnswer), ...page });

export const triggerList = Type.Object({
  triggers: Type.Array(
    Type.Object(
      {
        ...trigger,
        status: oneOf(['CURRENT']),
        runtimes: texts(),
        default_runtime: text(),
        binding_policy: oneOf(['trigger-bound', 'entity-bound']),
        compatible_triggers: Type.Array(Type.Unknown()),
      },
      { $id: 'Trigger' },
    ),
  ),
});

const binding = Type.Object(
  {
    id: text(),
    trigger_id: triggerId,
    display_name: text(),
    action: actionAnswer,
    created_at: time(),
    updated_at: time(),
  },
  { $id: 'ActionBinding', description: 'An Action that runs at a trigger.' },
);
const bindings = Type.Array(binding, { description: 'In the order in which they run.' });
export const bindingList = Type.Object({ bindings, ...page });
export const boundAnswer = Type.Object({ bindings });
