/** SPICE servers. QEMU opens one when it starts, and has no command that moves it. */
import type { Option } from '../../../qemu/commandline/commandline';
import { propertiesOf, withValue } from '../../../qemu/commandline/option-properties';
import type { Properties } from '../../../qemu/commandline/properties';
import type { Finding } from '../plan';
import { resource, verdict, type Rule } from '../verdict';
import { renamedSocket } from './display-socket';

export const spice: Rule = (option, { names, handedBack }) => {
  const properties = propertiesOf(option);
  const warnings = handedBack ? [] : notCarried(option, properties);
  const path = properties.flag('unix') === true ? properties.get('addr') : undefined;
  const ports = portsOf(properties);
  if (path === undefined && ports.length === 0) return verdict(option, { warnings });
  const listener = path === undefined ? names.socket('spice') : names.beside(path, 'spice');
  const target = [withValue(option, onSocket(properties, listener))];
  if (path !== undefined) {
    const moved = renamedSocket(option, { what: 'SPICE', listener, path });
    return verdict(option, { ...moved, warnings, target });
  }
  return verdict(option, {
    target,
    resources: [
      resource(option, {
        kind: 'display',
        action: 'unique',
        source: ports.join(', '),
        target: listener,
        reason: 'the port is busy, and QEMU has no command that moves a SPICE server',
      }),
    ],
    warnings: [...(handedBack ? [] : [movesTo(listener, ports)]), ...warnings],
  });
};

/** Where a SPICE server listens, in words. */
function portsOf(properties: Properties): string[] {
  const at = (key: string) => {
    const port = properties.get(key);
    return port === undefined || port === '0' ? [] : [`${properties.get('addr') ?? ''}:${port}`];
  };
  return [...at('port'), ...at('tls-port').map((address) => `${address} (TLS)`)];
}

/** Without TLS, whose channels QEMU takes only where there is a port for it: the socket's folder is private. */
function onSocket(properties: Properties, listener: string): Properties {
  return ['port', 'tls-port', 'tls-channel', 'ipv4', 'ipv6', 'addr', 'unix']
    .reduce((rest, key) => rest.without(key), properties)
    .with('unix', true)
    .with('addr', listener);
}

function notCarried({ flag }: Option, properties: Properties): Finding[] {
  const isOpen = properties.flag('disable-ticketing') === true || properties.flag('sasl') === true;
  if (isOpen || properties.has('password') || properties.has('password-secret')) return [];
  return [
    {
      code: 'SPICE_PASSWORD',
      message: `${flag}: a password set at the source's monitor has to be set again at the target's.`,
    },
  ];
}

function movesTo(listener: string, ports: readonly string[]): Finding {
  return {
    code: 'SPICE_ADDRESS_MOVES',
    message: `The SPICE server at ${ports.join(' and ')} is at the unix socket ${listener} from then on: QEMU has no command that moves it back.`,
  };
}
