/** What of the guest's command line and state the target's emulator does not know. */
import type { CommandLine } from '../../qemu/commandline/commandline';
import { propertiesOf } from '../../qemu/commandline/option-properties';
import type { Emulator } from '../../qemu/emulator';
import { diagnose } from '../diagnosis/diagnose';
import { evidenceOf } from '../diagnosis/diagnosis';
import type { EmulatorComparison } from './comparison';
import type { Finding } from './plan';
import type { Remarks } from './verdict';

export function comparisonFindings(
  definition: CommandLine,
  comparison: EmulatorComparison,
  target: Emulator,
): Partial<Remarks> {
  const name = `${target.path} (QEMU ${target.version})`;
  const cpu = lostFeatures(definition, comparison, name);
  return {
    blockers: [
      ...unknownOptions(definition, comparison, name),
      ...unknownDevices(definition, comparison, name),
      ...failure(comparison, target, name),
      ...cpu.blockers,
    ],
    warnings: [...cpu.warnings, ...unreadableStates(definition, comparison, name)],
  };
}

function unknownOptions(
  { options }: CommandLine,
  { options: lacking }: EmulatorComparison,
  name: string,
): Finding[] {
  return options
    .filter(({ flag }) => lacking.includes(flag.replace(/^-+/, '')))
    .map(({ flag }) => ({
      code: 'OPTION_UNKNOWN',
      message: `${name} does not know the option ${flag}.`,
      hint: 'Start the domain without it, or migrate to an emulator that knows it.',
    }));
}

function unknownDevices(
  { options }: CommandLine,
  { types, properties }: EmulatorComparison,
  name: string,
): Finding[] {
  return options
    .filter((option) => option.name === 'device' || option.name === 'object')
    .flatMap((option): Finding[] => {
      const given = propertiesOf(option);
      const type = given.get(option.name === 'device' ? 'driver' : 'qom-type') ?? '';
      if (types.includes(type)) {
        return [
          {
            code: 'DEVICE_UNKNOWN',
            message: `${name} does not have ${type} (${option.flag}).`,
            hint: 'Migrate to an emulator that has it, or install the package of its module.',
          },
        ];
      }
      const keys = new Set(given.entries().map(({ key }) => key.split('.')[0] ?? key));
      return (properties[type] ?? [])
        .filter((property) => keys.has(property))
        .map((property) => ({
          code: 'DEVICE_PROPERTY_UNKNOWN',
          message: `${name} does not know the property ${property} of ${type} (${option.flag}).`,
          hint: 'Migrate to an emulator that knows it, or start the domain without it.',
        }));
    });
}

/** The machine and CPU alone do not come up there: in the words that such a target would end with. */
function failure(
  { failure: output }: EmulatorComparison,
  target: Emulator,
  name: string,
): Finding[] {
  if (output === undefined) return [];
  const diagnosis = diagnose(
    evidenceOf({ name, emulator: target.path, output, hasEnded: true, exit: undefined }),
  );
  return diagnosis === undefined ? [] : [diagnosis];
}

/** What `host` and `max` stand for is the emulator's to say; a model that is named is a promise. */
function lostFeatures(
  { options }: CommandLine,
  { cpuFeatures }: EmulatorComparison,
  name: string,
): { blockers: Finding[]; warnings: Finding[] } {
  if (cpuFeatures.length === 0) return { blockers: [], warnings: [] };
  const cpu = options.findLast((option) => option.name === 'cpu');
  const model = cpu && (propertiesOf(cpu).get('model') ?? '');
  const list = cpuFeatures.join(', ');
  if (model === 'host' || model === 'max') {
    const message = `${name} does not have, of what -cpu ${model} gives the guest at the source: ${list}.`;
    return { blockers: [], warnings: [{ code: 'CPU_MODEL_DIFFERS', message }] };
  }
  return {
    blockers: [
      {
        code: 'CPU_FEATURE_MISSING',
        message: `${name} cannot give the guest all of its CPU${model === undefined ? '' : ` ${model}`}: ${list}.`,
        hint: 'Migrate to an emulator that has them; a guest must not lose a CPU feature while it runs.',
      },
    ],
    warnings: [],
  };
}

function unreadableStates(
  definition: CommandLine,
  { states }: EmulatorComparison,
  name: string,
): Finding[] {
  return [...stateTypes(definition)].flatMap((type) =>
    (states[type] ?? []).map(({ kind, section, detail }) => ({
      code: 'STATE_UNKNOWN',
      message:
        kind === 'subsection'
          ? `${name} does not know ${detail}, which the source sends of ${section} if the guest makes use of it.`
          : `${name} reads the state of ${section} otherwise than the source writes it: ${detail}.`,
      hint: 'If it does not load, the guest runs on at the source.',
    })),
  );
}

/** Types whose state is sent for what the command line names; of a virtio device that of its inner one. */
function stateTypes({ options }: CommandLine): ReadonlySet<string> {
  return new Set(
    options.flatMap((option) => {
      const properties = ['device', 'drive'].includes(option.name)
        ? propertiesOf(option)
        : undefined;
      const type =
        option.name === 'drive' && properties?.get('if') === 'virtio'
          ? 'virtio-blk-pci'
          : (properties?.get('driver') ?? '');
      const [, inner] = /^virtio-(.*?)(?:-pci(?:-(?:non-)?transitional)?|-ccw)?$/.exec(type) ?? [];
      const isVga = type.startsWith('virtio-vga');
      return inner === undefined ? [type] : [type, `virtio-${isVga ? 'gpu' : inner}-device`];
    }),
  );
}
