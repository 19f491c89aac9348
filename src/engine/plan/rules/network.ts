/** Network backends: `-netdev`, `-nic`, `-net`. */
import type { Option } from '../../../qemu/commandline/commandline';
import { propertiesOf, withValue } from '../../../qemu/commandline/option-properties';
import type { Properties } from '../../../qemu/commandline/properties';
import type { Context } from '../context';
import { pathsIn } from '../path-places';
import type { Finding } from '../plan';
import { refusal, remarks, resource, shared, verdict, type Remarks, type Rule } from '../verdict';
import { bridge, tap } from './tap';
import { unknown } from './unknown';

export const network: Rule = (option, context) => {
  const properties = propertiesOf(option);
  const type = properties.get('type') ?? (option.name === 'nic' ? 'user' : '');
  if (type === 'user') return userNetwork(option, properties, context);
  if (type === 'tap') return tap(option, context);
  if (type === 'bridge') return bridge(option);
  if (guestSide.has(type)) return verdict(option);
  if (peers.has(type)) return verdict(option, remarks(peer(option, properties)));
  const reason = refusedTypes[type];
  if (reason === undefined) return unknown(option, context);
  return verdict(
    option,
    refusal(option, {
      kind: 'network',
      code: `NET_${type.replaceAll('-', '_').toUpperCase()}`,
      reason,
    }),
  );
};

export const userNetConnections: Finding = {
  code: 'USER_NET_CONNECTIONS',
  message:
    "Connections open through QEMU's user network end at the switchover: they live in the source's process.",
};

/** Nothing of the host. */
const guestSide = new Set(['none', 'nic', 'hubport']);

/** Talk to another process through a socket. */
const peers = new Set(['socket', 'stream', 'dgram']);

const refusedTypes: Readonly<Record<string, string>> = {
  vde: 'a port of a VDE switch belongs to one process',
  'vhost-user': 'the state of a vhost-user device lives in another process',
  'vhost-vdpa': 'a vDPA device serves one process only',
  'af-xdp': "an AF_XDP socket holds a queue of the host's network card",
  l2tpv3: 'the local end of an L2TPv3 tunnel is bound by the source',
  netmap: 'a netmap port serves one process only',
  passt: 'passt serves one QEMU only',
};

function userNetwork(option: Option, properties: Properties, context: Context) {
  const refusedForwards = properties.getAll('guestfwd').filter((rule) => !/-cmd:/.test(rule));
  const rules = properties.getAll('hostfwd');
  const id = properties.get('id') ?? freeId(option, context);
  const closed = properties.without('hostfwd');
  const target = rules.length === 0 || properties.has('id') ? closed : closed.with('id', id);
  return verdict(option, {
    target: [withValue(option, target)],
    ...remarks(
      {
        resources: rules.map((rule) =>
          resource(option, {
            kind: 'network',
            action: 'take-back',
            source: rule,
            target: undefined,
            reason: 'the port is busy until the source is gone',
          }),
        ),
        takeBacks: rules.map((rule) => ({
          by: 'hmp',
          what: 'forwarded port',
          to: rule,
          commandLine: `hostfwd_add ${id} ${rule}`,
          inverse: `hostfwd_remove ${id} ${rule.replace(/-[^-]*$/, '')}`,
        })),
        warnings: [userNetConnections],
      },
      ...refusedForwards.map((rule) =>
        refusal(option, {
          kind: 'network',
          source: rule,
          code: 'GUESTFWD',
          reason: 'a connection of the host that is forwarded to cannot be opened twice',
        }),
      ),
      {
        resources: properties
          .getAll('guestfwd')
          .filter((rule) => /-cmd:/.test(rule))
          .map((rule) =>
            shared(option, 'network', rule, 'a program that is started for each connection'),
          ),
      },
      {
        resources: pathsIn(option).map((path) =>
          shared(option, 'network', path, 'served to the guest by whoever runs it'),
        ),
      },
    ),
  });
}

/** A way to name the backend of `-nic` and `-net`: the guest does not see it. */
function freeId(option: Option, context: Context): string {
  const networks = context.definition.options.filter(({ name }) =>
    ['netdev', 'nic', 'net'].includes(name),
  );
  const taken = new Set(networks.map((other) => propertiesOf(other).get('id')));
  let number = Math.max(0, networks.indexOf(option));
  while (taken.has(`user${number}`)) number += networks.length;
  return `user${number}`;
}

function peer(option: Option, properties: Properties): Partial<Remarks> {
  const address = peerAddress(properties);
  const listens =
    properties.has('listen') ||
    properties.has('localaddr') ||
    properties.flag('server') === true ||
    properties.entries().some(({ key }) => key.startsWith('local.'));
  if (listens) {
    return refusal(option, {
      kind: 'network',
      code: 'NET_LISTENER',
      reason: 'the address is bound by the source, and QEMU has no command to bind it later',
    });
  }
  return {
    resources: addressesOf(properties).map((one) =>
      shared(option, 'network', one, 'the target connects there as well'),
    ),
    warnings: [
      {
        code: 'SECOND_CONNECTION',
        message: `${option.flag}: both instances are connected to ${address} during the migration, and a new connection stays.`,
      },
    ],
  };
}

function peerAddress(properties: Properties): string {
  return addressesOf(properties).join(', ');
}

/** `connect=host:port`, and the `SocketAddress` of stream and dgram. */
function addressesOf(properties: Properties): string[] {
  const legacy = ['listen', 'connect', 'mcast', 'udp', 'localaddr']
    .map((key) => properties.get(key))
    .filter((address) => address !== undefined);
  const modern = ['addr', 'local', 'remote'].flatMap((name) => {
    const path = properties.get(`${name}.path`);
    const port = properties.get(`${name}.port`);
    if (path !== undefined) return [path];
    return port === undefined ? [] : [`${properties.get(`${name}.host`) ?? ''}:${port}`];
  });
  return [...legacy, ...modern];
}
