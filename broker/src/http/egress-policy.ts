import ipaddr from 'ipaddr.js';

/*
 * Which addresses the broker may connect to. Pure: guarded-fetch asks it at the moment of connecting.
 *
 * Public addresses: https on port 443 or 80. Everything else (plain http, another port, an address that is not public,
 * a name that only means something on a local network) needs an entry of PORTICO_EGRESS_ALLOW, comma-separated:
 *
 *   127.0.0.1:4000     one address and port          10.1.0.0/16:8443   a range and a port
 *   [::1]:3001         the same for IPv6             10.1.0.0/16        a range, ports 80 and 443
 *   localhost:*        127.0.0.1 and ::1, any port   api.acme.test:8080 a name; its addresses must be public or allowed
 *   loopback           all of 127.0.0.0/8, ::1 and localhost, any port
 */

/** `web`: ports 80 and 443. */
type Ports = number | 'any' | 'web';
type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

export type EgressEntry =
  | { readonly kind: 'range'; readonly range: Range; readonly ports: Ports }
  | { readonly kind: 'name'; readonly name: string; readonly ports: Ports };

/** `name` is lower-case, without brackets and trailing dot. */
export type Destination = { readonly isSecure: boolean; readonly name: string; readonly port: number };

export type EgressPolicy = {
  /** Asked before a name is looked up: false where no answer could make it allowed. */
  mayLookUp(destination: Destination): boolean;
  /** Asked for every address that the name has, and for the one that the socket got. */
  mayConnect(destination: Destination, address: string): boolean;
};

export function parseEgressAllow(text: string): {
  readonly entries: readonly EgressEntry[];
  readonly problems: readonly string[];
} {
  const entries: EgressEntry[] = [];
  const problems: string[] = [];
  for (const item of text.split(',').map((part) => part.trim().toLowerCase())) {
    if (item === '') continue;
    const parsed = parseItem(item);
    if (parsed) entries.push(...parsed);
    else problems.push(`"${item}" is not an address, a range, a host name or "loopback", with an optional :port or :*`);
  }
  return { entries, problems };
}

export function createEgressPolicy(entries: readonly EgressEntry[]): EgressPolicy {
  const names = new Map<string, Ports[]>();
  const ranges: { readonly range: Range; readonly ports: Ports }[] = [];
  for (const entry of entries) {
    if (entry.kind === 'range') ranges.push(entry);
    else names.set(entry.name, [...(names.get(entry.name) ?? []), entry.ports]);
  }
  const hasName = ({ name, port }: Destination): boolean =>
    names.get(name)?.some((ports) => includesPort(ports, port)) ?? false;
  const hasAddress = (address: ipaddr.IPv4 | ipaddr.IPv6, port: number): boolean =>
    ranges.some(({ range, ports }) => includesPort(ports, port) && isWithin(address, range));
  const mayBePublic = (destination: Destination): boolean =>
    hasName(destination) ||
    (destination.isSecure && includesPort('web', destination.port) && !isLocalName(destination.name));

  return {
    mayLookUp: (destination) =>
      isHostName(destination.name) &&
      (mayBePublic(destination) || ranges.some(({ ports }) => includesPort(ports, destination.port))),
    mayConnect(destination, address) {
      // A zone (`fe80::1%eth0`) names a local interface, so it is never public and never listed.
      if (!ipaddr.isValid(address) || address.includes('%')) return false;
      const parsed = ipaddr.parse(address);
      return hasAddress(parsed, destination.port) || (isPublic(parsed) && mayBePublic(destination));
    },
  };
}

const globalUnicast: Range = [ipaddr.parse('2000::'), 3];

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  // IPv6: forms that carry an IPv4 address (mapped, NAT64, 6to4, Teredo) are ranges of their own and thus not unicast.
  return address.range() === 'unicast' && (address.kind() === 'ipv4' || isWithin(address, globalUnicast));
}

function isWithin(address: ipaddr.IPv4 | ipaddr.IPv6, range: Range): boolean {
  return address.kind() === range[0].kind() && address.match(range[0], range[1]);
}

function includesPort(ports: Ports, port: number): boolean {
  if (ports === 'any') return true;
  return ports === 'web' ? port === 443 || port === 80 : ports === port;
}

const localSuffixes = [
  'localhost',
  'local',
  'localdomain',
  'internal',
  'intranet',
  'lan',
  'home',
  'corp',
  'arpa',
  'svc',
];

/** Names of a machine, a cluster or a cloud's metadata service. A public address behind one is no reason to go there. */
function isLocalName(name: string): boolean {
  const labels = name.split('.');
  return labels.length === 1 ? !ipaddr.isValid(name) : localSuffixes.includes(labels.at(-1) ?? '');
}

const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

function isHostName(name: string): boolean {
  return name.length <= 253 && name.split('.').every((part) => label.test(part));
}

function parseItem(item: string): readonly EgressEntry[] | undefined {
  if (item === 'loopback') return loopbackEntries;
  const match = /^(\[[^\]]*\](?:\/\d+)?|[^:]*)(?::(\*|\d{1,5}))?$/.exec(item);
  // An IPv6 address may stand without brackets as long as no port follows.
  const host = match ? (match[1] ?? '') : item;
  const ports = toPorts(match?.[2]);
  if (ports === undefined) return undefined;
  const range = toRange(host);
  if (range) return [{ kind: 'range', range, ports }];
  if (host === 'localhost') return localhostEntries(ports);
  const isName = isHostName(host) && !/^[\d.]+$/.test(host);
  return isName ? [{ kind: 'name', name: host, ports }] : undefined;
}

function toPorts(text: string | undefined): Ports | undefined {
  if (text === undefined) return 'web';
  if (text === '*') return 'any';
  const port = Number(text);
  return port >= 1 && port <= 65_535 ? port : undefined;
}

function toRange(host: string): Range | undefined {
  const [address = '', bits] = host.replace(/^\[([^[\]]*)\]/, '$1').split('/', 2);
  // ipaddr.js reads short and octal IPv4 forms too; in a policy they would hide what is meant.
  if (!ipaddr.IPv4.isValidFourPartDecimal(address) && !(/^[\d.:a-f]+$/.test(address) && ipaddr.IPv6.isValid(address))) {
    return undefined;
  }
  const parsed = ipaddr.parse(address);
  const most = parsed.kind() === 'ipv4' ? 32 : 128;
  if (bits === undefined) return [parsed, most];
  return /^\d+$/.test(bits) && Number(bits) <= most ? [parsed, Number(bits)] : undefined;
}

/** `localhost` is these two addresses by RFC 6761, so that naming it allows them. */
function localhostEntries(ports: Ports): readonly EgressEntry[] {
  return [
    { kind: 'name', name: 'localhost', ports },
    { kind: 'range', range: [ipaddr.parse('127.0.0.1'), 32], ports },
    { kind: 'range', range: [ipaddr.parse('::1'), 128], ports },
  ];
}

const loopbackEntries: readonly EgressEntry[] = [
  ...localhostEntries('any'),
  { kind: 'range', range: [ipaddr.parse('127.0.0.0'), 8], ports: 'any' },
];
