/** What the host's QEMU binaries can do: asked once of each, then remembered on the host. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { HostError } from '../../host/errors';
import type { FileStat } from '../../host/files';
import type { Host } from '../../host/host';
import type { Emulator } from '../../qemu/emulator';
import {
  parseProbe,
  parseSerializedEmulator,
  probeCommand,
  probeInput,
  serializeEmulator,
} from '../../qemu/emulator-probe';
import { diagnoseStart } from '../diagnosis/diagnose';
import { evidenceOf, type Diagnosis } from '../diagnosis/diagnosis';
import { notExecutable } from '../diagnosis/said/start';
import { asSidestepError, SidestepError, type SidestepErrorDetails } from '../errors';
import type { EmulatorComparison } from '../plan/comparison';
import { EmulatorComparisons } from './comparisons';

const probeTimeoutMs = 30_000;

/** What a binary can do, or why it cannot be told. */
export type FoundEmulator =
  | { readonly path: string; readonly emulator: Emulator; readonly error?: never }
  | { readonly path: string; readonly error: SidestepError; readonly emulator?: never };

interface Known {
  /** Size and time of change of the binary that was asked. */
  readonly key: string;
  readonly emulator: Emulator;
}

export class EmulatorCatalog {
  readonly #known = new Map<string, Known>();
  readonly #comparisons: EmulatorComparisons;

  constructor(
    private readonly host: Host,
    /** Folder with a file for each binary. */
    private readonly folder: string,
  ) {
    this.#comparisons = new EmulatorComparisons(host, folder);
  }

  /**
   * What each of these binaries can do, in one round trip if they were asked before and have not
   * changed (size, time of change) since.
   * @throws SidestepError `EMULATOR_MISSING`, `EMULATOR_FAILS`
   */
  async describe<const Paths extends readonly string[]>(
    paths: Paths,
    signal?: AbortSignal,
  ): Promise<{ [Index in keyof Paths]: Emulator }>;
  async describe(paths: readonly string[], signal?: AbortSignal): Promise<Emulator[]> {
    const found = await this.describeEach(paths, signal);
    return found.map(({ emulator, error }) => {
      if (emulator === undefined) throw error;
      return emulator;
    });
  }

  /** The same, where one that is missing or fails is no reason not to describe the others. */
  async describeEach(paths: readonly string[], signal?: AbortSignal): Promise<FoundEmulator[]> {
    const unique = [...new Set(paths)];
    // What is known here need not be read again.
    const toBeRead = unique.filter((path) => !this.#known.has(path));
    const facts = await this.host.files([
      ...unique.map((path) => ({ op: 'stat', path }) as const),
      ...toBeRead.map((path) => ({ op: 'read', path: this.#cachePath(path) }) as const),
    ]);
    const described = await Promise.all(
      unique.map(async (path, index) => {
        const stat = facts[index] as FileStat | undefined;
        const read = toBeRead.indexOf(path);
        const cached = read < 0 ? undefined : (facts[unique.length + read] as Buffer | undefined);
        return [path, await this.#describe(path, stat, cached, signal)] as const;
      }),
    );
    const byPath = new Map(described);
    return paths.flatMap((path) => byPath.get(path) ?? []);
  }

  async #describe(
    path: string,
    stat: FileStat | undefined,
    cached: Buffer | undefined,
    signal: AbortSignal | undefined,
  ): Promise<FoundEmulator> {
    if (stat?.kind !== 'file') return { path, error: missing(path) };
    if (!stat.executable) return { path, error: asError(notExecutable(path), { path }) };
    const key = `${stat.size} ${stat.mtimeMs}`;
    const before = this.#known.get(path);
    try {
      const emulator =
        before?.key === key
          ? before.emulator
          : (readCached(cached, key) ?? (await this.#probe(path, key, signal)));
      this.#known.set(path, { key, emulator });
      return { path, emulator };
    } catch (error) {
      signal?.throwIfAborted();
      return { path, error: asSidestepError(error) };
    }
  }

  /**
   * What the target's emulator lacks of what the source's has, for a guest of this definition; in one
   * round trip if that was found out before.
   * @param source one that was described here, as `target` is
   * @returns undefined for a binary and itself
   */
  async compare(
    source: Emulator,
    target: Emulator,
    definition: readonly string[],
    signal?: AbortSignal,
  ): Promise<EmulatorComparison | undefined> {
    const keyOf = ({ path }: Emulator) => this.#known.get(path)?.key ?? '';
    return this.#comparisons.compare(
      { emulator: source, key: keyOf(source) },
      { emulator: target, key: keyOf(target) },
      definition,
      signal,
    );
  }

  /** Whatever was remembered is asked again. */
  async forget(): Promise<void> {
    this.#known.clear();
    this.#comparisons.forget();
    await this.host.files([
      { op: 'remove', path: this.folder },
      { op: 'mkdir', path: this.folder },
    ]);
  }

  /** The full path of a program given by name, searched on the host's PATH; a path is itself. */
  async locate(program: string, signal?: AbortSignal): Promise<string> {
    if (program.includes('/')) return program;
    const found = await this.host.run(['sh', '-c', 'command -v -- "$1"', 'sh', program], {
      ...(signal && { signal }),
    });
    const path = found.stdout.toString().trim();
    if (found.status !== 0 || !path.startsWith('/')) throw missing(program);
    return path;
  }

  async #probe(path: string, key: string, signal: AbortSignal | undefined): Promise<Emulator> {
    try {
      const { stdout, stderr, status, killedBy } = await this.host.run(probeCommand(path), {
        stdin: probeInput(),
        timeoutMs: probeTimeoutMs,
        ...(signal && { signal }),
      });
      if (status !== 0) {
        const how = killedBy === undefined ? `status ${String(status)}` : `signal ${killedBy}`;
        throw fails(path, `it ended with ${how}`, stderr.toString());
      }
      const emulator = parseProbe(path, stdout.toString());
      const data = JSON.stringify({ key, emulator: serializeEmulator(emulator) });
      await this.host.files([{ op: 'write', path: this.#cachePath(path), data }]);
      return emulator;
    } catch (error) {
      if (error instanceof SidestepError || signal?.aborted === true) throw error;
      if (error instanceof HostError && error.code === 'NO_SUCH_FILE') throw missing(path);
      throw fails(path, error instanceof Error ? error.message : String(error));
    }
  }

  #cachePath(path: string): string {
    const digest = createHash('sha256').update(path).digest('hex').slice(0, 32);
    return join(this.folder, `${digest}.json`);
  }
}

/** A cache entry that is none, or of another binary, is no failure: the binary is asked again. */
function readCached(data: Buffer | undefined, key: string): Emulator | undefined {
  if (data === undefined) return undefined;
  try {
    const entry: unknown = JSON.parse(data.toString());
    if (typeof entry !== 'object' || entry === null) return undefined;
    if (!('key' in entry) || entry.key !== key || !('emulator' in entry)) return undefined;
    return typeof entry.emulator === 'string' ? parseSerializedEmulator(entry.emulator) : undefined;
  } catch {
    return undefined;
  }
}

function missing(path: string): SidestepError {
  return new SidestepError('EMULATOR_MISSING', `There is no emulator ${path} on the host.`, {
    hint: 'Give the full path of a QEMU binary, such as /usr/bin/qemu-system-x86_64.',
    path,
  });
}

function fails(path: string, why: string, output = ''): SidestepError {
  const said = output.trim();
  const details = { path, ...(said !== '' && { output: said }) };
  const instance = { name: path, emulator: path, output: said, hasEnded: true, exit: undefined };
  const diagnosis = diagnoseStart(evidenceOf(instance));
  if (diagnosis !== undefined) return asError(diagnosis, details);
  return new SidestepError('EMULATOR_FAILS', `${path} does not answer as a QEMU does: ${why}.`, {
    hint: 'Run it by hand with `-machine none -nodefaults -display none -qmp stdio` to see why.',
    ...details,
  });
}

function asError({ code, message, hint }: Diagnosis, details: SidestepErrorDetails): SidestepError {
  return new SidestepError(code, message, { ...details, hint });
}
