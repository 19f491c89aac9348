/** Chardevs on unix sockets and TCP. */
import type { Properties } from '../../../qemu/commandline/properties';
import type { Context } from '../context';
import { resource, shared } from '../verdict';
import {
  addressOf,
  kindOf,
  listening,
  refused,
  secondConnection,
  type Backend,
  type Chardev,
} from './chardev-backend';

export function socket(chardev: Chardev, context: Context): Backend {
  const { properties, option, use } = chardev;
  if (use === 'vhost-user') {
    return refused(
      'VHOST_USER',
      'the state of a vhost-user device lives in another process',
    )(chardev);
  }
  if (properties.flag('abstract') === true) {
    return refused(
      'ABSTRACT_SOCKET',
      'an abstract socket cannot be renamed: give it a path',
    )(chardev);
  }
  const address = addressOf(properties);
  if (properties.flag('server') !== true) {
    return {
      resources: [shared(option, kindOf(chardev), address, 'the target connects there as well')],
      warnings: [secondConnection(option, address)],
    };
  }
  if (properties.has('path')) return unixListener(chardev, context);
  return use === 'swappable' && properties.flag('mux') !== true
    ? tcpListener(chardev, context)
    : fixedTcpListener(chardev, context);
}

function unixListener(chardev: Chardev, context: Context): Backend {
  const { option, id, properties } = chardev;
  const to = properties.get('path') ?? '';
  const from = context.names.beside(to, chardev.fileName);
  return {
    properties: listening(properties, from),
    resources: [
      resource(option, {
        kind: kindOf(chardev),
        action: 'take-back',
        source: to,
        target: from,
        reason: 'a listener of its own for the overlap, renamed once the source is gone',
      }),
    ],
    takeBacks: [{ by: 'rename', what: `${kindOf(chardev)} ${id}`, from, to }],
  };
}

function tcpListener(chardev: Chardev, context: Context): Backend {
  const { option, id, properties } = chardev;
  const to = addressOf(properties);
  const overlap = context.names.socket(chardev.fileName);
  return {
    properties: listening(withoutTcp(properties), overlap),
    resources: [
      resource(option, {
        kind: kindOf(chardev),
        action: 'take-back',
        source: to,
        target: overlap,
        reason: 'the port is busy until the source is gone',
      }),
    ],
    takeBacks: [
      {
        by: 'qmp',
        what: `${kindOf(chardev)} ${id}`,
        to,
        command: 'chardev-change',
        arguments: { id, backend: { type: 'socket', data: socketBackend(properties) } },
      },
    ],
  };
}

/** QEMU does not let monitors, multiplexed chardevs and some devices change their chardev. */
function fixedTcpListener(chardev: Chardev, context: Context): Backend {
  const { option, id, properties } = chardev;
  const address = addressOf(properties);
  const path = context.names.socket(chardev.fileName);
  const isMonitor = kindOf(chardev) === 'monitor';
  return {
    properties: listening(withoutTcp(properties), path),
    resources: [
      resource(option, {
        kind: kindOf(chardev),
        action: 'unique',
        source: address,
        target: path,
        reason: 'the port is busy, and QEMU does not let this chardev change while it runs',
      }),
    ],
    warnings: [
      {
        code: isMonitor ? 'MONITOR_ADDRESS_MOVES' : 'CHARDEV_ADDRESS_MOVES',
        message: `The ${kindOf(chardev)} '${id}' at ${address} is at ${path} from then on: QEMU cannot move it back.`,
      },
    ],
  };
}

const tcpKeys = [
  ...['host', 'port', 'to', 'ipv4', 'ipv6', 'keep-alive', 'mptcp'],
  ...['telnet', 'tn3270', 'websocket', 'tls-creds', 'tls-authz', 'nodelay', 'delay'],
];

function withoutTcp(properties: Properties): Properties {
  return tcpKeys.reduce((rest, key) => rest.without(key), properties);
}

/** The listener as `ChardevSocket` of QAPI. */
function socketBackend(properties: Properties): Record<string, unknown> {
  const to = properties.get('to');
  return {
    addr: {
      type: 'inet',
      data: {
        host: properties.get('host') ?? '',
        port: properties.get('port') ?? '',
        ...(to === undefined ? {} : { to: Number(to) }),
        ...flags(properties, ['ipv4', 'ipv6', 'keep-alive', 'mptcp']),
      },
    },
    server: true,
    wait: false,
    ...flags(properties, ['telnet', 'tn3270', 'websocket', 'nodelay']),
    ...texts(properties, ['tls-creds', 'tls-authz', 'logfile']),
    ...(properties.has('logfile') ? { logappend: true } : {}),
  };
}

function flags(properties: Properties, keys: readonly string[]): Record<string, boolean> {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const flag = properties.flag(key);
      return flag === undefined ? [] : [[key, flag]];
    }),
  );
}

function texts(properties: Properties, keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const text = properties.get(key);
      return text === undefined ? [] : [[key, text]];
    }),
  );
}
