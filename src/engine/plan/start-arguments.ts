/** From a definition to the arguments an instance is started with, and back. */
import { CommandLine, option, type Option } from '../../qemu/commandline/commandline';
import { propertiesOf } from '../../qemu/commandline/option-properties';
import { escapeValue } from '../../qemu/commandline/properties';
import { resolvePaths } from './absolute-paths';
import { instancePaths } from './instance-paths';

/** Id of the chardev of the engine's own monitor. */
export const monitorId = 'sidestep-monitor';

/** Options that say how a QEMU is started, not what it is: the engine sets them, or has no use for them. */
export const startupOptions: ReadonlySet<string> = new Set([
  'daemonize',
  'S',
  'incoming',
  'loadvm',
  'writeconfig',
  'dump-vmstate',
]);

/**
 * The arguments for the first start of a domain: its definition and the engine's monitor.
 * @throws CommandLineError
 */
export function startArguments(definition: readonly string[], directory: string): string[] {
  return CommandLine.of([
    ...CommandLine.parse(definition).options,
    ...engineMonitor(directory),
  ]).toArguments();
}

/**
 * What a running process's arguments (the program aside) say about its domain: paths absolute,
 * start-up options and the engine's monitor left out.
 * @throws CommandLineError
 */
export function definitionOf(argv: readonly string[], cwd: string): string[] {
  const options = CommandLine.parse(resolvePaths(argv, cwd)).options.filter(
    (candidate) => !startupOptions.has(candidate.name) && !isEngineMonitor(candidate),
  );
  return CommandLine.of(options).toArguments();
}

/** The monitor that the engine talks to an instance through. */
export function engineMonitor(directory: string): Option[] {
  const path = escapeValue(instancePaths(directory).monitor);
  return [
    option('chardev', `socket,id=${monitorId},path=${path},server=on,wait=off`),
    option('mon', `chardev=${monitorId},mode=control`),
  ];
}

/** The target waits for its migration; `cpr-transfer` has a second channel, for descriptors. */
export function incoming(cpr: boolean, directory: string): Option[] {
  const channel = {
    'channel-type': 'cpr',
    addr: { transport: 'socket', type: 'unix', path: instancePaths(directory).cpr },
  };
  return [
    option('incoming', 'defer'),
    ...(cpr ? [option('incoming', JSON.stringify(channel))] : []),
  ];
}

function isEngineMonitor(candidate: Option): boolean {
  if (candidate.name === 'chardev') return propertiesOf(candidate).get('id') === monitorId;
  return candidate.name === 'mon' && propertiesOf(candidate).get('chardev') === monitorId;
}
