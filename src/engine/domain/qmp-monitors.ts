/** The QMP monitors that a command line offers. */
import { CommandLine } from '../../qemu/commandline/commandline';
import { Properties } from '../../qemu/commandline/properties';

export interface QmpMonitor {
  /** The unix socket it listens on. */
  readonly path: string;
  /** Whether it spreads its messages over several lines. */
  readonly pretty: boolean;
}

/** Those on unix sockets, in the command line's order. */
export function qmpMonitors(definition: readonly string[]): QmpMonitor[] {
  const { options } = CommandLine.parse(definition);
  const control = new Map(
    options
      .filter(({ name }) => name === 'mon')
      .map(({ value }) => Properties.parse(value ?? '', 'chardev'))
      .filter((mon) => mon.get('mode') === 'control')
      .map((mon) => [mon.get('chardev'), mon.get('pretty') === 'on']),
  );
  return options.flatMap(({ name, value }) => {
    if (value === undefined) return [];
    if (name === 'qmp' || name === 'qmp-pretty') {
      const path = /^unix:(?<path>(?:,,|[^,])+)/.exec(value)?.groups?.['path'];
      return path === undefined
        ? []
        : [{ path: path.replaceAll(',,', ','), pretty: name === 'qmp-pretty' }];
    }
    if (name !== 'chardev') return [];
    const chardev = Properties.parse(value, 'backend');
    const pretty = control.get(chardev.get('id'));
    const path = chardev.get('path');
    return pretty === undefined || path === undefined ? [] : [{ path, pretty }];
  });
}
