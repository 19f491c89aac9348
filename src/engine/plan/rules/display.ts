/** Displays: VNC, windows, text terminals. */
import { option as makeOption, type Option } from '../../../qemu/commandline/commandline';
import { propertiesOf, withValue } from '../../../qemu/commandline/option-properties';
import type { Properties } from '../../../qemu/commandline/properties';
import type { Context } from '../context';
import { pathsIn } from '../path-places';
import type { Finding } from '../plan';
import {
  refusal,
  remarks,
  resource,
  shared,
  standsFor,
  verdict,
  type Remarks,
  type Rule,
  type Verdict,
} from '../verdict';
import { qemuDefaults } from './qemu-defaults';

/** `-vnc`, and `-display vnc=...`, which is the same. */
export const vnc: Rule = (option, context) => {
  const properties = propertiesOf(option);
  const address = properties.get('vnc') ?? '';
  if (address === 'none') return verdict(option);
  if (properties.flag('reverse') === true) {
    return verdict(
      option,
      refusal(option, {
        kind: 'display',
        code: 'VNC_REVERSE',
        reason: 'a reverse connection goes to one viewer, which would have to listen anew',
      }),
    );
  }
  const path = address.startsWith('unix:') ? address.slice('unix:'.length) : undefined;
  const { names } = context;
  const listener = path === undefined ? names.socket('vnc') : names.beside(path, 'vnc');
  const display = { option, properties, listener };
  const moved = path === undefined ? tcpVnc(display, address, context) : unixVnc(display, path);
  return verdict(option, {
    ...remarks(moved, { warnings: notCarried(option, properties) }),
    target: [withValue(option, overlap(display))],
  });
};

export const display: Rule = (option, context) => {
  const properties = propertiesOf(option);
  if (properties.has('vnc')) return vnc(option, context);
  const type = properties.get('type') ?? '';
  switch (type) {
    case 'none':
    case 'egl-headless':
      return verdict(option, {
        resources: pathsIn(option).map((path) =>
          shared(option, 'display', path, 'a GPU serves several processes'),
        ),
      });
    case 'curses':
      return textTerminal(option);
    case 'spice-app':
      return spice(option, context);
    default:
      return verdict(option, { warnings: [secondWindow(option)] });
  }
};

export const curses: Rule = (option) => textTerminal(option);

export const window: Rule = (option) => verdict(option, { warnings: [secondWindow(option)] });

export const spice: Rule = (option) =>
  verdict(
    option,
    refusal(option, {
      kind: 'display',
      code: 'SPICE',
      reason: 'a SPICE server cannot be moved while it runs: use VNC',
    }),
  );

/** What QEMU makes of `-nographic` (`qemu_create_default_devices`), written out. */
export const nographic: Rule = (option, context) => {
  const defaults = qemuDefaults(context.definition);
  const parts: Option[] = [
    makeOption('machine', 'graphics=off'),
    makeOption('display', 'none'),
    ...(defaults.parallel ? [makeOption('parallel', 'null')] : []),
    ...(defaults.serial ? [makeOption('serial', defaults.monitor ? 'mon:stdio' : 'stdio')] : []),
    ...(defaults.monitor && !defaults.serial ? [makeOption('monitor', 'stdio')] : []),
  ];
  return standsFor(option, parts.map(context.judge));
};

interface Vnc {
  readonly option: Option;
  readonly properties: Properties;
  /** The unix socket for the overlap. */
  readonly listener: string;
}

function unixVnc({ option, listener }: Vnc, path: string): Partial<Remarks> {
  return {
    resources: [
      resource(option, {
        kind: 'display',
        action: 'take-back',
        source: path,
        target: listener,
        reason: 'a listener of its own for the overlap, renamed once the source is gone',
      }),
    ],
    takeBacks: [{ by: 'rename', what: 'VNC', from: listener, to: path }],
  };
}

function tcpVnc({ option, properties, listener }: Vnc, address: string, context: Context) {
  const inet = inetAddress(option, properties, address, context);
  if (inet === undefined) {
    return refusal(option, {
      kind: 'display',
      code: 'VNC_ADDRESS',
      reason: 'no address of a VNC display',
    });
  }
  const to = `${inet.host}:${inet.port}`;
  const about = { kind: 'display', source: to, target: listener } as const;
  // `display-update` knows only the first display.
  if (vncDisplays(context)[0] !== option) {
    return {
      resources: [
        resource(option, {
          ...about,
          action: 'unique',
          reason: 'the port is busy, and QEMU moves only the first VNC display',
        }),
      ],
      warnings: [
        {
          code: 'VNC_ADDRESS_MOVES',
          message: `The VNC display at ${to} is at the unix socket ${listener} from then on: QEMU moves back only the first one.`,
        },
      ],
    };
  }
  return {
    resources: [
      resource(option, {
        ...about,
        action: 'take-back',
        reason: 'the port is busy until the source is gone',
      }),
    ],
    takeBacks: [
      {
        by: 'qmp',
        what: 'VNC',
        to,
        command: 'display-update',
        arguments: { type: 'vnc', addresses: [{ type: 'inet', ...inet }] },
      },
    ],
  } satisfies Partial<Remarks>;
}

/** `:7` listens on port 5907; with `to=` on the first free one from there on. */
function inetAddress(option: Option, properties: Properties, address: string, context: Context) {
  const [, host, display] = /^(.*):(\d+)$/s.exec(address) ?? [];
  if (host === undefined || display === undefined) return undefined;
  const index = vncDisplays(context).indexOf(option);
  const real = properties.has('to')
    ? context.source.evidence?.vncAddresses[index]?.split(':').at(-1)
    : undefined;
  const ipv4 = properties.flag('ipv4');
  const ipv6 = properties.flag('ipv6');
  return {
    host: host.replace(/^\[(.*)\]$/, '$1'),
    port: real ?? String(5900 + Number(display)),
    ...(ipv4 === undefined ? {} : { ipv4 }),
    ...(ipv6 === undefined ? {} : { ipv6 }),
  };
}

function overlap({ properties, listener }: Vnc): Properties {
  return ['to', 'ipv4', 'ipv6', 'websocket']
    .reduce((rest, key) => rest.without(key), properties)
    .with('vnc', `unix:${listener}`);
}

function notCarried(option: Option, properties: Properties): Finding[] {
  const findings: Finding[] = [];
  if (properties.has('websocket')) {
    findings.push({
      code: 'VNC_WEBSOCKET',
      message: `${option.flag}: the websocket listener ends with the source; QEMU has no command to open it again.`,
    });
  }
  if (properties.flag('password') === true) {
    findings.push({
      code: 'VNC_PASSWORD',
      message: `${option.flag}: a password set at the source's monitor has to be set again at the target's.`,
    });
  }
  return findings;
}

function vncDisplays(context: Context): Option[] {
  return context.definition.options.filter(
    (option) =>
      option.name === 'vnc' || (option.name === 'display' && propertiesOf(option).has('vnc')),
  );
}

function textTerminal(option: Option): Verdict {
  return verdict(option, {
    target: [makeOption('display', 'none')],
    resources: [
      resource(option, {
        kind: 'display',
        action: 'unique',
        source: 'terminal',
        target: 'none',
        reason: 'the target has no terminal',
      }),
    ],
    warnings: [
      {
        code: 'TEXT_DISPLAY_ENDS',
        message: `${option.flag}: the display on the source's terminal ends with the source.`,
      },
    ],
  });
}

function secondWindow(option: Option): Finding {
  const what = [option.flag, option.value].filter((part) => part !== undefined).join(' ');
  return {
    code: 'SECOND_WINDOW',
    message: `${what}: the target opens a window of its own, the source's closes.`,
  };
}
