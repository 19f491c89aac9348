import assert from 'node:assert/strict';
import type { Session } from '../support/session';

/** All of it once more without a mouse. */
export function keyboardAlone(session: Session): void {
  it('migrates with the keyboard alone, and reads the timeline with it', async () => {
    const { quickPick, timeline, notifications, tree } = session.workbench;
    const press = (...keys: string[]) => session.workbench.press(...keys);
    await session.workbench.run('View: Close All Editors');
    await session.workbench.run('Sidestep: Migrate Locally…');
    await quickPick.waitForRow('web');
    await quickPick.type('web');
    await quickPick.waitForFocused('web');
    await press('Enter');
    const title = 'Migrate web Locally';
    await quickPick.waitForQuestion(title, 1);
    await quickPick.waitForFocused('QEMU 10.0');
    await press('Enter');
    await quickPick.waitForQuestion(title, 2);
    await quickPick.waitForFocused('auto');
    await press('ArrowDown', 'ArrowUp', 'Enter');
    await quickPick.waitForQuestion(title, 3);
    await quickPick.waitForFocused('Start the Migration');
    await press('Enter');
    await notifications.waitFor(/web has moved to QEMU 10\.0/);
    await timeline.header.filter({ hasText: 'moved' }).waitFor();
    await session.workbench.run('View: Focus Active Editor Group');
    await timeline.tabTo('QMP traffic');
    await press('Home');
    const first = await timeline.selectedRow.innerText();
    await press('ArrowDown');
    await timeline.selectedRow.filter({ hasNotText: first }).waitFor();
    await press('/');
    await session.workbench.type('cont');
    await press('Escape');
    await tree.waitFor(/^web.*running.*QEMU 10\.0/);
    assert.ok(await timeline.detail.isVisible());
  });
}
