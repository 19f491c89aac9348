/**
 * Asks an emulator what a guest would have of it: its machine and CPU are started with nothing in it,
 * and it is asked for the properties of the devices that the guest has.
 */
import * as v from 'valibot';
import { probeCommand } from '../emulator-probe';
import { JsonSplitter } from '../qmp/framing';
import { parseMessage } from '../qmp/messages';

/** What of a command line decides what is asked. */
export interface GuestShape {
  /** `pc-q35-7.2` */
  readonly machine: string;
  /** Arguments that choose the accelerator. */
  readonly accelerator: readonly string[];
  /** The value of `-cpu`, or the CPU that the machine has without. */
  readonly cpu: string | undefined;
  /** Types: `virtio-blk-pci`. */
  readonly devices: readonly string[];
  /** `memory-backend-file` */
  readonly objects: readonly string[];
}

export interface GuestProbe {
  /** Whether the machine and its CPU came up. */
  readonly started: boolean;
  /** What was printed. */
  readonly words: string;
  /** Features that the CPU would have; undefined where that cannot be asked. */
  readonly cpuFeatures: ReadonlySet<string> | undefined;
  /** Features that were asked for and that the accelerator does not have, as QEMU warns of them. */
  readonly cpuFeaturesLeftOut: ReadonlySet<string>;
  /** Of each type that the emulator has, the names of its properties. */
  readonly properties: ReadonlyMap<string, ReadonlySet<string>>;
}

export function guestProbeCommand(
  path: string,
  { machine, accelerator, cpu }: GuestShape,
): string[] {
  return probeCommand(path, [
    ...['-machine', machine, ...accelerator, ...(cpu === undefined ? [] : ['-cpu', cpu])],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-S', '-qmp', 'stdio'],
  ]);
}

export function guestProbeInput({ cpu, devices, objects }: GuestShape): string {
  const command = (id: string, execute: string, args?: object) =>
    `${JSON.stringify({ execute, id, ...(args && { arguments: args }) })}\n`;
  return [
    command('capabilities', 'qmp_capabilities'),
    ...(cpu === undefined
      ? []
      : [command('cpu', 'query-cpu-model-expansion', { type: 'full', model: cpuModel(cpu) })]),
    ...devices.map((typename) => command(typename, 'device-list-properties', { typename })),
    ...objects.map((typename) => command(typename, 'qom-list-properties', { typename })),
    command('quit', 'quit'),
  ].join('');
}

const Expansion = v.object({
  model: v.object({ props: v.record(v.string(), v.unknown()) }),
});
const PropertyList = v.array(v.object({ name: v.string() }));

export function parseGuestProbe(
  { devices, objects }: GuestShape,
  stdout: Buffer,
  stderr: string,
): GuestProbe {
  const replies = readReplies(stdout);
  const expansion = v.safeParse(Expansion, replies.get('cpu'));
  return {
    started: replies.has('capabilities'),
    words: stderr.trim(),
    cpuFeatures: expansion.success
      ? new Set(Object.entries(expansion.output.model.props).flatMap(onlyTrue))
      : undefined,
    cpuFeaturesLeftOut: new Set(
      [...stderr.matchAll(/support requested feature: .*?\.([^.\s]+) \[/g)].map(
        ([, feature = '']) => feature,
      ),
    ),
    properties: new Map(
      [...devices, ...objects].flatMap((type) => {
        const list = v.safeParse(PropertyList, replies.get(type));
        return list.success ? [[type, new Set(list.output.map(({ name }) => name))]] : [];
      }),
    ),
  };
}

function onlyTrue([name, value]: readonly [string, unknown]): string[] {
  return value === true ? [name] : [];
}

/** What was answered, by the id it was asked with; errors are none. */
function readReplies(stdout: Buffer): Map<string, unknown> {
  const replies = new Map<string, unknown>();
  try {
    for (const { message } of new JsonSplitter().push(stdout)) {
      const received = parseMessage(message);
      if (received.kind === 'reply' && received.id !== undefined) {
        replies.set(received.id, received.value);
      }
    }
  } catch {
    // What came before is known all the same.
  }
  return replies;
}

/** `Haswell,+avx2,-x2apic,vendor=x` as the CpuModelInfo that QMP takes. */
function cpuModel(text: string): { name: string; props: Record<string, unknown> } {
  const [name = '', ...words] = text.split(',');
  const props = words.flatMap((word): [string, unknown][] => {
    const [, sign, feature = ''] = /^([+-])(.+)$/.exec(word) ?? [];
    if (sign !== undefined) return [[feature, sign === '+']];
    const [key = '', value = 'on'] = word.split('=');
    if (['enforce', 'check', ''].includes(key)) return [];
    return [[key, value === 'on' ? true : value === 'off' ? false : value]];
  });
  return { name: name.replace(/-[\w]+-cpu$/, ''), props: Object.fromEntries(props) };
}
