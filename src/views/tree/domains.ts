/** Domains and their instances, as rows. */
import type { DomainHoldings } from '../../engine/inventory/holdings';
import type {
  DomainOverview,
  InstanceOverview,
  MigrationOverview,
} from '../../engine/inventory/overview';
import type { LastFailure } from '../../engine/state/last-failure';
import { formatBytes, formatRate } from '../../engine/text/units';
import { phaseTitle } from '../../engine/trace/progress';
import { labelText, tooltipText } from '../text';
import { joined, lines, spoken, type Branch, type Icon, type Part, type Words } from './branch';
import { contextValue } from './context-values';
import { instanceBranch } from './instances';
import type { DomainNode } from './node';

export function domainBranch(
  hostId: string,
  { domain, state, instances, migration, lastFailure }: DomainOverview,
  holdings: Part<DomainHoldings>,
  words: Words,
): Branch {
  const { t } = words;
  const { uuid } = domain;
  const node: DomainNode = { kind: 'domain', hostId, uuid, name: domain.name };
  const [source, target] = instances;
  const name = labelText(domain.name);
  const isMigrating = migration !== undefined && state === 'migrating';
  const stateWords = isMigrating ? migrationText(migration, words) : stateText(state, words);
  const versions = versionsText(source, target);
  const qemu = versions === undefined ? undefined : `QEMU ${versions}`;
  // One that is under way may go better.
  const failure = migration === undefined ? lastFailure : undefined;
  const failed = failure && t('not migrated: {0}', labelText(failure.code));
  return {
    node,
    look: {
      label: name,
      // Of two versions the row has no room for more, and beside another client's for none.
      description: joined(
        stateWords,
        target === undefined ? qemu : migration?.client === 'own' ? versions : undefined,
        failed,
      ),
      tooltip: lines(
        tooltipText(domain.name),
        t('UUID: {0}', uuid),
        t('State: {0}', stateWords),
        qemu,
        domain.libvirt === undefined
          ? t('Run by Sidestep')
          : t('Run by Sidestep, from libvirt: {0}', tooltipText(domain.libvirt.uri)),
        explanation(state, words),
        migration && stepText(migration, words),
        failure && failureText(failure, words),
      ),
      icon: iconOf(state),
      contextValue: contextValue(
        ...['domain', state.replaceAll('-', '_'), 'own'],
        ...(domain.libvirt === undefined ? [] : ['from-libvirt']),
      ),
      accessibilityLabel: spoken(
        t('Domain {0}', name),
        stateWords,
        qemu,
        t('Run by Sidestep'),
        failure && failureText(failure, words),
      ),
    },
    children: instances.map(({ instance, role, alive, startedAt }) =>
      instanceBranch(
        {
          node: { kind: 'instance', hostId, uuid, name: domain.name, instanceId: instance.id },
          ...{ role, alive, startedAt, migrating: migration !== undefined },
          pid: instance.process?.pid,
          emulator: instance.emulator,
          version: instance.version,
        },
        holdings,
        words,
      ),
    ),
    isOpen: false,
  };
}

/** The cause, and what to do about it. */
function failureText({ at, code, message, hint }: LastFailure, { t, time }: Words): string {
  const cause = tooltipText([message, hint ?? ''].join(' ').trim());
  return t('Not migrated, {0}: {1} [{2}]', time(at), cause, labelText(code));
}

function stateText(state: string, { t }: Words): string {
  switch (state) {
    case 'running':
      return t('running');
    case 'paused':
      return t('paused');
    case 'gone':
      return t('its process has ended');
    case 'busy':
      return t('its monitor is taken');
    case 'unreachable':
      return t('no monitor');
    case 'unknown':
      return t('unknown state');
    default:
      // QEMU's own word.
      return labelText(state);
  }
}

/** How far our own is, its notification tells. */
function migrationText({ client, progress }: MigrationOverview, { t }: Words): string {
  const { phase, ram } = progress;
  const far = [
    ...(phase === undefined ? [] : [phaseTitle(phase)]),
    ...(phase === 'perform' && ram !== undefined ? [t('{0} %', ram.percent)] : []),
  ];
  switch (client) {
    case 'own':
      return t('migrating');
    case 'other':
      return joined(t('migrating by another client'), ...far);
    case 'gone':
      return joined(t('migration left behind'), ...far);
  }
}

function stepText({ progress }: MigrationOverview, { t }: Words): string | undefined {
  const { step, mode, ram } = progress;
  if (step === undefined) return undefined;
  return joined(
    t('Step: {0}', labelText(step)),
    mode && labelText(mode),
    ram && t('{0} % of {1}', ram.percent, formatBytes(ram.total)),
    ram?.mbps === undefined ? undefined : formatRate(ram.mbps),
    ram && ram.pass > 1 ? t('pass {0}', ram.pass) : undefined,
  );
}

function explanation(state: string, { t }: Words): string | undefined {
  switch (state) {
    case 'busy':
      return t('Another client holds its monitor, or QEMU does not answer.');
    case 'unreachable':
      return t('Nobody listens on its monitor’s path.');
    case 'gone':
      return t('Destroy the domain to remove what is left of it.');
    default:
      return undefined;
  }
}

/** `7.2.22`, and while it is migrated `7.2.22 → 10.0.13`. */
function versionsText(
  source: InstanceOverview | undefined,
  target: InstanceOverview | undefined,
): string | undefined {
  const from = source?.instance.version;
  const to = target?.instance.version;
  if (from === undefined) return undefined;
  return labelText(to === undefined ? from : `${from} → ${to}`, 30);
}

function iconOf(state: string): Icon {
  switch (state) {
    case 'running':
      return { id: 'vm-running', color: 'charts.green' };
    case 'migrating':
      return { id: 'vm-connect', color: 'charts.blue' };
    case 'gone':
      return { id: 'error', color: 'problemsErrorIcon.foreground' };
    case 'busy':
    case 'unreachable':
    case 'unknown':
      return { id: 'question', color: 'problemsWarningIcon.foreground' };
    case 'paused':
      return { id: 'debug-pause', color: 'charts.yellow' };
    case 'internal-error':
    case 'io-error':
    case 'guest-panicked':
      return { id: 'warning', color: 'problemsWarningIcon.foreground' };
    default:
      return { id: 'vm-outline' };
  }
}
