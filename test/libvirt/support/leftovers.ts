/** What a test may leave behind in its room: looked at before and after, and compared. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { command, virtAdmin } from './virsh';

/** Where libvirt, QEMU and the engine leave files. libvirt's caches and logs are not among them. */
const folders = ['/run', '/etc/libvirt', '/var/lib/libvirt', '/dev/shm'];

export interface Belongings {
  readonly files: readonly string[];
  /** Command lines by process id. */
  readonly processes: ReadonlyMap<string, string>;
  readonly networkInterfaces: readonly string[];
  readonly logOutputs: string;
  readonly logFilters: string;
}

export async function listBelongings(): Promise<Belongings> {
  // Before we start any ourselves.
  const processes = await listProcesses();
  const [files, links, logOutputs, logFilters] = await Promise.all([
    listFiles(),
    command('ip', ['-brief', 'link']),
    virtAdmin('daemon-log-outputs'),
    virtAdmin('daemon-log-filters'),
  ]);
  const networkInterfaces = links.split('\n').map((line) => line.replace(/[ @].*/, ''));
  return { files, processes, networkInterfaces, logOutputs, logFilters };
}

/** @throws AssertionError that names what is there and was not before, or how libvirtd now logs */
export async function assertNothingLeft(before: Belongings): Promise<void> {
  const now = await listBelongings();
  for (const kind of ['files', 'networkInterfaces'] as const) {
    const left = now[kind].filter((name) => !before[kind].includes(name));
    assert.deepEqual(left, [], `${kind} are left`);
  }
  await assertProcessesEnded(before);
  assert.equal(now.logOutputs, before.logOutputs);
  assert.equal(now.logFilters, before.logFilters);
}

/** How long a process that was killed may take to end on a machine that is busy, in ms. */
const endingMs = 5_000;

async function assertProcessesEnded({ processes }: Belongings): Promise<void> {
  const deadline = Date.now() + endingMs;
  for (;;) {
    // sshd gives itself another command line when it likes; libvirtd may have been started again.
    const known = new Set([...processes].flat());
    const left = [...(await listProcesses())].filter((each) => !each.some((one) => known.has(one)));
    if (left.length === 0) return;
    const names = left.map(([, name]) => name).join('; ');
    assert.ok(Date.now() < deadline, `processes are left: ${names}`);
    await delay(20);
  }
}

/**
 * Files of any kind, and folders of one domain. Other folders libvirt makes when it first needs them,
 * and keeps.
 */
async function listFiles(): Promise<string[]> {
  const entries = await Promise.all(
    folders.map((path) => readdir(path, { recursive: true, withFileTypes: true })),
  );
  return entries
    .flat()
    .filter((entry) => !entry.isDirectory() || /^(domain-)?\d+-/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

async function listProcesses(): Promise<Map<string, string>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commandLines = await Promise.all(
    pids.map(async (pid) => {
      const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return [pid, text.replaceAll('\0', ' ').trim()] as const;
    }),
  );
  // Of one that has ended and whose parent has not yet taken notice it is empty.
  return new Map(commandLines.filter(([, text]) => text !== ''));
}
