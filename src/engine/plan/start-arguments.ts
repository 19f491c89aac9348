/** From a definition to the arguments an instance is started with, and back. */
import { CommandLine, option, type Option } from '../../qemu/commandline/commandline';
import { propertiesOf } from '../../qemu/commandline/option-properties';
import { escapeValue } from '../../qemu/commandline/properties';
import { resolvePaths } from './absolute-paths';
import { instancePaths } from './instance-paths';

/** Ids of the chardevs of the monitors that the engine adds: its own, and one for the user. */
export const monitorId = 'sidestep-monitor';
export const consoleId = 'sidestep-console';

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
 * The arguments for the first start of a domain: its definition and the engine's monitors.
 * @throws CommandLineError
 */
export function startArguments(definition: readonly string[], directory: string): string[] {
  return CommandLine.of([
    ...CommandLine.parse(definition).options,
    ...engineMonitors(directory),
  ]).toArguments();
}

/**
 * What a running process's arguments (the program aside) say about its domain: paths absolute,
 * start-up options and the engine's monitors left out.
 * @throws CommandLineError
 */
export function definitionOf(argv: readonly string[], cwd: string): string[] {
  const options = CommandLine.parse(resolvePaths(argv, cwd)).options.filter(
    (candidate) => !startupOptions.has(candidate.name) && !isEngineMonitor(candidate),
  );
  return CommandLine.of(options).toArguments();
}

/** The monitor that the engine talks to an instance through, and one that is left to the user. */
export function engineMonitors(directory: string): Option[] {
  const { monitor, console } = instancePaths(directory);
  return [...qmpMonitor(monitorId, monitor), ...qmpMonitor(consoleId, console)];
}

function qmpMonitor(id: string, path: string): Option[] {
  return [
    option('chardev', `socket,id=${id},path=${escapeValue(path)},server=on,wait=off`),
    option('mon', `chardev=${id},mode=control`),
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
  const { name } = candidate;
  if (name !== 'chardev' && name !== 'mon') return false;
  const id = propertiesOf(candidate).get(name === 'chardev' ? 'id' : 'chardev');
  return id === monitorId || id === consoleId;
}
