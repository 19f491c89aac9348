/** QEMU on the state of devices that it cannot load (migration/savevm.c, migration/vmstate.c). */
import { basename } from 'node:path/posix';
import type { FailedInstance, Recogniser } from '../diagnosis';
import { said } from './said';

const newer =
  'A newer QEMU writes what an older one does not know: migrate to one that is not older than the source, or start the domain with a machine type of the older version.';

export const stateWords: readonly Recogniser[] = [
  said(/Unknown savevm section or instance '([^']*)' (\S+)\./, ([section], { instance }) => ({
    code: 'STATE_UNKNOWN',
    message: `${instance.name} has no device for the state of ${section ?? ''} that the source sends.`,
    hint: `Source and target must have the same devices at the same places; one that was plugged in while the guest ran is not on the command line. Look whether ${instance.emulator} changes what it is told.`,
  })),
  said(
    /unsupported version (\d+) for '([^']*)' v(\d+)/,
    ([there, section, here], { instance }) => ({
      code: 'STATE_UNKNOWN',
      message: `${instance.name} knows the state of ${section ?? ''} up to version ${here ?? ''}, and the source sends version ${there ?? ''}.`,
      hint: newer,
    }),
  ),
  // vmstate_subsection_load ends with ENOENT, and does not say of which.
  ({ instance, unknownSubsections }) => {
    const device = failedDevice(instance.output);
    if (device === undefined || !/failed: No such file or directory$/m.test(instance.output))
      return undefined;
    const own = unknownSubsections.filter((name) => name.startsWith(`${basename(device)}/`));
    const which = own.length === 0 ? '' : ` (${[...new Set(own)].join(', ')})`;
    return {
      code: 'STATE_UNKNOWN',
      message: `${instance.name} does not know a part${which} of the state of ${device} that the source sends.`,
      hint: newer,
    };
  },
  ({ instance }) => {
    const device = failedDevice(instance.output);
    if (device === undefined || device === 'ram' || isCutOff(instance)) return undefined;
    const why = reasonOf(instance.output);
    return {
      code: 'STATE_DIFFERS',
      message: `${instance.name} cannot load the state of ${device}${why === undefined ? '' : `: ${why}`}.`,
      hint: `${newer} If both are the same, the device has other properties at the target.`,
    };
  },
  said(
    /(Configuration section missing|Missing section footer for \S+)/,
    ([words], { instance }) => ({
      code: 'STATE_DIFFERS',
      message: `${instance.name} cannot read what the source sends: ${words ?? ''}.`,
      hint: newer,
    }),
  ),
];

/** The stream broke off: what it broke off in says nothing of the cause. */
function isCutOff({ output }: FailedInstance): boolean {
  return /load of migration failed: Input\/output error|failed: -5$/m.test(output);
}

/** `0000:00:01.0/virtio-rng`; RAM that does not load has words of its own. */
function failedDevice(output: string): string | undefined {
  return /error while loading state (?:section id \d+\()?(?:for instance \S+ of device ')?([^')]+)/.exec(
    output,
  )?.[1];
}

/** The innermost field that did not load, and what was wrong with it. */
function reasonOf(output: string): string | undefined {
  const [, structure, field] = /Failed to load (\S+?):(\S+)$/m.exec(output) ?? [];
  const value = /Bad config data: i=(\S+) read: (\S+) device: (\S+)/.exec(output);
  const subsection = /subsection.*?'?([\w./-]+\/[\w./-]+)'?/i.exec(output)?.[1];
  if (value !== null) {
    const [, at = '', there = '', here = ''] = value;
    return `byte ${at} of its PCI configuration is 0x${there} at the source and 0x${here} here`;
  }
  if (structure !== undefined) return `field ${field ?? ''} of ${structure}`;
  return subsection === undefined ? undefined : `subsection ${subsection}`;
}
