import { libvirtsAlone, type LibvirtDomainOverview } from '../../engine/inventory/libvirt-overview';
import type { DomainOverview, MigrationOverview } from '../../engine/inventory/overview';
import type { RunningEmulator } from '../../engine/inventory/running-emulators';
import { printable } from '../../engine/text/printable';
import { formatUptime } from '../../engine/text/units';
import type { Micros } from '../../host/host';
import { defineCommand } from '../command';
import { errorDocument, errorText } from '../output/errors';
import { progressWords } from '../output/progress';
import { table } from '../output/table';

export const list = defineCommand({
  name: 'list',
  summary: "List the domains and their instances, Sidestep's and libvirt's",
  operands: [],
  options: {},
  help: `A domain has one instance, and two while it is migrated: the source runs it, the target comes
after. The state is the one QEMU tells (running, paused ...), or "gone" if the process has ended,
"migrating" (how far, and by whom, stands below), "busy" if another client holds the monitor, or "unreachable" if nobody listens there.

libvirt's domains are those of qemu:///system and qemu:///session, with the state that libvirt tells.
After an upgrade of the QEMU package a domain runs on with the binary it was started with: then the
version installed since stands behind it.`,
  async run(_, context) {
    const engine = await context.engine();
    const [{ domains }, libvirt] = await Promise.all([
      engine.overview(),
      engine.libvirt.overview(),
    ]);
    const now = engine.host.now();
    const { terminal } = context;
    const failures = libvirt.flatMap(({ uri, error }) =>
      error === undefined ? [] : { uri, error },
    );
    for (const { error } of failures) terminal.printError(errorText(error, terminal.paintError));
    const found = libvirtsAlone(libvirt, domains);
    return {
      document: {
        domains: [
          ...domains.map((domain) => ownDocument(domain, now)),
          ...found.map((domain) => libvirtDocument(domain, now)),
        ],
        failures: failures.map(({ uri, error }) => ({ connection: uri, ...errorDocument(error) })),
      },
      text: listingText(domains, found, now),
    };
  },
});

function ownDocument({ domain, state, instances, migration }: DomainOverview, now: Micros) {
  return {
    name: domain.name,
    uuid: domain.uuid,
    state,
    libvirt: null,
    migration: migration === undefined ? null : migrationDocument(migration),
    instances: instances.map(({ instance, table, alive, startedAt }) => ({
      id: instance.id,
      table,
      alive,
      emulator: instance.emulator,
      version: instance.version ?? null,
      pid: instance.process?.pid ?? null,
      uptimeUs: startedAt === undefined ? null : Math.round(now - startedAt),
      monitor: instance.monitor,
    })),
  };
}

function migrationDocument({ client, progress, tracePath }: MigrationOverview) {
  const { phase = null, step = null, mode = null, ram } = progress;
  return {
    client,
    ...{ phase, step, mode },
    ram: ram === undefined ? null : { ...ram, mbps: ram.mbps ?? null },
    trace: tracePath ?? null,
  };
}

function libvirtDocument(found: LibvirtDomainOverview, now: Micros) {
  const { name, uuid, state, instance, connection, reason } = found;
  const { persistent, autostart, managedSave } = found;
  return {
    name,
    uuid,
    state,
    libvirt: {
      ...{ connection, reason: reason ?? null, persistent, autostart, managedSave },
      installed: instance?.emulator.installed?.version ?? null,
    },
    migration: null,
    instances:
      instance === undefined
        ? []
        : [
            {
              ...{ id: instance.id, table: 'source', alive: true },
              emulator: instance.emulator.path,
              version: instance.emulator.version?.version ?? null,
              pid: instance.process.pid,
              uptimeUs: Math.round(now - instance.process.startedAt),
              monitor: null,
            },
          ],
  };
}

function listingText(
  domains: readonly DomainOverview[],
  libvirt: readonly LibvirtDomainOverview[],
  now: Micros,
): string {
  if (domains.length + libvirt.length === 0) {
    return 'No domains. `sidestep start` starts one, `sidestep adopt` takes in a running QEMU.';
  }
  return [listingTable(domains, libvirt, now), ...domains.flatMap(migrationText)].join('\n');
}

/** What a migration is at, below the table. */
function migrationText({ domain, migration }: DomainOverview): string[] {
  if (migration === undefined) return [];
  const { client, progress } = migration;
  const name = printable(domain.name);
  const far = progressWords(progress);
  return [
    client === 'gone'
      ? `${name}: its migration was cut off: ${far}. \`sidestep recover\` brings it to its end.`
      : `${name} is migrated by another client: ${far}`,
  ];
}

function listingTable(
  domains: readonly DomainOverview[],
  libvirt: readonly LibvirtDomainOverview[],
  now: Micros,
): string {
  return table(
    [
      { title: 'Id', align: 'right' },
      { title: 'Name' },
      { title: 'State' },
      { title: 'QEMU' },
      { title: 'Pid', align: 'right' },
      { title: 'Up for', align: 'right' },
      { title: 'Run by' },
      { title: 'UUID' },
    ],
    [
      ...domains.flatMap(({ domain, state, instances }) =>
        instances.map(({ instance, table, startedAt }) => [
          String(instance.id),
          domain.name,
          table === 'source' ? state : 'target',
          instance.version ?? '?',
          String(instance.process?.pid ?? '-'),
          startedAt === undefined ? '-' : formatUptime(now - startedAt),
          'sidestep',
          domain.uuid,
        ]),
      ),
      ...libvirt.map(({ id, name, state, instance, connection, uuid }) => [
        String(id ?? '-'),
        name,
        state,
        id === undefined ? '-' : versionText(instance?.emulator),
        String(instance?.process.pid ?? '-'),
        instance === undefined ? '-' : formatUptime(now - instance.process.startedAt),
        connection,
        uuid,
      ]),
    ],
  );
}

/** `7.2.9 (10.0.13 installed)`; where only the packages differ, those. */
function versionText(emulator: RunningEmulator | undefined): string {
  const { version, installed } = emulator ?? {};
  if (installed === undefined) return version?.version ?? '?';
  const isRebuilt = version?.version === installed.version;
  const now = isRebuilt ? installed.package : installed.version;
  return `${version?.version ?? '?'} (${now} installed)`;
}
