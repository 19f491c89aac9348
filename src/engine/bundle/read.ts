/** Reads what a bundle is made of off the host. */
import type { Host } from '../../host/host';
import { SidestepError } from '../errors';
import { readTrace } from '../trace/file';
import { bundle } from './bundle';

/** What of a host matters to a migration, and names nobody. */
const script = `
uname -srvm
grep PRETTY_NAME /etc/os-release
echo "core_pattern: $(cat /proc/sys/kernel/core_pattern)"
grep -m1 "model name" /proc/cpuinfo
grep -E "^(Mem|Swap|HugePages|Hugepagesize)" /proc/meminfo
ls -l /dev/kvm 2>&1
cat /sys/fs/selinux/enforce 2>/dev/null | sed "s/^/SELinux enforcing: /"
df -h /dev/shm 2>/dev/null`;

/**
 * The bundle of the trace at this path of the host, as the bytes of a gzipped tar archive.
 * @throws SidestepError `TRACE_MISSING`, and those of a file that is no trace
 */
export async function makeBundle(host: Host, tracePath: string, version: string): Promise<Buffer> {
  const [[data], facts] = await Promise.all([
    host.files([{ op: 'read', path: tracePath }]),
    host.run(['sh', '-c', script]),
  ]);
  if (data === undefined) {
    throw new SidestepError('TRACE_MISSING', `There is no file ${tracePath}.`, {
      path: tracePath,
      hint: '`sidestep migrate` says where it has written the trace.',
    });
  }
  const records = readTrace(data.toString(), tracePath);
  return bundle({ tracePath, records, hostFacts: facts.stdout.toString(), version });
}
