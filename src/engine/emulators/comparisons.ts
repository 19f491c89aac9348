/** What one QEMU binary of a host lacks of what another has: found out once, then remembered on the host. */
import { createHash } from 'node:crypto';
import { join } from 'node:path/posix';
import * as v from 'valibot';
import { HostError } from '../../host/errors';
import type { Host } from '../../host/host';
import { compareStates } from '../../qemu/comparison/compare-states';
import {
  guestProbeCommand,
  guestProbeInput,
  parseGuestProbe,
  type GuestProbe,
  type GuestShape,
} from '../../qemu/comparison/guest-probe';
import { featuresInHelp, optionsInHelp } from '../../qemu/comparison/help';
import {
  dumpStatesCommand,
  parseDeviceStates,
  type DeviceStates,
} from '../../qemu/comparison/vmstate';
import { resolveMachine, type Emulator } from '../../qemu/emulator';
import type { EmulatorComparison } from '../plan/comparison';
import { guestShape } from '../plan/guest-shape';

const timeoutMs = 30_000;

/** Each of the two, and what tells one that was replaced. */
export interface ComparedBinary {
  readonly emulator: Emulator;
  readonly key: string;
}

const names = v.array(v.string());
/** What the binaries alone decide. */
const OfBinaries = v.object({
  options: names,
  states: v.record(
    v.string(),
    v.array(
      v.object({
        kind: v.picklist(['version', 'fields', 'subsection']),
        section: v.string(),
        detail: v.string(),
      }),
    ),
  ),
});
/** What depends on the guest. */
const OfGuest = v.object({
  types: names,
  properties: v.record(v.string(), names),
  cpuFeatures: names,
  failure: v.optional(v.string()),
});

export class EmulatorComparisons {
  readonly #known = new Map<string, unknown>();

  constructor(
    private readonly host: Host,
    /** Folder with a file for each comparison. */
    private readonly folder: string,
  ) {}

  /**
   * In one round trip if it was made before. What cannot be found out is as if there were no
   * difference.
   * @returns undefined for a binary and itself
   */
  async compare(
    source: ComparedBinary,
    target: ComparedBinary,
    definition: readonly string[],
    signal?: AbortSignal,
  ): Promise<EmulatorComparison | undefined> {
    const [from, to] = [source.emulator, target.emulator];
    if (from.path === to.path) return undefined;
    const shape = guestShape(definition, from);
    const isKnown = shape !== undefined && resolveMachine(to, shape.machine) !== undefined;
    const pair = [from.path, source.key, to.path, target.key];
    const [ofBinaries, ofGuest] = await Promise.all([
      this.#remembered(pair, OfBinaries, () => this.#compareBinaries(from, to, signal)),
      isKnown
        ? this.#remembered([...pair, shape], OfGuest, () =>
            this.#compareFor(shape, from, to, signal),
          )
        : undefined,
    ]);
    return {
      options: ofBinaries?.options ?? [],
      states: ofBinaries?.states ?? {},
      types: ofGuest?.types ?? [],
      properties: ofGuest?.properties ?? {},
      cpuFeatures: ofGuest?.cpuFeatures ?? [],
      failure: ofGuest?.failure,
    };
  }

  forget(): void {
    this.#known.clear();
  }

  async #remembered<const Schema extends v.GenericSchema>(
    about: readonly unknown[],
    schema: Schema,
    find: () => Promise<v.InferOutput<Schema>>,
  ): Promise<v.InferOutput<Schema> | undefined> {
    const digest = createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, 32);
    const path = join(this.folder, `compared-${digest}.json`);
    try {
      if (!this.#known.has(path)) this.#known.set(path, await this.#read(path));
      const before = v.safeParse(schema, this.#known.get(path));
      if (before.success) return before.output;
      const found = await find();
      this.#known.set(path, found);
      await this.host.files([{ op: 'write', path, data: JSON.stringify(found) }]);
      return found;
    } catch (error) {
      // To know less is no reason not to go on.
      if (error instanceof HostError && error.code === 'DISCONNECTED') throw error;
      return undefined;
    }
  }

  async #read(path: string): Promise<unknown> {
    const [data] = await this.host.files([{ op: 'read', path }]);
    try {
      return data && (JSON.parse(data.toString()) as unknown);
    } catch {
      return undefined;
    }
  }

  async #compareBinaries(
    from: Emulator,
    to: Emulator,
    signal: AbortSignal | undefined,
  ): Promise<v.InferOutput<typeof OfBinaries>> {
    const [known, there, sent, read] = await Promise.all([
      this.#options(from, signal),
      this.#options(to, signal),
      this.#states(from, signal),
      this.#states(to, signal),
    ]);
    return {
      options: there.size === 0 ? [] : [...known].filter((option) => !there.has(option)),
      states: Object.fromEntries(
        [...(sent && read ? compareStates(sent, read) : [])].map(([type, differences]) => [
          type,
          [...differences],
        ]),
      ),
    };
  }

  async #options(
    { path }: Emulator,
    signal: AbortSignal | undefined,
  ): Promise<ReadonlySet<string>> {
    const { stdout } = await this.#run([path, '-help'], '', signal);
    return optionsInHelp(stdout.toString());
  }

  async #states(
    { path }: Emulator,
    signal: AbortSignal | undefined,
  ): Promise<DeviceStates | undefined> {
    const { stdout } = await this.#run(dumpStatesCommand(path), '', signal);
    return parseDeviceStates(stdout.toString());
  }

  async #compareFor(
    shape: GuestShape,
    from: Emulator,
    to: Emulator,
    signal: AbortSignal | undefined,
  ): Promise<v.InferOutput<typeof OfGuest>> {
    const [here, there, help] = await Promise.all([
      this.#probe(from, shape, signal),
      this.#probe(to, shape, signal),
      this.#run([from.path, '-cpu', 'help'], '', signal),
    ]);
    // Of what not even the source's comes up with nothing can be told.
    if (!here.started) return { types: [], properties: {}, cpuFeatures: [] };
    if (!there.started) return { types: [], properties: {}, cpuFeatures: [], failure: there.words };
    const features = featuresInHelp(help.stdout.toString());
    return {
      ...lackingTypes(here, there),
      cpuFeatures: lackingFeatures(here, there).filter((name) => features.has(name)),
    };
  }

  async #probe(
    { path }: Emulator,
    shape: GuestShape,
    signal: AbortSignal | undefined,
  ): Promise<GuestProbe> {
    const argv = guestProbeCommand(path, shape);
    const { stdout, stderr } = await this.#run(argv, guestProbeInput(shape), signal);
    return parseGuestProbe(shape, stdout, stderr.toString());
  }

  #run(argv: readonly string[], stdin: string, signal: AbortSignal | undefined) {
    return this.host.run(argv, { stdin, timeoutMs, ...(signal && { signal }) });
  }
}

function lackingTypes(
  here: GuestProbe,
  there: GuestProbe,
): Pick<v.InferOutput<typeof OfGuest>, 'types' | 'properties'> {
  const known = [...here.properties];
  return {
    types: known.flatMap(([type]) => (there.properties.has(type) ? [] : type)),
    properties: Object.fromEntries(
      known.flatMap(([type, properties]) => {
        const others = there.properties.get(type);
        const lacking = [...properties].filter((name) => others?.has(name) === false);
        return lacking.length === 0 ? [] : [[type, lacking]];
      }),
    ),
  };
}

/** What the model stands for there, and what the accelerator leaves out of it. */
function lackingFeatures(here: GuestProbe, there: GuestProbe): string[] {
  const ofModel = [...(here.cpuFeatures ?? [])].filter(
    (feature) => there.cpuFeatures?.has(feature) === false,
  );
  const leftOut = [...there.cpuFeaturesLeftOut].filter(
    (feature) => !here.cpuFeaturesLeftOut.has(feature),
  );
  return [...new Set([...ofModel, ...leftOut])].filter(
    (feature) => !here.cpuFeaturesLeftOut.has(feature),
  );
}
