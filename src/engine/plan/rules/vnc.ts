/** VNC displays. */
import type { Option } from '../../../qemu/commandline/commandline';
import { propertiesOf, withValue } from '../../../qemu/commandline/option-properties';
import type { Properties } from '../../../qemu/commandline/properties';
import type { Context } from '../context';
import type { Finding } from '../plan';
import { refusal, remarks, resource, verdict, type Remarks, type Rule } from '../verdict';
import { renamedSocket } from './display-socket';

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
  const moved =
    path === undefined
      ? tcpVnc(display, address, context)
      : renamedSocket(option, { what: 'VNC', listener, path });
  return verdict(option, {
    ...remarks(moved, { warnings: notCarried(option, properties) }),
    ...(context.handedBack && { warnings: [] }),
    target: [withValue(option, overlap(display))],
  });
};

interface Vnc {
  readonly option: Option;
  readonly properties: Properties;
  /** The unix socket for the overlap. */
  readonly listener: string;
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
