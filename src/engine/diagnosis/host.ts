/** What the host has done to an instance. */
import type { Denial } from './host-log/denials';
import type { Recogniser } from './diagnosis';

export const killedForMemory: Recogniser = ({ instance, log: { killedForMemory: line } }) =>
  line === undefined
    ? undefined
    : {
        code: 'KILLED_FOR_MEMORY',
        message: `The kernel has killed ${instance.name.replace(/^The /, 'the ')} for want of memory: ${line}.`,
        hint: 'Source and target need theirs at the same time: make memory free, raise the limit of the cgroup, or share the RAM (memory-backend-file with share=on).',
      };

/** Words that a denial makes QEMU say; of huge pages it makes mmap(2) say that there are none. */
export const wordsOfDenial = /Permission denied|Operation not permitted|Cannot allocate memory/;

export const denied: Recogniser = ({ instance, log: { denials } }) => {
  // Much is denied that nobody misses.
  if (!wordsOfDenial.test(instance.output)) return undefined;
  const denial =
    denials.find(({ object }) => object !== undefined && instance.output.includes(object)) ??
    denials.at(-1);
  if (denial === undefined) return undefined;
  const { module, operation, object, rule } = denial;
  return {
    code: module === 'SELinux' ? 'SELINUX_DENIED' : 'APPARMOR_DENIED',
    message: `${module} has kept ${instance.name.replace(/^The /, 'the ')} from ${operation}${object === undefined ? '' : ` on ${object}`}: ${rule}.`,
    hint: whatToDo(denial),
  };
};

function whatToDo({ module, object = '', rule }: Denial): string {
  if (module === 'AppArmor') {
    return 'Allow it in that profile (libvirt: /etc/apparmor.d/local/abstractions/libvirt-qemu) and load it anew (`apparmor_parser -r`).';
  }
  if (/hugetlbfs/.test(rule) || /hugepages|hugetlbfs/.test(object)) {
    return 'Huge pages carry the label of the VM that they were given to (sVirt), and a second QEMU has another: take RAM in a file or memfd instead, or one static label for both.';
  }
  return 'Give the file a label that both may use (`restorecon`, `semanage fcontext`), or allow it: `ausearch -m avc -ts recent | audit2allow` writes the rule.';
}
