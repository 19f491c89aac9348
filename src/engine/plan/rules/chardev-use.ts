import type { CommandLine, Option } from '../../../qemu/commandline/commandline';
import { propertiesOf } from '../../../qemu/commandline/option-properties';

/**
 * Who is at the guest's end of a chardev.
 * - `monitor`: keeps its chardev for good
 * - `swappable`: a device that takes another chardev while it runs (`chardev-change`), or nobody
 * - `fixed`: a device that does not
 * - `vhost-user`: a device whose other half lives in the process that is connected
 */
export type ChardevUse = 'monitor' | 'swappable' | 'fixed' | 'vhost-user';

/** Devices with a `be_change` handler in hw/char. */
const swappableDevices = /^(isa-serial|pci-serial|virtconsole|virtserialport)$/;

export function chardevUse(definition: CommandLine, id: string): ChardevUse {
  const uses = definition.options
    .map((option) => useBy(option, id))
    .filter((use) => use !== undefined);
  return (
    (['vhost-user', 'monitor', 'fixed'] as const).find((use) => uses.includes(use)) ?? 'swappable'
  );
}

function useBy(option: Option, id: string): ChardevUse | undefined {
  const { name, value } = option;
  if (value === undefined || !value.includes(id)) return undefined;
  if (value === `chardev:${id}`) return useOfShortForm(name);
  if (!['chardev', 'mon', 'device', 'netdev', 'object'].includes(name)) return undefined;
  const properties = propertiesOf(option);
  const names = properties.entries().some(({ key, value: named }) => key !== 'id' && named === id);
  if (!names) return undefined;
  if (name === 'mon') return 'monitor';
  if (name === 'chardev') return 'fixed'; // one of a hub
  const type = properties.get('driver') ?? properties.get('type') ?? '';
  if (type.startsWith('vhost-user')) return 'vhost-user';
  if (properties.get('chardev') !== id) return undefined;
  return swappableDevices.test(type) ? 'swappable' : 'fixed';
}

/** `-serial`, `-monitor` and their like. */
export function useOfShortForm(name: string): ChardevUse {
  if (['monitor', 'qmp', 'qmp-pretty'].includes(name)) return 'monitor';
  return name === 'serial' ? 'swappable' : 'fixed';
}
