/** What `start` and `adopt` say of a domain that there is from now on. */
import type { StartedDomain } from '../../engine/domain/start';
import type { Result } from '../command';
import { printable } from '../../engine/text/printable';

export function startedResult({ domain, instance, remark }: StartedDomain): Result {
  const { id, emulator, version, monitor, process } = instance;
  return {
    document: {
      domain: domain.name,
      uuid: domain.uuid,
      instance: { id, emulator, version: version ?? null, pid: process.pid, monitor },
      remark,
    },
    text: [
      `Domain "${printable(domain.name)}" (${domain.uuid}) is instance ${id}: QEMU ${printable(version ?? 'of unknown version')} (${printable(emulator)}), pid ${process.pid}.`,
      printable(remark),
    ].join('\n'),
  };
}
