/** Emulators that lack what the guest has: known before anything is started. */
import { copyFile, rename } from 'node:fs/promises';
import { qemu100, qemu72 } from '../../../support/emulators';
import { writeMismatchedEmulator } from '../../../support/wrapper';
import type { Cause, Scene } from '../cause';

const toThe = (emulator: string) => (scene: Scene) => scene.walker.migrate({ emulator });
const toOlder = { before: true, on: '10.0', migrate: toThe(qemu72) } as const;

export const emulators: readonly Cause[] = [
  {
    cause: 'a machine type that the target does not know',
    code: 'MACHINE_UNKNOWN',
    names: /no machine type pc-q35-10\.0; the nearest it has is pc-q35-7\.2/,
    guest: { machine: 'pc-q35-10.0' },
    ...toOlder,
  },
  {
    cause: 'a machine alias that stands for another version there',
    code: 'MACHINE_ALIAS_DIFFERS',
    names: /machine q35 is a pc-q35-10\.0, .* does not have: there q35 stands for pc-q35-7\.2/,
    guest: { machine: 'q35', ram: 'as-is' },
    ...toOlder,
  },
  {
    cause: 'a CPU model that the target does not have',
    code: 'CPU_MODEL_UNKNOWN',
    names: /does not have the guest's CPU model GraniteRapids/,
    guest: { arguments: ['-cpu', 'GraniteRapids'] },
    ...toOlder,
  },
  {
    cause: 'a CPU feature that the target does not have',
    code: 'CPU_FEATURE_MISSING',
    names: /all of its CPU Haswell: x2apic/,
    guest: { arguments: ['-cpu', 'Haswell'] },
    ...toOlder,
  },
  {
    cause: 'a device model that the target does not have',
    code: 'DEVICE_UNKNOWN',
    names: /does not have igb \(-device\)/,
    guest: { arguments: ['-device', 'igb'] },
    ...toOlder,
  },
  {
    cause: 'a device that lacks a property at the target',
    code: 'DEVICE_PROPERTY_UNKNOWN',
    names: /does not know the property host_uso of virtio-net-pci \(-device\)/,
    guest: { arguments: ['-device', 'virtio-net-pci,host_uso=off'] },
    ...toOlder,
  },
  {
    cause: 'state of a newer QEMU that an older one does not know',
    code: 'STATE_UNKNOWN',
    names: /does not know a part \(i8259\/ltim\) of the state of i8259/,
    on: '10.0',
    migrate: async ({ bench, walker }) => {
      // What the guest would have done by its own driver: interrupts by level, new in QEMU 8.1.
      await bench.engine.pause(walker.uuid);
      await bench.qmp(walker.first, async (client) => {
        for (const port of ['0x20 0x19', '0x21 0x08', '0x21 0x04', '0x21 0x01']) {
          await client.execute('human-monitor-command', { 'command-line': `o /b ${port}` });
        }
      });
      return walker.attempt({ emulator: qemu72, mode: 'precopy' });
    },
  },
  {
    cause: 'an option that the target does not know',
    code: 'OPTION_UNKNOWN',
    names: /does not know the option -no-hpet/,
    guest: { arguments: ['-no-hpet'] },
    before: true,
    on: '7.2',
    migrate: toThe(qemu100),
  },
  {
    cause: "the source's monitor is held by another client",
    code: 'MONITOR_BUSY',
    names: /monitor of instance 1 .* another client holds it/,
    before: true,
    migrate: ({ bench, walker }) => bench.qmp(walker.first, () => walker.attempt()),
  },
  {
    cause: 'a device that blocks migration',
    code: 'BLOCKED_BY_QEMU',
    names: /refuses to migrate: .*nvme/,
    before: true,
    guest: { arguments: ['-device', 'nvme,serial=1'] },
    migrate: ({ walker }) => walker.migrate(),
  },
  {
    cause: '`ignore-shared`, and the RAM is no longer the file of its name',
    code: 'MODE_NOT_POSSIBLE',
    names:
      /ignore-shared is not possible: the source does not map the file that is now at \S+\.ram/,
    before: true,
    guest: { ram: 'file' },
    migrate: async ({ walker }) => {
      const file = `/dev/shm/sidestep-0/${walker.uuid}.ram`;
      await copyFile(file, `${file}.new`);
      await rename(`${file}.new`, file);
      return walker.migrate({ mode: 'ignore-shared' });
    },
  },
  {
    cause: '`ignore-shared`, and the target maps another file',
    code: 'RAM_FILE_DIFFERS',
    names: /The target \(instance 2\) does not map the file \S+\/guest\.ram/,
    guest: (path) => ({
      ram: 'as-is',
      arguments: ['-object', ramFile(path('guest.ram')), '-machine', 'memory-backend=ram'],
    }),
    migrate: async ({ walker, emulator, path }) => {
      const [from, to] = [ramFile(path('guest.ram')), ramFile(path('other.ram'))];
      await writeMismatchedEmulator(path('mismatched'), emulator, { from, to });
      return walker.migrate({ mode: 'ignore-shared', emulator: path('mismatched') });
    },
  },
];

function ramFile(path: string): string {
  return `memory-backend-file,id=ram,size=64M,mem-path=${path},share=on`;
}
