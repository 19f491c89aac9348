/** What both instances have written, kept in the trace of a migration that failed: their files go. */
import type { Host } from '../../host/host';
import { CommandLine } from '../../qemu/commandline/commandline';
import { isHostLost } from './failures';
import type { Migration } from './migration';

/** Of each file, its end. */
const keptBytes = 64 * 1024;

interface Log {
  readonly instance: number;
  readonly path: string;
}

/** What the target printed is in the trace already. */
export async function keepLogs(m: Migration): Promise<void> {
  const logs = logsOf(m);
  const texts = await Promise.all(logs.map(({ path }) => endOf(m.host, path)));
  for (const [index, log] of logs.entries()) {
    const text = texts[index] ?? '';
    if (text !== '') m.trace.add({ type: 'output', ...log, text });
  }
}

/** Empty if there is none. */
async function endOf(host: Host, path: string): Promise<string> {
  try {
    const { stdout } = await host.run(['tail', '-c', String(keptBytes), '--', path]);
    return stdout.toString();
  } catch (error) {
    if (isHostLost(error)) throw error;
    return '';
  }
}

function logsOf(m: Migration): Log[] {
  const source = m.sourceInstance.id;
  const { arguments: args } = m.planned?.plan ?? {};
  const target = m.cookies.target?.instance.id;
  return [
    { instance: source, path: m.state.instancePaths(source, m.domain).output },
    ...logOptions(args?.source ?? []).map((path) => ({ instance: source, path })),
    ...(target === undefined ? [] : logOptions(args?.target ?? [])).map((path) => ({
      instance: target ?? source,
      path,
    })),
  ];
}

/** `-D FILE` */
function logOptions(argv: readonly string[]): string[] {
  return CommandLine.parse(argv).options.flatMap(({ name, value }) =>
    name === 'D' && value !== undefined ? value : [],
  );
}
