/** What of a libvirt domain would be lost in another QEMU, or keeps it from being moved just now. */
import type { DomainFacts } from '../../libvirt/domain-facts';
import type { Finding } from '../plan/plan';

/** What the command line says of devices is the plan's to judge; this is what only libvirt knows. */
export function preflight({ state, job, managedSave, xml }: DomainFacts): Finding[] {
  const findings: Finding[] = [];
  if (state !== 'running' && state !== 'paused') {
    findings.push({
      code: 'RUN_STATE',
      message: `libvirt says that the domain is ${state}; only one that is running or paused can be moved.`,
    });
  }
  if (job !== undefined) {
    findings.push({
      code: 'LIBVIRT_JOB',
      message: `libvirt is at work on it (${job}): wait until that is done, or end it with \`virsh domjobabort\`.`,
    });
  }
  if (managedSave) {
    findings.push({
      code: 'MANAGED_SAVE',
      message:
        'It has a managed save image, which the next start would go on from: remove it with `virsh managedsave-remove`.',
    });
  }
  for (const what of xml.lost) {
    findings.push({
      code: 'LIBVIRT_DEVICE',
      message: `${what} is bound to the QEMU that libvirt started.`,
    });
  }
  return findings;
}

/** Whether this libvirt can run the domain on an emulator, by its own words. */
export function cannotRun(refusal: string | undefined): Finding[] {
  return refusal === undefined ? [] : [{ code: 'LIBVIRT_CANNOT', message: refusal }];
}
