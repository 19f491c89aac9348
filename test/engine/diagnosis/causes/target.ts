/** Targets that are not what the source is. */
import { chmod, copyFile } from 'node:fs/promises';
import { qemu100Binary } from '../../../support/emulators';
import { limitMemory } from '../../../support/memory-limit';
import { closeServer, freePort, listenOn } from '../../../support/net';
import type { Migrated } from '../../../support/workbench';
import { writeMismatchedEmulator, writeTargetEmulator } from '../../../support/wrapper';
import type { Cause, Scene } from '../cause';

/** A target that is started with another argument than it is told. */
function replacing(from: string, to: string) {
  return async ({ path, emulator, walker }: Scene): Promise<Migrated> => {
    await writeMismatchedEmulator(path('mismatched'), emulator, { from, to });
    return walker.migrate({ emulator: path('mismatched'), mode: 'precopy' });
  };
}

/** A target before which a shell does something. */
export function after(...lines: readonly string[]) {
  return async ({ path, emulator, walker }: Scene): Promise<Migrated> => {
    await writeTargetEmulator(path('wrapped'), emulator, lines);
    return walker.migrate({ emulator: path('wrapped'), mode: 'precopy' });
  };
}

const withRng = { ram: 'as-is', arguments: ['-device', 'virtio-rng-pci'] } as const;
const withCpu = { ram: 'as-is', arguments: ['-cpu', 'qemu64'] } as const;

export const wrongTargets: readonly Cause[] = [
  {
    cause: 'the target comes up as another machine',
    code: 'MACHINE_DIFFERS',
    names: /came up as a pc-q35-7\.1, and the guest's machine is a pc-q35-7\.2/,
    guest: { ram: 'as-is' },
    migrate: replacing('pc-q35-7.2', 'pc-q35-7.1'),
  },
  {
    cause: 'a CPU model that the target does not have',
    code: 'CPU_MODEL_UNKNOWN',
    names: /CPU model Quantum9/,
    guest: withCpu,
    migrate: replacing('qemu64', 'Quantum9'),
  },
  {
    cause: 'a CPU feature that the target does not know',
    code: 'CPU_FEATURE_MISSING',
    names: /CPU feature quantum/,
    guest: withCpu,
    migrate: replacing('qemu64', 'qemu64,quantum=on'),
  },
  {
    cause: 'a CPU feature that the target cannot give',
    code: 'CPU_FEATURE_MISSING',
    names: /CPU features: avx512f/,
    guest: withCpu,
    migrate: replacing('qemu64', 'qemu64,avx512f=on,enforce'),
  },
  {
    cause: 'a device model that the target does not have',
    code: 'DEVICE_UNKNOWN',
    names: /the guest's device virtio-entropy/,
    guest: withRng,
    migrate: replacing('virtio-rng-pci', 'virtio-entropy'),
  },
  {
    cause: 'a device that lacks a property at the target',
    code: 'DEVICE_PROPERTY_UNKNOWN',
    names: /property quantum of the device virtio-rng-pci/,
    guest: withRng,
    migrate: replacing('virtio-rng-pci', 'virtio-rng-pci,quantum=1'),
  },
  {
    cause: 'an option that the target does not know',
    code: 'OPTION_UNKNOWN',
    names: /option -quantum/,
    guest: { ram: 'as-is' },
    migrate: replacing('-nodefaults', '-quantum'),
  },
  {
    cause: 'a character device of a kind that the target does not have',
    code: 'OPTION_UNKNOWN',
    names: /option -chardev quantum/,
    guest: { ram: 'as-is', arguments: ['-chardev', 'null,id=c'] },
    migrate: replacing('null,id=c', 'quantum,id=c'),
  },
  {
    cause: 'RAM of another size',
    code: 'RAM_SIZE_DIFFERS',
    names: /pc\.ram has 64\.0 MiB at the source, and 96\.0 MiB at the target/,
    guest: withRng,
    migrate: replacing('64', '96'),
  },
  {
    cause: 'a RAM backend of another size',
    code: 'RAM_SIZE_DIFFERS',
    names: /an -m that is not the size of its RAM backend/,
    guest: { ram: 'memfd' },
    migrate: replacing('64', '96'),
  },
  {
    cause: 'RAM of another backend',
    code: 'RAM_BACKEND_DIFFERS',
    names: /has no RAM block pc\.ram/,
    guest: { ram: 'as-is' },
    migrate: after(
      'set -- "$@" -object memory-backend-ram,id=other,size=64M -machine memory-backend=other',
    ),
  },
  {
    cause: 'the state of a device that the target does not have',
    code: 'STATE_UNKNOWN',
    names: /no device for the state of \S*virtio-rng/,
    guest: withRng,
    migrate: replacing('virtio-rng-pci', 'virtio-balloon-pci,addr=5'),
  },
  {
    cause: 'the state of a device that has other properties at the target',
    code: 'STATE_DIFFERS',
    names: /cannot load the state of \S*virtio-rng: byte 0x34 of its PCI configuration/,
    guest: withRng,
    migrate: replacing('virtio-rng-pci', 'virtio-rng-pci,disable-modern=on'),
  },
];

/** Targets that do not start. */
export const startless: readonly Cause[] = [
  {
    cause: 'an emulator that lacks a library',
    code: 'LIBRARY_MISSING',
    names: /its library lib\S+ does not load|it needs GLIBC/,
    before: true,
    migrate: ({ walker }) => walker.migrate({ emulator: qemu100Binary }),
  },
  {
    cause: 'an emulator that may not be executed',
    code: 'EMULATOR_NOT_EXECUTABLE',
    names: /\/qemu may not be executed/,
    before: true,
    migrate: async ({ walker, path, emulator }) => {
      await copyFile(emulator, path('qemu'));
      await chmod(path('qemu'), 0o644);
      return walker.migrate({ emulator: path('qemu') });
    },
  },
  {
    cause: 'the target is killed by the kernel for want of memory',
    code: 'KILLED_FOR_MEMORY',
    names: /The kernel has killed the target \(instance 2\) for want of memory: Memory cgroup/,
    guest: { ram: 'memfd' },
    migrate: async (scene) => {
      const limit = await limitMemory(40);
      const migrated = await after(`echo $$ > '${limit.processes}'`)(scene);
      await limit.remove();
      return migrated;
    },
  },
  {
    cause: 'the emulator lacks a library',
    code: 'LIBRARY_MISSING',
    names: /its library lib\S+ does not load|it needs GLIBC/,
    // Of another distribution, without the loader that brings its libraries along.
    migrate: after(`exec '${qemu100Binary}' "$@"`),
  },
  {
    cause: 'a port that the target is to listen on is a stranger’s',
    code: 'ADDRESS_BUSY',
    names: /cannot listen on port \d+: another process does/,
    migrate: async (scene) => {
      const port = await freePort();
      const stranger = await listenOn(port);
      const address = `host=127.0.0.1,port=${port},server=on,wait=off`;
      const migrated = await after(`set -- "$@" -chardev socket,id=extra,${address}`)(scene);
      await closeServer(stranger);
      return migrated;
    },
  },
  {
    cause: 'the target gets no memory',
    code: 'MEMORY_SHORT',
    names: /did not get the memory it needs/,
    migrate: after('ulimit -v 300000'),
  },
  {
    cause: 'the target is killed as it starts',
    code: 'TARGET_KILLED',
    names: /was killed by SIGKILL/,
    migrate: after('kill -KILL $$'),
  },
  {
    cause: 'the target crashes as it starts',
    code: 'TARGET_CRASHED',
    names: /crashed with SIGABRT; its last words: qemu: Assertion failed/,
    migrate: after('echo "qemu: Assertion failed: quantum" >&2; kill -ABRT $$'),
  },
];
