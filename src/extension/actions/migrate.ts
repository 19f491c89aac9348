/** Migrate Locally: emulator, mode, of libvirt's what then, a last look at the plan, and off. */
import * as vscode from 'vscode';
import * as v from 'valibot';
import { modes, type Mode } from '../../engine/mode';
import type { Finding, Plan } from '../../engine/plan/plan';
import { asTreeNode, type TreeNode } from '../../views/tree/node';
import { configuration } from '../configuration';
import { migration } from '../moves/migration';
import { upgrade } from '../moves/upgrade';
import { emulatorSteps, type EmulatorDraft } from '../pick-emulator';
import { confirmed, showMessage } from '../notify';
import { withCancellableProgress } from '../progress';
import { asLabel, shortName } from '../safe-text';
import type { Services } from '../services';
import { askInSteps, back, pick, type Answer, type Place } from '../steps';
import type { Handler } from './action';
import { openPlan } from './plan';
import { movable, planOf } from './plan-of';
import { domainSubject, emulatorOf, type DomainSubject } from './subjects';

/** For key bindings and other extensions: what is given here is not asked. */
const Wish = v.object({
  emulator: v.optional(v.string()),
  mode: v.picklist(['auto', ...modes]),
  /** Of a domain of libvirt's: it is Sidestep's from then on. */
  stay: v.optional(v.boolean(), false),
  /** Its persistent definition gets the other emulator too. */
  redefine: v.optional(v.boolean(), false),
});

export const migrate: Handler = async (services, given, wish) => {
  const subject = await domainSubject(services, given, {
    title: vscode.l10n.t('Migrate Locally'),
    ...movable,
  });
  if (subject === undefined) return;
  const { success, output } = v.safeParse(Wish, wish);
  const decided = success ? output : await askHow(services, subject);
  if (decided === undefined) return;
  const { connection } = subject;
  const { emulator, mode, stay, redefine } = decided;
  await services.migrations.run(
    subject,
    connection === undefined
      ? migration({ emulator, mode })
      : upgrade(connection, { emulator, mode, stay, redefine }),
  );
  services.refresh(subject.host.id);
};

export const cancelMigration: Handler = async (services, given) => {
  const node = asTreeNode(given);
  const { running } = services.migrations;
  if (node !== undefined && 'uuid' in node) {
    const own = services.migrations.find(node.hostId, node.uuid);
    if (own === undefined) await cancelAnothers(services, node);
    else own.abort.abort();
    return;
  }
  const [only, ...others] = running;
  if (only === undefined || others.length === 0) {
    only?.abort.abort();
    return;
  }
  const answer = await pick({
    place: { title: vscode.l10n.t('Cancel Migration'), step: 1, totalSteps: 1 },
    placeholder: vscode.l10n.t('The domain'),
    items: () =>
      running.map((migration) => ({ label: asLabel(migration.subject.name), migration })),
  });
  if (answer !== undefined && answer !== back) answer.migration.abort.abort();
};

/** Beside the client whose it is; one whose client is gone, too. */
async function cancelAnothers(services: Services, node: TreeNode): Promise<void> {
  const subject = await domainSubject(services, node, {
    title: vscode.l10n.t('Cancel Migration'),
  });
  if (subject === undefined) return;
  const { engine, uuid, host } = subject;
  const name = shortName(subject.name);
  const isSure = await confirmed(
    vscode.l10n.t('Cancel the migration of {0}? It was not begun in this window.', name),
    vscode.l10n.t('The guest runs on where it is. Whoever began the migration is told.'),
    vscode.l10n.t('Cancel Migration'),
  );
  if (!isSure) return;
  const title = vscode.l10n.t('Cancelling the migration of {0}', name);
  const cancelled = await withCancellableProgress(title, (signal) =>
    engine.cancelMigration(uuid, signal),
  );
  if (cancelled === undefined) return;
  void showMessage(
    'info',
    vscode.l10n.t('The migration of {0} was cancelled: it is where it was.', name),
  );
  services.refresh(host.id);
}

interface Draft extends EmulatorDraft {
  readonly mode: Mode | 'auto';
  readonly stay: boolean;
  readonly redefine: boolean;
}

async function askHow(services: Services, subject: DomainSubject): Promise<Draft | undefined> {
  const current = await emulatorOf(subject);
  return askInSteps<Draft>(
    vscode.l10n.t('Migrate {0} Locally', shortName(subject.name)),
    { emulator: current, isTyped: false, mode: 'auto', stay: false, redefine: false },
    [
      ...emulatorSteps<Draft>(subject.engine, {
        current,
        placeholder: vscode.l10n.t('The QEMU to move to'),
      }),
      { ask: (state, place) => askMode(subject, state, place) },
      {
        applies: () => subject.connection !== undefined,
        ask: (state, place) => askWhatThen(subject, state, place),
      },
      { ask: (state, place) => askStart(services, subject, state, place) },
    ],
  );
}

interface ModeItem extends vscode.QuickPickItem {
  readonly mode: Mode | 'auto';
  readonly isPossible: boolean;
}

async function askMode(subject: DomainSubject, state: Draft, place: Place): Promise<Answer<Draft>> {
  const preferred = configuration('migrate.defaultMode');
  const answer = await pick<ModeItem>({
    place,
    placeholder: vscode.l10n.t("How the guest's RAM gets across"),
    items: (signal) => modeItems(subject, state.emulator, signal),
    accepts: ({ isPossible }) => isPossible,
    isPreferred: ({ mode, isPossible }) => isPossible && mode === preferred,
  });
  return answer === undefined || answer === back ? answer : { ...state, mode: answer.mode };
}

async function modeItems(
  subject: DomainSubject,
  emulator: string,
  signal: AbortSignal,
): Promise<ModeItem[]> {
  // Whether libvirt could take it back does not matter yet.
  const planFor = (mode: Mode | 'auto') => planOf(subject, { emulator, mode, stay: true }, signal);
  const auto = await planFor('auto');
  const reasons = new Map(auto.fasterModes.map(({ mode, reason }) => [mode, reason]));
  // A mode that is slower than the one taken is not looked at by the plan.
  if (auto.mode === 'ignore-shared') {
    const slower = await planFor('cpr-transfer');
    const blocker = slower.blockers.find(({ code }) => code === 'MODE_NOT_POSSIBLE');
    if (blocker !== undefined) reasons.set('cpr-transfer', reasonIn(blocker));
  }
  const about: Readonly<Record<Mode, string>> = {
    'ignore-shared': vscode.l10n.t('RAM is not copied: both QEMUs map the same file'),
    'cpr-transfer': vscode.l10n.t('RAM is not copied: its descriptors are handed over'),
    precopy: vscode.l10n.t('RAM is copied while the guest runs'),
    postcopy: vscode.l10n.t(
      'The guest goes on at the target before all of its RAM is there: it is lost if either QEMU ends then',
    ),
  };
  return [
    {
      label: 'auto',
      description: vscode.l10n.t('the fastest that is possible: {0}', auto.mode),
      mode: 'auto',
      isPossible: true,
    },
    ...(['ignore-shared', 'cpr-transfer', 'precopy', 'postcopy'] as const).map((mode) => {
      const reason = reasons.get(mode);
      return {
        label: reason === undefined ? mode : `$(circle-slash) ${mode}`,
        description: about[mode],
        ...(reason !== undefined && {
          detail: asLabel(reason, 200),
        }),
        mode,
        isPossible: reason === undefined,
      };
    }),
  ];
}

/** Beside the mode that it is about: `cpr-transfer is not possible: the source runs ...`. */
function reasonIn({ message }: Finding): string {
  return message.slice(message.indexOf(': ') + 1).trim();
}

interface WhatThenItem extends vscode.QuickPickItem {
  readonly stay: boolean;
  readonly redefine: boolean;
}

/** Of a domain of libvirt's, once it runs on the other QEMU. */
async function askWhatThen(
  subject: DomainSubject,
  state: Draft,
  place: Place,
): Promise<Answer<Draft>> {
  const answer = await pick<WhatThenItem>({
    place,
    placeholder: vscode.l10n.t('And then'),
    items: (signal) => whatThenItems(subject, signal),
    isPreferred: ({ stay, redefine }) => stay === state.stay && redefine === state.redefine,
  });
  if (answer === undefined || answer === back) return answer;
  const { stay, redefine } = answer;
  return { ...state, stay, redefine };
}

async function whatThenItems(
  { engine, uuid, connection: uri }: DomainSubject,
  signal: AbortSignal,
): Promise<WhatThenItem[]> {
  const domain = uri && (await engine.libvirt.find({ uri, domain: uuid }, signal));
  const description = vscode.l10n.t('a live migration too');
  return [
    {
      label: vscode.l10n.t('Back to libvirt'),
      description,
      detail:
        domain?.persistent === true
          ? vscode.l10n.t(
              'It is libvirt’s domain as before, on the other QEMU until it is shut off: its persistent definition stays as it is.',
            )
          : vscode.l10n.t('It is libvirt’s domain as before, on the other QEMU.'),
      stay: false,
      redefine: false,
    },
    ...(domain?.persistent === true
      ? [
          {
            label: vscode.l10n.t('Back to libvirt, for Good'),
            description,
            detail: vscode.l10n.t(
              'Its persistent definition gets the other QEMU too: it starts on that from now on.',
            ),
            stay: false,
            redefine: true,
          },
        ]
      : []),
    {
      label: vscode.l10n.t('Stay with Sidestep'),
      detail: vscode.l10n.t(
        'libvirt has it as shut off, or not at all if it is transient. It can be handed back at any time.',
      ),
      stay: true,
      redefine: false,
    },
  ];
}

interface StartItem extends vscode.QuickPickItem {
  readonly does?: 'start' | 'show-plan';
}

/** The plan's blockers and warnings, and the start if nothing stands against it. */
async function askStart(
  services: Services,
  subject: DomainSubject,
  state: Draft,
  place: Place,
): Promise<Answer<Draft>> {
  const { emulator } = state;
  let plan: Plan | undefined;
  const answer = await pick<StartItem>({
    place,
    placeholder: vscode.l10n.t('A last look before it begins'),
    items: async (signal) => {
      plan = await planOf(subject, state, signal);
      return startItems(plan, emulator);
    },
    accepts({ does }) {
      // Beside the question, which stays.
      if (does === 'show-plan' && plan !== undefined) openPlan(services, subject, emulator, plan);
      return does === 'start';
    },
  });
  return answer === undefined || answer === back ? answer : state;
}

function startItems(plan: Plan, emulator: string): StartItem[] {
  const { blockers, warnings, mode, resources } = plan;
  const isBlocked = blockers.length > 0;
  const count = (action: string) => resources.filter((each) => each.action === action).length;
  const showPlan: StartItem = {
    label: `$(checklist) ${vscode.l10n.t('Show the Plan')}`,
    detail: vscode.l10n.t(
      '{0} shared, {1} unique to the target, {2} taken back',
      count('share'),
      count('unique'),
      count('take-back'),
    ),
    does: 'show-plan',
  };
  const start: StartItem = {
    label: `$(arrow-swap) ${vscode.l10n.t('Start the Migration')}`,
    description: mode,
    detail: asLabel(emulator, 120),
    does: 'start',
  };
  return [
    ...(isBlocked ? [] : [start]),
    showPlan,
    ...findingItems('$(error)', vscode.l10n.t('blockers: it cannot be started'), blockers),
    ...findingItems('$(warning)', vscode.l10n.t('warnings'), warnings),
  ];
}

function findingItems(icon: string, title: string, findings: readonly Finding[]): StartItem[] {
  if (findings.length === 0) return [];
  return [
    { label: title, kind: vscode.QuickPickItemKind.Separator },
    ...findings.map(({ code, message, hint = '' }) => ({
      label: `${icon} ${code}`,
      detail: asLabel(`${message} ${hint}`.trim(), 300),
      alwaysShow: true,
    })),
  ];
}
