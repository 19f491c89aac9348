/**
 * Which QEMU a process runs, and which one is installed in its place since: after an upgrade of the
 * package the binary on the disk is another than the one that runs.
 */
import type { Host } from '../../host/host';
import type { ProcessFacts } from '../../host/process';
import { parseVersion, type QemuVersion } from '../../qemu/version';
import { splitProgram } from '../domain/qemu-process';
import type { EmulatorCatalog } from '../emulators/catalog';

export interface RunningEmulator {
  /** As it was started: a path, possibly of a wrapper script. */
  readonly path: string;
  /** Of the process; undefined where it cannot be told, for it is another user's or does not answer. */
  readonly version: QemuVersion | undefined;
  /** Of what is at the path now, if that is another one than the process runs. */
  readonly installed: QemuVersion | undefined;
}

/** All of them together, in ms. */
const timeoutMs = 30_000;

/**
 * A process's binary can be run as long as the process lives, also when it has been removed. Many
 * processes run the same one, which is asked once.
 */
const script = `
asked=' '
for pid do
  binary=$(stat -L -c %d:%i "/proc/$pid/exe" 2> /dev/null) || continue
  printf '\\n@%s %s@\\n' "$pid" "$binary"
  case $asked in *" $binary "*) continue ;; esac
  asked="$asked$binary "
  "/proc/$pid/exe" --version < /dev/null 2> /dev/null
done`;

export class RunningEmulators {
  /** Those that run removed binaries, by process: what runs does not change. */
  readonly #removed = new Map<string, QemuVersion | undefined>();

  constructor(
    private readonly host: Host,
    private readonly catalog: EmulatorCatalog,
  ) {}

  /** In one round trip, if the binaries are known; undefined for a process that is no QEMU. */
  async of(
    processes: readonly ProcessFacts[],
    signal?: AbortSignal,
  ): Promise<(RunningEmulator | undefined)[]> {
    const paths = processes.map(emulatorPath);
    const [described] = await Promise.all([
      this.catalog.describeEach(
        paths.flatMap((path) => path ?? []),
        signal,
      ),
      this.#askRemoved(processes, signal),
    ]);
    const installed = new Map(described.map(({ path, emulator }) => [path, emulator]));
    return processes.map((process, index) => {
      const path = paths[index];
      if (path === undefined) return undefined;
      const found = installed.get(path);
      if (process.exe === undefined) return { path, version: undefined, installed: undefined };
      if (!isRemoved(process)) return { path, version: found, installed: undefined };
      const version = this.#removed.get(keyOf(process));
      const isSame = version?.version === found?.version && version?.package === found?.package;
      return { path, version, installed: isSame ? undefined : found };
    });
  }

  async #askRemoved(
    processes: readonly ProcessFacts[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const asked = processes.filter((each) => isRemoved(each) && !this.#removed.has(keyOf(each)));
    if (asked.length === 0) return;
    const pids = asked.map(({ pid }) => String(pid));
    const { stdout } = await this.host.run(['sh', '-c', script, 'sidestep-version', ...pids], {
      timeoutMs,
      ...(signal && { signal }),
    });
    const versions = versionsIn(stdout.toString());
    for (const process of asked) this.#removed.set(keyOf(process), versions.get(process.pid));
  }
}

/** By pid; exported for its tests. */
export function versionsIn(stdout: string): Map<number, QemuVersion | undefined> {
  const byBinary = new Map<string, QemuVersion | undefined>();
  return new Map(
    [...stdout.matchAll(/^@(\d+) (\S+)@\n([^@]*)/gm)].map(([, pid, binary = '', answer = '']) => {
      if (!byBinary.has(binary)) byBinary.set(binary, parseVersion(answer));
      return [Number(pid), byBinary.get(binary)];
    }),
  );
}

function emulatorPath(process: ProcessFacts): string | undefined {
  try {
    return splitProgram(process).emulator;
  } catch {
    return undefined;
  }
}

function isRemoved({ exe }: ProcessFacts): boolean {
  return exe?.endsWith(' (deleted)') === true;
}

function keyOf({ pid, startTime }: ProcessFacts): string {
  return `${pid} ${startTime}`;
}
