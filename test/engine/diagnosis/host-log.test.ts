/** What hosts log, as they really do; SELinux and AppArmor are not on every machine. */
import assert from 'node:assert/strict';
import { diagnose } from '../../../src/engine/diagnosis/diagnose';
import { evidenceOf } from '../../../src/engine/diagnosis/diagnosis';
import { parseHostLog } from '../../../src/engine/diagnosis/host-log/host-log';

const instance = (output: string) => ({
  name: 'The target (instance 2)',
  emulator: '/usr/bin/qemu-system-x86_64',
  output,
  hasEnded: true,
  exit: undefined,
});

function told(pid: number, line: string, output: string) {
  const log = parseHostLog(`${line}\n`, { pid, sinceBoot: 0, sinceEpoch: 0 });
  const evidence = { ...evidenceOf(instance(output)), log: { ...log, corePattern: undefined } };
  return diagnose(evidence);
}

describe('what the audit has denied', () => {
  // Fedora 39, audit.log.
  const sgx =
    'type=AVC msg=audit(1729238705.963:170): avc:  denied  { open } for  pid=1681 comm="qemu-system-x86" path="/dev/sgx_vepc" dev="devtmpfs" ino=86 scontext=system_u:system_r:svirt_t:s0:c463,c524 tcontext=system_u:object_r:sgx_vepc_device_t:s0 tclass=chr_file permissive=0';
  // RHEL 8, ausearch -i: the denial of huge pages shows as a want of memory.
  const hugePages =
    'type=AVC msg=audit(05/26/2021 05:55:04.131:550) : avc:  denied  { read write } for  pid=20056 comm=qemu-kvm path=/anon_hugepage (deleted) dev="hugetlbfs" ino=46110 scontext=system_u:system_r:svirt_t:s0:c1,c2 tcontext=system_u:object_r:hugetlbfs_t:s0 tclass=file permissive=0';
  // Ubuntu 18.04, dmesg.
  const appArmor =
    '[263802.885482] audit: type=1400 audit(1548806964.776:22663): apparmor="DENIED" operation="open" profile="libvirt-e1ee5c06-1f3c-4fa9-baba-772dd011a8a5" name="/home/zack/os_image" pid=10369 comm="qemu-system-x86" requested_mask="r" denied_mask="r" fsuid=0 ouid=0';

  it('by SELinux is told with the rule’s words', () => {
    const output = "qemu-system-x86_64: Could not open '/dev/sgx_vepc': Permission denied";
    const { code, message, hint } = told(1681, sgx, output) ?? {};
    assert.equal(code, 'SELINUX_DENIED');
    assert.equal(
      message,
      'SELinux has kept the target (instance 2) from open on /dev/sgx_vepc: svirt_t on sgx_vepc_device_t, class chr_file.',
    );
    assert.match(hint ?? '', /restorecon/);
  });

  it('by SELinux on huge pages is told as the trap it is, not as a want of memory', () => {
    const output = 'qemu-kvm: unable to map backing store for guest RAM: Cannot allocate memory';
    const { code, message, hint } = told(20056, hugePages, output) ?? {};
    assert.equal(code, 'SELINUX_DENIED');
    assert.match(message ?? '', /from read write on \/anon_hugepage: svirt_t on hugetlbfs_t/);
    assert.match(hint ?? '', /^Huge pages carry the label of the VM/);
  });

  it('by AppArmor is told with the profile', () => {
    const output = "qemu-system-x86_64: Could not open '/home/zack/os_image': Permission denied";
    const { code, message, hint } = told(10369, appArmor, output) ?? {};
    assert.equal(code, 'APPARMOR_DENIED');
    assert.match(
      message ?? '',
      /from open \(r\) on \/home\/zack\/os_image: profile libvirt-e1ee5c06/,
    );
    assert.match(hint ?? '', /apparmor_parser/);
  });

  it('is not taken for a cause where nothing was missed, of another process, or only noted', () => {
    const output = "qemu-system-x86_64: Could not open '/dev/sgx_vepc': Permission denied";
    assert.equal(told(1681, sgx, 'qemu: something else'), undefined);
    assert.equal(told(1682, sgx, output)?.code, 'FILE_UNREADABLE');
    const permissive = sgx.replace('permissive=0', 'permissive=1');
    assert.equal(told(1681, permissive, output)?.code, 'FILE_UNREADABLE');
  });

  it('may have a name that is no plain text', () => {
    const name = Buffer.from('/vms/a b').toString('hex').toUpperCase();
    const line = appArmor.replace('name="/home/zack/os_image"', `name=${name}`);
    const { message } = told(10369, line, "Could not open '/vms/a b': Permission denied") ?? {};
    assert.match(message ?? '', /on \/vms\/a b:/);
  });
});

describe('what the kernel has killed', () => {
  // Linux 6.18 and 4.19, dmesg.
  const lines = `[25443.081252] [  24247]     0 24247   884371   275641 ld-linux-x86-64
[25443.081255] oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/x,task=ld-linux-x86-64,pid=24242,uid=0
[25443.081293] Out of memory: Killed process 24242 (ld-linux-x86-64) total-vm:3685976kB, anon-rss:15188kB, file-rss:0kB, shmem-rss:1090700kB, UID:0
[30000.000000] Memory cgroup out of memory: Killed process 30001 (qemu-system-x86) total-vm:1243404kB`;

  it('is told with the kernel’s line', () => {
    for (const [pid, words] of [
      [24242, /for want of memory: Out of memory: Killed process 24242/],
      [30001, /for want of memory: Memory cgroup out of memory/],
    ] as const) {
      const { code, message } = told(pid, lines, '') ?? {};
      assert.equal(code, 'KILLED_FOR_MEMORY');
      assert.match(message ?? '', words);
    }
  });

  it('is not what had the same pid before', () => {
    const log = parseHostLog(lines, { pid: 24242, sinceBoot: 26_000, sinceEpoch: 0 });
    assert.equal(log.killedForMemory, undefined);
  });
});
