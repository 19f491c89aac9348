import type { Recovery } from '../../engine/migration/recover';
import { printable } from '../../engine/text/printable';
import { defineCommand } from '../command';
import { exitStatus } from '../exit-status';
import { cancellable } from '../interrupt';

export const recover = defineCommand({
  name: 'recover',
  summary: 'Bring migrations to their end whose client is gone',
  operands: ['[DOMAIN]'],
  options: {},
  help: `DOMAIN is a name or a UUID; without it, every migration that was cut off. If the guest has moved the
migration is finished, otherwise it is undone. One that QEMU is still at is waited for; an interrupt
cancels it. Any other command does so first, unless QEMU is still at it.`,
  async run({ operands: [nameOrUuid] }, context) {
    const engine = await context.engine();
    const names = nameOrUuid === undefined ? await engine.underMigration() : [nameOrUuid];
    const recoveries: Recovery[] = [];
    for (const name of names) {
      const recovery = await cancellable((signal) => engine.recover(name, { signal }));
      if (recovery !== undefined) recoveries.push(recovery);
    }
    return {
      document: { recovered: recoveries.map(recoveryDocument) },
      text:
        recoveries.length === 0
          ? 'No migration was cut off.'
          : recoveries.map(recoveryText).join('\n'),
      status: recoveries.some(({ outcome }) => outcome === 'lost')
        ? exitStatus.recovery
        : exitStatus.done,
    };
  },
});

function recoveryDocument({ domain, outcome, takenBack, tracePath }: Recovery) {
  return {
    domain: domain.name,
    uuid: domain.uuid,
    outcome,
    takenBack: takenBack.map(({ what, address, error }) => ({
      what,
      address,
      error: error ?? null,
    })),
    trace: tracePath,
  };
}

const said = {
  moved: 'had moved: its migration is finished',
  stayed: 'had not moved: what the migration had begun is undone',
  lost: 'is lost: no process has it any more',
} as const;

function recoveryText({ domain, outcome, takenBack, tracePath }: Recovery): string {
  return [
    `The guest of domain "${printable(domain.name)}" ${said[outcome]}.`,
    ...takenBack.flatMap(({ what, address, error }) =>
      error === undefined ? [] : `Not taken back: ${what} ${printable(address)}: ${error}`,
    ),
    `Trace: ${printable(tracePath)}`,
  ].join('\n');
}
