import assert from 'node:assert/strict';
import type { Session } from '../support/session';

/** Migrations that are seen while they last, left behind, and cancelled; and the traces of these. */
export function cancelAndTraces(session: Session): void {
  it('sees the timeline fill while the guest is copied, and cancels', async () => {
    const { tree, timeline, notifications } = session.workbench;
    await tree.menu(/^build/, 'Migrate Locally…');
    await session.workbench.answerMigration('build', '10.0', 'precopy');
    await notifications.waitFor(/Migrating build.*Perform/);
    const release = await session.host.holdTarget('build');
    await tree.waitFor(/^build.*migrating/);
    await timeline.header.filter({ hasText: /build\s*on devbox/ }).waitFor();
    const before = await timeline.count();
    await timeline.waitUntilMoreThan(before);
    assert.doesNotMatch(await timeline.header.innerText(), /moved/);
    await notifications.press(/Migrating build/, 'Cancel');
    release();
    await notifications.waitFor(/build/);
    await timeline.header.filter({ hasText: 'stayed at the source' }).waitFor();
    await tree.waitFor(/^build.*running.*QEMU 7\.2/);
    await notifications.clear();
  });

  it('leaves one behind with its window, which QEMU goes on with, and cancels it in the next', async function () {
    this.timeout(90_000);
    const { tree, timeline, notifications } = session.workbench;
    await session.workbench.run('View: Close All Editors');
    await tree.menu(/^build/, 'Migrate Locally…');
    await session.workbench.answerMigration('build', '10.0', 'precopy');
    await notifications.waitFor(/Migrating build.*Perform/);
    await session.host.slowDown('build');
    // It takes the keyboard when it opens.
    await timeline.header.filter({ hasText: /build\s*on devbox/ }).waitFor();
    await session.workbench.reload();
    const left = /A migration of build was left to QEMU, which is still at it/;
    await notifications.waitFor(left);
    assert.ok(
      await session.host.hasTraced('LEFT_TO_QEMU'),
      'the window did not close its migration',
    );
    await tree.waitFor(/^build.*migration left behind · Perform/);
    await notifications.press(left, 'Cancel');
    await notifications.waitFor(/A migration of build was cut off\. The guest had not moved/);
    await tree.waitFor(/^build.*running.*QEMU 7\.2/);
    await notifications.clear();
  });

  it('opens a trace of before from the tree', async () => {
    const { tree, timeline } = session.workbench;
    await session.workbench.run('View: Close All Editors');
    await tree.open('Recent traces');
    await tree.click(/^web.*KiB$/);
    await timeline.header.filter({ hasText: 'moved' }).waitFor();
  });
}
