/** Reads what the host has logged of a process, as far as we may. */
import { ticksPerSecond } from '../../../host/proc';
import type { Host } from '../../../host/host';
import type { ProcessIdentity } from '../../../host/process';
import { nothingLogged, parseHostLog, type HostLog } from './host-log';

const timeoutMs = 5_000;
/** A denial that ended a migration is not older. */
const recentSeconds = 3_600;

/** The kernel's log by either of two ways, and the end of the audit's. */
const script = `
dmesg 2>/dev/null | tail -n 500 || true
journalctl -q -k -b --no-pager -o short-monotonic -n 500 2>/dev/null
tail -c 500000 /var/log/audit/audit.log 2>/dev/null
echo "core_pattern: $(cat /proc/sys/kernel/core_pattern)"`;

export async function readHostLog(host: Host, process: ProcessIdentity): Promise<HostLog> {
  try {
    const { stdout } = await host.run(['sh', '-c', script], { timeoutMs });
    const text = stdout.toString();
    const [, corePattern] = /^core_pattern: (.*)$/m.exec(text) ?? [];
    const { pid, startTime } = process;
    const sinceEpoch = host.now() / 1e6 - recentSeconds;
    const since = { pid, sinceBoot: startTime / ticksPerSecond, sinceEpoch };
    return { ...parseHostLog(text, since), corePattern };
  } catch {
    // It may say why; what is known without it is said all the same.
    return nothingLogged;
  }
}
