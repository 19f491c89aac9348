import type { Recovery } from '../../engine/recovery/recover';
import { defineCommand } from '../command';
import { exitStatus } from '../exit-status';
import { cancellable } from '../interrupt';
import { recoveryText } from '../output/recovery';

export const recover = defineCommand({
  name: 'recover',
  summary: 'Bring migrations to their end whose client is gone',
  operands: ['[DOMAIN]'],
  options: {},
  help: `DOMAIN is a name or a UUID; without it, every migration that was cut off. If the guest has moved the
migration is finished, otherwise it is undone. One that QEMU is still at is waited for; an interrupt
cancels it. Any other command does so first, unless QEMU is still at it.`,
  async run({ operands: [nameOrUuid] }, context) {
    const engine = await context.engine({ recovers: false });
    const names =
      nameOrUuid === undefined ? (await engine.cutOff()).map(({ uuid }) => uuid) : [nameOrUuid];
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

function recoveryDocument({ domain, outcome, isLibvirts, takenBack, tracePath }: Recovery) {
  return {
    domain: domain.name,
    uuid: domain.uuid,
    outcome,
    libvirts: isLibvirts,
    takenBack: takenBack.map(({ what, address, error }) => ({
      what,
      address,
      error: error ?? null,
    })),
    trace: tracePath,
  };
}
