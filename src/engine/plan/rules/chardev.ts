/** Chardevs, and the options that make one of their own: `-serial`, `-monitor`, `-qmp` ... */
import { option as makeOption, type Option } from '../../../qemu/commandline/commandline';
import type { Properties } from '../../../qemu/commandline/properties';
import type { Context } from '../context';
import type { ResourceKind } from '../plan';
import {
  propertiesOf,
  refusal,
  remarks,
  resource,
  shared,
  verdict,
  withValue,
  type Remarks,
  type Rule,
} from '../verdict';
import { chardevUse, useOfShortForm, type ChardevUse } from './chardev-use';
import { parseShortForm, shortFormId } from './short-form';
import { unknown } from './unknown';

interface Chardev {
  /** The option that makes it. */
  readonly option: Option;
  readonly id: string;
  /** What its socket is to be called. */
  readonly fileName: string;
  readonly use: ChardevUse;
  readonly properties: Properties;
}

interface Backend extends Partial<Remarks> {
  /** The chardev as the target has it; as at the source if absent. */
  readonly properties?: Properties;
}

export const chardev: Rule = (option, context) => {
  const properties = propertiesOf(option);
  const id = properties.get('id') ?? '';
  const use = chardevUse(context.definition, id);
  const plan = planChardev({ option, id, fileName: `chardev-${id}`, use, properties }, context);
  return verdict(option, { ...plan, target: [withValue(option, plan.properties)] });
};

/**
 * What changes is written as a `-chardev` with the id that QEMU gives it anyway, so that the
 * monitor finds it under the same name.
 */
export const shortForm: Rule = (option, context) => {
  const text = option.value ?? '';
  if (text === 'none' || text.startsWith('chardev:')) return verdict(option);
  const id = shortFormId(option, context.definition);
  const properties = parseShortForm(text, id);
  if (properties === undefined) return unknown(option, context);

  const use = useOfShortForm(option.name);
  const plan = planChardev({ option, id, fileName: id, use, properties }, context);
  if (plan.properties === properties) return verdict(option, plan);
  const hasMonitor = use !== 'monitor' && properties.flag('mux') === true;
  return verdict(option, {
    ...plan,
    target: [
      makeOption('chardev', plan.properties.toString()),
      withValue(option, `chardev:${id}`),
      ...(hasMonitor ? [makeOption('mon', `chardev=${id},mode=readline`)] : []),
    ],
  });
};

const backends: Readonly<Record<string, (chardev: Chardev, context: Context) => Backend>> = {
  socket,
  udp,
  file,
  stdio,
  pty,
  pipe: refused('PIPE', 'what is written to a pipe would be split between the two instances'),
  serial: refused('HOST_DEVICE', 'a serial port of the host serves one process only'),
  parallel: refused('HOST_DEVICE', 'a parallel port of the host serves one process only'),
  spicevmc: refused('SPICE', 'a SPICE server cannot be moved while it runs'),
  spiceport: refused('SPICE', 'a SPICE server cannot be moved while it runs'),
};

const otherNames: Readonly<Record<string, string>> = { tty: 'serial', parport: 'parallel' };

function planChardev(chardev: Chardev, context: Context): Remarks & { properties: Properties } {
  const name = chardev.properties.get('backend') ?? '';
  const backend = backends[otherNames[name] ?? name]?.(chardev, context) ?? {};
  const log = appendLog(chardev, backend.properties ?? chardev.properties);
  return { ...remarks(backend, log), properties: log.properties };
}

function socket(chardev: Chardev, context: Context): Backend {
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
  const from = context.names.socket(chardev.fileName);
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

function udp(chardev: Chardev): Backend {
  const { option, properties } = chardev;
  if (properties.has('localport')) {
    return refused('UDP_LISTENER', 'the local UDP port is bound by the source')(chardev);
  }
  const address = addressOf(properties);
  return {
    resources: [shared(option, kindOf(chardev), address, 'the target sends there as well')],
    warnings: [secondConnection(option, address)],
  };
}

function file(chardev: Chardev): Backend {
  const { option, properties } = chardev;
  const input = properties.get('input-path');
  return {
    properties: properties.with('append', true),
    resources: [
      shared(option, kindOf(chardev), properties.get('path') ?? '', appendReason),
      ...(input === undefined ? [] : [shared(option, kindOf(chardev), input, 'only read')]),
    ],
  };
}

function stdio(chardev: Chardev, context: Context): Backend {
  const { option, id, properties } = chardev;
  const path = context.names.socket(chardev.fileName);
  return {
    properties: listening(properties.with('backend', 'socket').without('signal'), path),
    resources: [
      resource(option, {
        kind: kindOf(chardev),
        action: 'unique',
        source: 'stdio',
        target: path,
        reason: 'the target has no terminal',
      }),
    ],
    warnings: [
      {
        code: 'CONSOLE_MOVES',
        message: `What '${id}' has on the source's terminal is at the unix socket ${path} from then on.`,
      },
    ],
  };
}

function pty(chardev: Chardev, context: Context): Backend {
  const { option, id, properties } = chardev;
  const to = properties.get('path');
  const from = to === undefined ? undefined : context.names.file(chardev.fileName, '.pty');
  return {
    ...(from === undefined ? {} : { properties: properties.with('path', from) }),
    resources: [
      resource(option, {
        kind: kindOf(chardev),
        action: from === undefined ? 'unique' : 'take-back',
        source: to ?? 'pty',
        target: from ?? 'pty',
        reason: 'each instance opens a pseudo terminal of its own',
      }),
    ],
    takeBacks:
      from === undefined || to === undefined
        ? []
        : [{ by: 'rename', what: `${kindOf(chardev)} ${id}`, from, to }],
    warnings: [
      {
        code: 'PTY_MOVES',
        message: `'${id}' is another pseudo terminal from then on: its users have to open it anew.`,
      },
    ],
  };
}

function refused(code: string, reason: string): (chardev: Chardev) => Backend {
  return (chardev) => refusal(chardev.option, { kind: kindOf(chardev), code, reason });
}

const appendReason =
  'appended to by both in turn: the source writes only before the switchover, the target only after';

function appendLog(
  chardev: Chardev,
  properties: Properties,
): Partial<Remarks> & { properties: Properties } {
  const path = properties.get('logfile');
  if (path === undefined) return { properties };
  return {
    properties: properties.with('logappend', true),
    resources: [shared(chardev.option, 'log', path, appendReason)],
  };
}

/** A listener that does not keep its QEMU waiting for somebody to connect. */
function listening(properties: Properties, path: string): Properties {
  return properties.with('path', path).with('server', true).with('wait', false);
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

function kindOf({ use }: Chardev): ResourceKind & ('monitor' | 'chardev') {
  return use === 'monitor' ? 'monitor' : 'chardev';
}

function addressOf(properties: Properties): string {
  const path = properties.get('path');
  if (path !== undefined) return path;
  const port = properties.get('port');
  if (port !== undefined) return `${properties.get('host') ?? ''}:${port}`;
  return properties.get('backend') ?? '';
}

function secondConnection(option: Option, address: string) {
  return {
    code: 'SECOND_CONNECTION',
    message: `${option.flag}: both instances are connected to ${address} during the migration, and a new connection stays.`,
  };
}
