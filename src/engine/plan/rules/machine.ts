/** The machine type and the CPU: what the guest sees, and must go on seeing. */
import { defaultMachine, resolveMachine, type Emulator } from '../../../qemu/emulator';
import type { CommandLine, Option } from '../../../qemu/commandline/commandline';
import { propertiesOf, withValue } from '../../../qemu/commandline/option-properties';
import type { Properties } from '../../../qemu/commandline/properties';
import type { Context } from '../context';
import { machineProperties } from '../guest-ram';
import { knowsAuxRamShare } from '../mode-choice';
import { pathsIn } from '../path-places';
import type { Finding, PlanRequest } from '../plan';
import { refusal, remarks, resource, shared, verdict, type Remarks, type Rule } from '../verdict';

/** The machine type that runs: from the process, or as the source's emulator reads the definition. */
export function pinnedMachine(
  { evidence, emulator }: PlanRequest['source'],
  definition: CommandLine,
): string | undefined {
  if (evidence !== undefined) return evidence.machineType;
  const written = machineProperties(definition).get('type');
  return written === undefined
    ? defaultMachine(emulator)?.name
    : (resolveMachine(emulator, written)?.name ?? written);
}

/** Whether the target's emulator has the machine type at all. */
export function unknownMachine({ machineType, target, definition }: Context): Finding[] {
  const { emulator } = target;
  if (machineType === undefined || resolveMachine(emulator, machineType)) return [];
  const name = `${emulator.path} (QEMU ${emulator.version})`;
  const hint = 'Migrate to an emulator that has it.';
  const written = machineProperties(definition).get('type');
  const other = written === undefined ? undefined : resolveMachine(emulator, written);
  if (other !== undefined) {
    return [
      {
        code: 'MACHINE_ALIAS_DIFFERS',
        message: `The guest's machine ${written ?? ''} is a ${machineType}, which ${name} does not have: there ${written ?? ''} stands for ${other.name}.`,
        hint,
      },
    ];
  }
  const nearest = nearestMachine(emulator, machineType);
  return [
    {
      code: 'MACHINE_UNKNOWN',
      message: `${name} has no machine type ${machineType}${nearest === undefined ? '' : `; the nearest it has is ${nearest}`}.`,
      hint,
    },
  ];
}

/** What such a machine is may change with every emulator: microvm, and most boards that are not a PC. */
export function unversionedMachine({ machineType, source, target }: Context): Finding[] {
  const [from, to] = [source.emulator.version, target.emulator.version];
  if (machineType === undefined || /\d\.\d+$/.test(machineType) || from === to) return [];
  return [
    {
      code: 'MACHINE_NOT_VERSIONED',
      message: `Machine type ${machineType} is not versioned: its state in QEMU ${from} may not fit QEMU ${to}. If it does not, the guest runs on at the source.`,
    },
  ];
}

export const machine: Rule = (option, context) => {
  const properties = propertiesOf(option);
  const pinned = pinType(option, properties, context);
  const fitting = fitAuxRamShare(option, pinned.properties, context);
  const runs =
    fitting.properties === properties ? [option] : withoutEmpty(option, fitting.properties);
  return verdict(option, {
    ...remarks(pinned, fitting, confidential(option, properties), {
      resources: pathsIn(option).map((path) => shared(option, 'firmware', path, 'only read')),
    }),
    target: runs,
    definition: runs,
  });
};

export const cpu: Rule = (option, context) => {
  const model = propertiesOf(option).get('model') ?? '';
  const [from, to] = [context.source.emulator.version, context.target.emulator.version];
  // Where both were asked it is known in which.
  if (!['host', 'max'].includes(model) || from === to || context.isCompared) return verdict(option);
  return verdict(option, {
    warnings: [
      {
        code: 'CPU_MODEL_DIFFERS',
        message: `-cpu ${model} stands for what the emulator has: QEMU ${from} and QEMU ${to} may differ in it, and the guest would see a CPU change.`,
      },
    ],
  });
};

type Part = Partial<Remarks> & { readonly properties: Properties };

function pinType(option: Option, properties: Properties, { machineType }: Context): Part {
  const written = properties.get('type');
  if (written === undefined || machineType === undefined) return { properties };
  if (written === machineType) return { properties };
  return {
    properties: properties.with('type', machineType),
    resources: [
      resource(option, {
        kind: 'machine',
        action: 'pin',
        source: written,
        target: machineType,
        reason: 'the alias stands for another machine type in another emulator',
      }),
    ],
  };
}

function fitAuxRamShare(option: Option, properties: Properties, { target }: Context): Part {
  if (!properties.has('aux-ram-share') || knowsAuxRamShare(target.emulator)) return { properties };
  const reason = `QEMU ${target.emulator.version} does not have it`;
  return {
    properties: properties.without('aux-ram-share'),
    resources: [
      resource(option, {
        kind: 'machine',
        action: 'drop',
        source: `aux-ram-share=${properties.get('aux-ram-share') ?? ''}`,
        target: undefined,
        reason,
      }),
    ],
    warnings: [
      {
        code: 'AUX_RAM_SHARE_LOST',
        message: `aux-ram-share is left out of -machine: ${reason}. The domain cannot use cpr-transfer until it is started anew.`,
      },
    ],
  };
}

function confidential(option: Option, properties: Properties): Partial<Remarks> {
  const guard = properties.get('confidential-guest-support') ?? properties.get('memory-encryption');
  return guard === undefined
    ? {}
    : refusal(option, {
        kind: 'machine',
        source: guard,
        code: 'CONFIDENTIAL_GUEST',
        reason: 'the memory of a confidential guest is bound to its process',
      });
}

/** An option that has lost its only property is gone. */
function withoutEmpty(option: Option, properties: Properties): Option[] {
  return properties.entries().length === 0 ? [] : [withValue(option, properties)];
}

/** Of the same family if there is one: `pc-q35-7.2` for `pc-q35-10.0`. */
function nearestMachine(emulator: Emulator, name: string): string | undefined {
  const family = name.replace(/[\d.]+$/, '');
  return emulator.machines
    .map((candidate) => candidate.name)
    .filter((candidate) => candidate.replace(/[\d.]+$/, '') === family)
    .sort((left, right) => left.localeCompare(right, 'en', { numeric: true }))
    .at(-1);
}
