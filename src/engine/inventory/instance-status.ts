/** What an instance's QEMU says of itself, as a text to be read. */
import * as v from 'valibot';
import { HostError } from '../../host/errors';
import type { ProcessFacts, ProcessIdentity } from '../../host/process';
import { quoteArguments } from '../../qemu/commandline/launch-script';
import { QmpError } from '../../qemu/qmp/errors';
import type { ConsoleTarget } from '../console';
import { splitProgram } from '../domain/qemu-process';
import { hasConsole } from './holdings';
import { InstanceMonitor } from '../instance-monitor';
import { optionLines } from '../plan/describe';
import type { StateFolder } from '../state/state-folder';
import { printable } from '../text/printable';
import { indented, readableLines } from '../text/readable';
import { formatUptime } from '../text/units';
import { untraced } from '../trace/trace';

/** Commands without arguments that tell what a machine is and does, in the order of the text. */
const questions: readonly {
  readonly command: string;
  readonly show?: (answer: unknown) => unknown;
}[] = [
  { command: 'query-status' },
  { command: 'query-name' },
  { command: 'query-uuid' },
  { command: 'query-version' },
  { command: 'query-kvm' },
  { command: 'query-memory-size-summary' },
  { command: 'query-cpus-fast', show: cpuSummary },
  { command: 'query-migrate' },
  { command: 'query-migrate-capabilities', show: enabledCapabilities },
  { command: 'query-block', show: blockSummary },
  { command: 'query-chardev' },
  { command: 'query-vnc' },
  { command: 'query-spice' },
  { command: 'query-iothreads' },
];

/**
 * Asked through the monitor left to the user where there is one, so that a migration under way is
 * not in the way.
 * @throws QmpError `MONITOR_BUSY` and others, HostError: no monitor of the instance answers
 */
export async function instanceStatus(
  state: StateFolder,
  { domain, instance }: ConsoleTarget,
  signal?: AbortSignal,
): Promise<string> {
  const { host } = state;
  const [facts] = await host.inspect([instance.process?.pid ?? 0]);
  const alive = facts?.startTime === instance.process?.startTime ? facts : undefined;
  const head = readableLines({
    domain: domain.name,
    uuid: domain.uuid,
    instance: instance.id,
    emulator: instance.emulator,
    process: alive === undefined ? 'has ended' : processSummary(alive),
    ...(alive && { 'up for': formatUptime(host.now() - alive.startedAt) }),
    monitor: instance.monitor,
  });
  const sections = alive === undefined ? [] : await ask(state, { domain, instance }, signal);
  return `${[head, ...sections].map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

async function ask(
  state: StateFolder,
  target: ConsoleTarget,
  signal: AbortSignal | undefined,
): Promise<string[][]> {
  const monitor = await firstFree(state, target, signal);
  try {
    return await Promise.all(
      questions.map(async ({ command, show = (answer) => answer }) => {
        const lines = await monitor.client.execute(command, undefined, { signal }).then(
          (answer) => readableLines(show(answer)),
          (error: unknown) => {
            signal?.throwIfAborted();
            return [
              error instanceof QmpError ? printable(error.desc ?? error.message) : String(error),
            ];
          },
        );
        return [command, ...indented(lines.length === 0 ? ['(nothing)'] : lines)];
      }),
    );
  } finally {
    monitor.close();
  }
}

async function firstFree(
  state: StateFolder,
  { domain, instance }: ConsoleTarget,
  signal: AbortSignal | undefined,
): Promise<InstanceMonitor> {
  const { host } = state;
  const connect = (monitor: string) =>
    InstanceMonitor.connect(host, { ...instance, monitor }, untraced(host), {
      ...(signal && { signal }),
    });
  const { console } = state.instancePaths(instance.id, domain);
  if (hasConsole(instance)) {
    try {
      return await connect(console);
    } catch (error) {
      signal?.throwIfAborted();
      // A console of the user's holds it.
      if (!(error instanceof QmpError) && !(error instanceof HostError)) throw error;
    }
  }
  return connect(instance.monitor);
}

function processSummary({ pid, uid, state }: ProcessFacts): string {
  return `pid ${pid}, state ${state}, user id ${uid}`;
}

const Cpus = v.array(v.object({ 'cpu-index': v.number(), 'thread-id': v.number() }));

function cpuSummary(answer: unknown): unknown {
  const cpus = v.safeParse(Cpus, answer);
  if (!cpus.success) return answer;
  return cpus.output.map((cpu) => `CPU ${cpu['cpu-index']}: thread ${cpu['thread-id']}`);
}

const Capabilities = v.array(v.object({ capability: v.string(), state: v.boolean() }));

function enabledCapabilities(answer: unknown): unknown {
  const capabilities = v.safeParse(Capabilities, answer);
  if (!capabilities.success) return answer;
  const on = capabilities.output.filter(({ state }) => state).map(({ capability }) => capability);
  return on.length === 0 ? '(none is on)' : on;
}

const Drives = v.array(
  v.object({
    device: v.string(),
    qdev: v.optional(v.string()),
    inserted: v.optional(
      v.object({
        file: v.string(),
        drv: v.string(),
        ro: v.boolean(),
        'node-name': v.optional(v.string()),
      }),
    ),
  }),
);

/** QEMU tells dozens of figures of each drive. */
function blockSummary(answer: unknown): unknown {
  const drives = v.safeParse(Drives, answer);
  if (!drives.success) return answer;
  return drives.output.map(({ device, qdev, inserted }) => ({
    device: device === '' ? (qdev ?? '?') : device,
    ...(inserted === undefined
      ? { medium: '(none)' }
      : {
          file: inserted.file,
          format: inserted.drv,
          access: inserted.ro ? 'read-only' : 'read-write',
        }),
  }));
}

interface StartedAs {
  readonly emulator: string;
  readonly process?: Pick<ProcessIdentity, 'pid' | 'argv'> | undefined;
}

/** The command line of an instance, one option a line; secrets are not shown. */
export function commandLineText({ emulator, process }: StartedAs): string {
  const options = process === undefined ? [] : optionLines(argumentsOf(process));
  return `${[quoteArguments([emulator]), ...options].join(' \\\n  ')}\n`;
}

function argumentsOf(process: NonNullable<StartedAs['process']>): readonly string[] {
  try {
    return splitProgram({ ...process, exe: undefined }).args;
  } catch {
    // Of a wrapper script that has not become QEMU when it was recorded.
    return process.argv.slice(1);
  }
}
