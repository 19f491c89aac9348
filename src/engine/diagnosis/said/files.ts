/** QEMU on files that it cannot open or lock. */
import type { ResourceKind } from '../../plan/plan';
import type { Diagnosis, FailureEvidence, Recogniser } from '../diagnosis';
import { said } from './said';

export const fileWords: readonly Recogniser[] = [
  // block/file-posix.c, raw_check_lock_bytes
  (evidence) => {
    const { output, name } = evidence.instance;
    const [, permission] = /Failed to get (?:shared )?"([^"]*)" lock/.exec(output) ?? [];
    if (permission === undefined) return undefined;
    const [, path] = /Is another process using the image \[(.*)\]\?/.exec(output) ?? [];
    return {
      code: 'DISK_LOCKED',
      message: `${name} did not get the "${permission}" lock on ${path ?? 'a disk image'}: another process than the source holds one.`,
      hint: `End what uses the image (qemu-img, qemu-nbd, a backup, another VM)${path === undefined ? '' : `: \`lsof ${path}\` names it`}.`,
    };
  },
  said(/Could not open '([^']*)': (.*)$/, ([path = '', reason = ''], evidence) =>
    cannotOpen(path, reason, evidence),
  ),
  said(
    /[Cc]ould not (?:open|load|read) (?:PC BIOS|kernel(?: file)?|initrd|initial ram disk|ROM) '?([^':]+)'?(?:: (.*))?$/,
    ([path = '', reason], evidence) =>
      cannotOpen(
        path,
        reason === '' || reason === undefined ? 'No such file or directory' : reason,
        evidence,
      ),
  ),
  said(/can't open (?:backing store|file) (\S+) .*: (.*)$/, ([path = '', reason = ''], evidence) =>
    cannotOpen(path, reason, evidence),
  ),
];

function cannotOpen(
  path: string,
  reason: string,
  { instance, kindOf }: FailureEvidence,
): Diagnosis | undefined {
  const what = nouns[kindOf(path) ?? 'other'] ?? 'file';
  const about = `${instance.name} cannot open the ${what} ${path}: ${reason}.`;
  if (/No such file/.test(reason)) {
    return {
      code:
        what === 'firmware'
          ? 'NVRAM_MISSING'
          : what === 'disk image'
            ? 'DISK_MISSING'
            : 'FILE_MISSING',
      message: about,
      hint: 'The source holds it open, so the guest runs on without its name. Put it back where it was, then migrate.',
    };
  }
  if (/Permission denied|Operation not permitted|Read-only file system/.test(reason)) {
    return {
      code: what === 'disk image' ? 'DISK_UNREADABLE' : 'FILE_UNREADABLE',
      message: about,
      hint: 'Give the user that the target runs as access to it, or migrate as a user who has it.',
    };
  }
  return undefined;
}

const nouns: Partial<Record<ResourceKind, string>> = {
  disk: 'disk image',
  firmware: 'firmware',
  ram: 'RAM file',
};
