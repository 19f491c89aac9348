import assert from 'node:assert/strict';
import type { Session } from '../support/session';

/** A migration that is seen while it lasts, and cancelled; and the traces of both. */
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

  it('opens a trace of before from the tree', async () => {
    const { tree, timeline } = session.workbench;
    await session.workbench.run('View: Close All Editors');
    await tree.open('Recent traces');
    await tree.click(/^web.*KiB$/);
    await timeline.header.filter({ hasText: 'moved' }).waitFor();
  });
}
