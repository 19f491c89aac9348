import { makePlan } from '../../../src/engine/plan/make-plan';
import type { Plan, PlanRequest, SourceEvidence } from '../../../src/engine/plan/plan';
import type { Emulator, MachineType } from '../../../src/qemu/emulator';

/** As QEMU 7.2 and 10.0 describe themselves, as far as a plan asks. */
export const emulator72 = emulator('7.2.22', ['7.1', '7.2'], ['normal']);
export const emulator100 = emulator('10.0.13', ['7.1', '7.2', '10.0'], ['normal', 'cpr-transfer']);

export const directory = '/run/sidestep/8';

export const evidence: SourceEvidence = {
  machineType: 'pc-q35-7.2',
  ram: { mappedFiles: new Set() },
  blockedReasons: [],
  auxRamShare: undefined,
  vncAddresses: [],
  files: new Map(),
  memory: {
    available: 2 ** 40,
    resident: 2 ** 30,
    hugePageSize: 2 ** 21,
    freeHugePages: new Map([[2 ** 21, 2 ** 20]]),
    freeSpace: new Map(),
  },
  bridges: new Map(),
};

interface Circumstances {
  readonly from?: Emulator;
  readonly to?: Emulator;
  readonly mode?: PlanRequest['mode'];
  readonly evidence?: Partial<SourceEvidence>;
  readonly directory?: string;
  readonly handedBack?: boolean;
}

/** The plan for a definition written in words, from QEMU 7.2 to 10.0 unless told otherwise. */
export function planOf(definition: string | readonly string[], how: Circumstances = {}): Plan {
  return makePlan({
    definition: typeof definition === 'string' ? words(definition) : definition,
    source: {
      emulator: how.from ?? emulator72,
      evidence: how.evidence && { ...evidence, ...how.evidence },
    },
    target: { emulator: how.to ?? emulator100, directory: how.directory ?? directory },
    mode: how.mode ?? 'auto',
    handedBack: how.handedBack,
  });
}

export function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** What a plan makes of a piece of a definition: without what it adds to every one. */
export function targetOf(definition: string, how?: Circumstances): string {
  const { target } = planOf(`-M pc-q35-7.2 -display none -nodefaults ${definition}`, how).arguments;
  const own = target.indexOf(
    `socket,id=sidestep-monitor,path=${directory}/qmp.sock,server=on,wait=off`,
  );
  return target.slice(5, own - 1).join(' ');
}

export function codes(findings: Plan['blockers']): string[] {
  return findings.map(({ code }) => code);
}

function emulator(version: string, machines: string[], modes: string[]): Emulator {
  const newest = machines.at(-1);
  const ofFamily = (family: string, alias: string, isDefault: boolean): MachineType[] =>
    machines.map((machine) => ({
      name: `${family}-${machine}`,
      alias: machine === newest ? alias : undefined,
      isDefault: isDefault && machine === newest,
      deprecated: false,
      defaultRamId: 'pc.ram',
      defaultCpuType: 'qemu64-x86_64-cpu',
    }));
  return {
    path: `/opt/qemu-${version}/bin/qemu-system-x86_64`,
    version,
    package: '',
    target: 'x86_64',
    machines: [
      ...ofFamily('pc-i440fx', 'pc', true),
      ...ofFamily('pc-q35', 'q35', false),
      {
        name: 'microvm',
        alias: undefined,
        isDefault: false,
        deprecated: false,
        defaultRamId: 'pc.ram',
        defaultCpuType: 'qemu64-x86_64-cpu',
      },
    ],
    migrationCapabilities: new Set(['events', 'return-path', 'x-ignore-shared']),
    migrationParameters: new Set(),
    migrationModes: new Set(modes),
    commands: new Set(),
    options: new Map(
      modes.includes('cpr-transfer') ? [['machine', new Set(['type', 'aux-ram-share'])]] : [],
    ),
  };
}
