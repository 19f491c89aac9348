/**
 * The host's domains and their instances, as a user sees them. Three round trips for a host of any
 * size: the state folder, the processes, the monitors. Migrations of other clients, which are rare, are
 * looked into at the same time as the monitors.
 */
import type { Conversation, Micros } from '../../host/host';
import { parseRunState, type RunState } from '../../qemu/migration';
import { JsonSplitter } from '../../qemu/qmp/framing';
import { parseMessage, type Received } from '../../qemu/qmp/messages';
import { qmpMonitors } from '../domain/qmp-monitors';
import { readJournal } from '../migration/journal';
import type { RunningMigration } from '../running-migrations';
import type { Domain, Instance } from '../state/records';
import type { LastFailure } from '../state/last-failure';
import type { StateFolder, StateSnapshot } from '../state/state-folder';
import { notBegun, type MigrationProgress } from '../trace/progress';
import { readProgress } from '../trace/read-progress';
import { sideOfTable, type Side, type TableName } from '../trace/record';
import { traceNamed, type TraceName } from './traces';

export interface HostOverview {
  /** In the order of their source's id. */
  readonly domains: readonly DomainOverview[];
  /** Newest first. */
  readonly traces: readonly TraceName[];
}

/**
 * QEMU's RunState of the source, or
 * - `migrating` while a migration is under way or was cut off
 * - `gone` if the process has ended
 * - `busy` if another client holds its monitor, or it does not answer
 * - `unreachable` if nobody listens on its monitor's path
 * - `unknown` if what it said does not tell
 */
export type DomainState = RunState;

export interface DomainOverview {
  readonly domain: Domain;
  readonly state: DomainState;
  /** The source, and the target while a migration is under way. */
  readonly instances: readonly InstanceOverview[];
  /** The migration under way, or what one that was cut off has left. */
  readonly migration: MigrationOverview | undefined;
  /** Why the last one came to nothing, unless one has gone well since. */
  readonly lastFailure: LastFailure | undefined;
}

export interface InstanceOverview {
  readonly instance: Instance;
  readonly role: Side;
  readonly table: TableName;
  readonly alive: boolean;
  /** When its process was started; undefined if that does not live. */
  readonly startedAt: Micros | undefined;
}

export interface MigrationOverview {
  /** Whose it is: this client's, another's that lives, or one's that is gone. */
  readonly client: 'own' | 'other' | 'gone';
  readonly startedAt: Micros | undefined;
  /** Of another's as its trace tells. */
  readonly progress: MigrationProgress;
  /** Grows as long as the migration is under way. */
  readonly tracePath: string | undefined;
}

/** A monitor that has not answered within this is somebody else's; in ms. */
const monitorTimeoutMs = 1_000;
/** What each monitor more may take on a host that is busy, in ms. */
const moreForEachMs = 5;

/** @param running this client's own migrations, by their domain's UUID */
export async function readOverview(
  state: StateFolder,
  running: ReadonlyMap<string, RunningMigration>,
  signal?: AbortSignal,
): Promise<HostOverview> {
  const snapshot = await state.readWithTraces();
  signal?.throwIfAborted();
  const instances = await inspectInstances(state, snapshot);
  signal?.throwIfAborted();
  const domains = snapshot.tables.domains.map((domain) => {
    const own = (['source', 'remote'] as const).flatMap((table) => {
      const id = domain[table];
      const found = id === undefined ? undefined : instances.get(id);
      return found === undefined ? [] : [{ ...found, table, role: sideOfTable[table] }];
    });
    const journal = snapshot.journals.get(domain.uuid);
    const isMigrated = journal !== undefined || domain.remote !== undefined;
    const lastFailure = snapshot.failures.get(domain.uuid);
    return { domain, instances: own, lastFailure, isMigrated, journal: journal ?? '' };
  });
  const [states, migrations] = await Promise.all([
    readStates(state, domains, signal),
    Promise.all(
      domains.map(async ({ domain: { uuid }, isMigrated, journal }) =>
        isMigrated ? readMigration(state, uuid, journal, running.get(uuid)) : undefined,
      ),
    ),
  ]);
  return {
    domains: domains.map(({ domain, instances, lastFailure }, index) => ({
      ...{ domain, instances, lastFailure },
      state: states[index] ?? 'unknown',
      migration: migrations[index],
    })),
    traces: snapshot.traces
      .flatMap((name) => traceNamed(state.tracePath(name)) ?? [])
      .sort((a, b) => b.at - a.at),
  };
}

type InspectedInstance = Pick<InstanceOverview, 'instance' | 'alive' | 'startedAt'>;
type InspectedDomain = Pick<DomainOverview, 'domain' | 'instances'> & {
  readonly isMigrated: boolean;
};

async function inspectInstances(
  { host }: StateFolder,
  { tables: { instances } }: StateSnapshot,
): Promise<Map<number, InspectedInstance>> {
  const facts = await host.inspect(instances.map(({ process }) => process?.pid ?? 0));
  return new Map(
    instances.map((instance, index) => {
      const found = facts[index];
      const alive = found !== undefined && found.startTime === instance.process?.startTime;
      return [instance.id, { instance, alive, startedAt: alive ? found.startedAt : undefined }];
    }),
  );
}

async function readMigration(
  state: StateFolder,
  uuid: string,
  journal: string,
  own: RunningMigration | undefined,
): Promise<MigrationOverview> {
  const begin = readJournal(journal).find((entry) => entry.kind === 'begin');
  const tracePath = begin?.trace;
  const known = { startedAt: begin?.at, tracePath };
  if (own !== undefined) return { ...known, client: 'own', progress: own.progress };
  const [claimant, progress] = await Promise.all([
    state.claimant(uuid),
    tracePath === undefined ? notBegun : readProgress(state.host, tracePath),
  ]);
  // Our own claim is that of its recovery.
  return { ...known, client: claimant === 'other' ? 'other' : 'gone', progress };
}

/** The monitors are asked only where nothing else tells: a migration holds those of its domain. */
async function readStates(
  { host }: StateFolder,
  domains: readonly InspectedDomain[],
  signal: AbortSignal | undefined,
): Promise<DomainState[]> {
  const known = domains.map(({ instances: [source], isMigrated }) => {
    if (source?.alive !== true) return 'gone';
    // One of libvirt's is in the tables only while it is taken from there.
    const isTaken = source.instance.libvirt !== undefined;
    return isMigrated || isTaken ? 'migrating' : undefined;
  });
  const asked = domains.filter((_, index) => known[index] === undefined);
  if (asked.length === 0) return known.map((state) => state ?? 'unknown');
  const answers = await host.converse(asked.flatMap(questionTo), {
    timeoutMs: monitorTimeoutMs + asked.length * moreForEachMs,
    ...(signal && { signal }),
  });
  const told = answers.map(stateIn).values();
  return known.map((state) => state ?? told.next().value ?? 'unknown');
}

const question = ['qmp_capabilities', 'query-status']
  .map((execute) => `${JSON.stringify({ execute })}\n`)
  .join('');
/** The greeting and two answers. */
const answerLines = 3;
/** More than a monitor with `pretty=on` makes of them: such a one is listened to until the timeout. */
const prettyAnswerLines = 100;

function questionTo({ domain, instances: [source] }: InspectedDomain): Conversation[] {
  if (source === undefined) return [];
  const { monitor } = source.instance;
  const isPretty = qmpMonitors(domain.definition).some(
    ({ path, pretty }) => path === monitor && pretty,
  );
  return [
    {
      endpoint: { unix: monitor },
      send: question,
      lines: isPretty ? prettyAnswerLines : answerLines,
    },
  ];
}

/** What a monitor's lines tell of its machine; exported for its tests. */
export function stateIn(lines: readonly string[] | undefined): DomainState {
  if (lines === undefined) return 'unreachable';
  let heard: Received[];
  try {
    const splitter = new JsonSplitter();
    heard = [...splitter.push(Buffer.from(lines.join('\n')))].map(({ message }) =>
      parseMessage(message),
    );
  } catch {
    return 'unknown';
  }
  if (heard.length === 0) return 'busy';
  for (const message of heard.reverse()) {
    if (message.kind === 'reply') {
      try {
        return parseRunState(message.value).status;
      } catch {
        // The answer to qmp_capabilities.
        continue;
      }
    }
    // One that came in between has taken the place of the answer.
    if (message.kind === 'event' && message.name === 'STOP') return 'paused';
    if (message.kind === 'event' && message.name === 'RESUME') return 'running';
  }
  return 'unknown';
}
