import type { CommandLine, Option } from '../../../qemu/commandline/commandline';
import { Properties } from '../../../qemu/commandline/properties';

/** Backends whose short form is their name. */
const bareBackends = new Set(['null', 'pty', 'stdio', 'msmouse', 'wctablet', 'braille', 'testdev']);

/**
 * What `-serial` and its like take (`tcp:host:port,server=on`, `mon:stdio`) as the value of the
 * `-chardev` that QEMU itself makes of it (`qemu_chr_parse_compat`).
 * @returns undefined for what makes no chardev of its own, or is not known
 */
export function parseShortForm(text: string, id: string): Properties | undefined {
  if (text.startsWith('mon:')) {
    const chardev = parseShortForm(text.slice('mon:'.length), id)?.with('mux', true);
    return chardev?.get('backend') === 'stdio' ? chardev.with('signal', false) : chardev;
  }
  const backend = (name: string) => Properties.parse(`${name},id=${id}`, 'backend');
  if (bareBackends.has(text)) return backend(text);
  if (text.startsWith('vc')) return backend('vc');
  if (text.startsWith('/dev/parport')) return backend('parallel').with('path', text);
  if (text.startsWith('/dev/')) return backend('serial').with('path', text);

  const [, kind = '', rest = ''] = /^([a-z0-9]+):(.*)$/s.exec(text) ?? [];
  switch (kind) {
    case 'file':
    case 'pipe':
    case 'pty':
      return backend(kind).with('path', rest);
    case 'unix':
      return withAll(backend('socket'), Properties.parse(rest, 'path'));
    case 'tcp':
      return tcp(backend('socket'), rest);
    case 'telnet':
    case 'tn3270':
    case 'websocket':
      return tcp(backend('socket'), rest)?.with(kind, true);
    case 'udp':
      return udp(backend('udp'), rest);
    default:
      return undefined;
  }
}

/** The id QEMU gives to the chardev of a short form: `serial0`, `compat_monitor0`. */
export function shortFormId(option: Option, definition: CommandLine): string {
  if (option.name === 'debugcon') return 'debugcon';
  const monitors = ['monitor', 'qmp', 'qmp-pretty'];
  const family = monitors.includes(option.name) ? monitors : [option.name];
  const counted = definition.options.filter(
    ({ name, value }) => family.includes(name) && !(name !== 'serial' && value === 'none'),
  );
  const index = Math.max(0, counted.indexOf(option));
  return `${family === monitors ? 'compat_monitor' : option.name}${index}`;
}

function tcp(backend: Properties, rest: string): Properties | undefined {
  const [, host = '', port, options = ''] = /^([^:]*):([^,]+),?(.*)$/s.exec(rest) ?? [];
  if (port === undefined) return undefined;
  return withAll(backend.with('host', host).with('port', port), Properties.parse(options));
}

function udp(backend: Properties, rest: string): Properties | undefined {
  const address = /^([^:]*):([^@,]+)(?:@([^:]*):([^,]+))?/.exec(rest);
  if (address === null) return undefined;
  const [, host = '', port = '', localAddress, localPort] = address;
  const remote = backend.with('host', host).with('port', port);
  return localPort === undefined
    ? remote
    : remote.with('localaddr', localAddress ?? '').with('localport', localPort);
}

function withAll(properties: Properties, more: Properties): Properties {
  return more.entries().reduce((all, { key, value }) => all.with(key, value), properties);
}
