import assert from 'node:assert/strict';
import type { Session } from '../support/session';

/** Migrations that fail at the target: the guest runs on, and the user learns why. */
export function failure(session: Session): void {
  it('learns why a target did not come up, from what it said', async () => {
    const { tree, timeline, notifications, quickPick } = session.workbench;
    const emulator = await session.host.installUnfitEmulator();
    const title = 'Migrate web Locally';
    await session.workbench.run('View: Close All Editors');
    await tree.menu(/^web/, 'Migrate Locally…');
    await quickPick.waitForQuestion(title, 1);
    await quickPick.choose('Enter a Path…');
    await quickPick.waitForQuestion(title, 2);
    await quickPick.replace(emulator);
    await quickPick.accept();
    await quickPick.waitForQuestion(title, 3);
    await quickPick.choose('precopy');
    await quickPick.waitForQuestion(title, 4);
    await quickPick.choose('Start the Migration');
    const told = await notifications.waitFor(/web was not migrated/);
    assert.match(told, /size of its RAM backend.*runs on.*RAM_SIZE_DIFFERS/s);
    await timeline.header.filter({ hasText: 'stayed at the source' }).waitFor();
    assert.match(await timeline.cause.innerText(), /size of its RAM backend/);
    await tree.waitFor(/^web.*running · QEMU 10\.0/);
    await notifications.clear();
  });

  it('learns that a target was killed in the middle', async () => {
    const { tree, timeline, notifications } = session.workbench;
    await tree.menu(/^build/, 'Migrate Locally…');
    await session.workbench.answerMigration('build', '10.0', 'precopy');
    await notifications.waitFor(/Migrating build.*Perform/);
    await session.host.holdTarget('build');
    await tree.waitFor(/^build.*migrating/);
    await session.host.killTarget('build');
    const told = await notifications.waitFor(/build was not migrated/);
    assert.match(told, /The target .* was killed by SIGKILL.*TARGET_KILLED/s);
    await timeline.header.filter({ hasText: 'stayed at the source' }).waitFor();
    assert.match(await timeline.cause.innerText(), /was killed by SIGKILL/);
    await tree.waitFor(/^build.*running · QEMU 7\.2/);
    await notifications.clear();
  });
}
