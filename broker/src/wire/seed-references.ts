import { problemOfSubjectTokenType } from '../core/token-exchange.ts';
import type { ActionWire } from './management/actions.ts';
import type { TokenExchangeProfileWire } from './management/token-exchange-profiles.ts';
import type { SeedWire } from './seed.ts';

/** Ids that two entries claim, and entries that point at what is not there. The database would refuse both without a name. */
export function problemsOfReferences(seed: SeedWire, systemAudience: string): string[] {
  const { clients = [], client_grants: clientGrants = [], connections = [], resource_servers: apis = [] } = seed;
  const { actions = [], rules = [], token_exchange_profiles: profiles = [] } = seed;
  const clientIds = clients.map(({ client_id: id }) => id);
  const audiences = [systemAudience, ...apis.map(({ identifier }) => identifier)];
  const grants = clientGrants.map(({ client_id: id, audience }) => `${id} for ${audience}`);
  const knownClients = new Set(clientIds);
  const knownAudiences = new Set(audiences);
  return [
    ...twice(clientIds).map((id) => `seed file: the client_id ${id} is used twice`),
    ...twice(audiences).map((identifier) => `seed file: the identifier ${identifier} is used twice`),
    ...twice(grants).map((grant) => `seed file: the client grant of ${grant} is there twice`),
    ...twice(actions.map(({ name }) => name)).map((name) => `seed file: the Action name ${name} is used twice`),
    ...twice(rules.map(({ name }) => name)).map((name) => `seed file: the Rule name ${name} is used twice`),
    ...twice(profiles.map(({ name }) => name)).map((name) => `seed file: the profile name ${name} is used twice`),
    ...twice(profiles.map(({ subject_token_type: type }) => type)).map(
      (type) => `seed file: the subject_token_type ${type} is used twice`,
    ),
    ...profiles.flatMap((profile) => problemsOfProfile(profile, actions)),
    ...connections.flatMap(({ name, enabled_clients: enabled = [] }) =>
      enabled
        .filter((id) => !knownClients.has(id))
        .map((id) => `seed file, connection ${name}: there is no client ${id}`),
    ),
    ...clientGrants.flatMap(({ client_id: id, audience }, index) => [
      ...(knownClients.has(id) ? [] : [`seed file, /client_grants/${index}: there is no client ${id}`]),
      ...(knownAudiences.has(audience) ? [] : [`seed file, /client_grants/${index}: there is no API ${audience}`]),
    ]),
  ];
}

function problemsOfProfile(
  { name, subject_token_type: type, action_name: actionName }: TokenExchangeProfileWire,
  actions: readonly ActionWire[],
): string[] {
  const typeProblem = problemOfSubjectTokenType(type);
  const action = actions.find((candidate) => candidate.name === actionName);
  const isRightTrigger = action?.supported_triggers[0]?.id === 'custom-token-exchange';
  return [
    ...(typeProblem === undefined ? [] : [`seed file, profile ${name}: the subject_token_type ${typeProblem}`]),
    ...(isRightTrigger ? [] : [`seed file, profile ${name}: there is no custom-token-exchange Action ${actionName}`]),
  ];
}

const twice = (names: readonly string[]): string[] => [
  ...new Set(names.filter((name, index) => names.indexOf(name) !== index)),
];
