import assert from 'node:assert/strict';
import type { Session } from '../support/session';

/** From the first connection to the last: what is not a migration. */
export function hostDay(session: Session): void {
  it('adds a host whose name is typed', async () => {
    const { host } = session;
    const { tree, quickPick, dialog } = session.workbench;
    await session.workbench.openSidebar();
    await session.workbench.run('Sidestep: Add SSH Host…');
    await quickPick.waitForQuestion('Add SSH Host');
    await quickPick.choose('Enter user@host');
    await quickPick.waitForQuestion('Add SSH Host', 2);
    await quickPick.type(host.name);
    await quickPick.accept();
    await quickPick.waitForQuestion('Add SSH Host', 3);
    await quickPick.accept();
    await quickPick.waitForQuestion('Add SSH Host', 4);
    await quickPick.choose('the user I connect as');
    await dialog.press('Trust This Host');
    await tree.waitFor(/^small.*running/);
  });

  it('talks with a QEMU in its console', async () => {
    const { tree, terminal } = session.workbench;
    await tree.menu(/^small/, 'Open QMP Console');
    await terminal.waitFor(/QEMU.*instance.*1.*of.*small/);
    // Completed once the schema is there, which comes a moment after the greeting.
    await terminal.type('query-statu');
    await session.workbench.eventually(async () => {
      await terminal.press('Tab');
      await terminal.waitFor(/query-status/, 500);
    });
    await terminal.press('Enter');
    await terminal.waitFor(/"status":.*"running"/);
  });

  it('pauses and resumes from the tree, and hears of it in the console', async () => {
    const { tree, terminal } = session.workbench;
    await tree.menu(/^small/, 'Pause');
    await tree.waitFor(/^small.*paused/);
    await terminal.waitFor(/STOP/);
    await tree.menu(/^small/, 'Resume');
    await tree.waitFor(/^small.*running/);
    await terminal.waitFor(/RESUME/);
  });

  it('finds the host connected after a reload of the window, with nothing asked', async () => {
    const { tree, quickPick, dialog } = session.workbench;
    await session.workbench.reload();
    await tree.waitFor(/^small.*running/);
    assert.equal(await quickPick.isOpen(), false);
    assert.equal(await dialog.isOpen(), false);
  });

  it('destroys a domain when that is confirmed, and only then', async () => {
    const { tree, dialog } = session.workbench;
    await tree.menu(/^small/, 'Destroy…');
    assert.match(await dialog.text(), /Destroy small on devbox\?[^]*as if the plug were pulled/);
    await dialog.press('Cancel');
    await tree.waitFor(/^small.*running/);
    await tree.menu(/^small/, 'Destroy…');
    await dialog.press('Destroy');
    await tree.waitUntilGone(/^small/);
  });

  it('finds a host that was disconnected as it was, and connects it by a click', async () => {
    const { tree } = session.workbench;
    const { name } = session.host;
    await tree.menu(name, 'Disconnect');
    await tree.waitUntilGone(/^other/);
    await session.workbench.reload();
    await tree.waitFor(name);
    // By the time this machine is shown, the host would be connecting.
    await tree.waitFor(/^This machine/);
    await tree.waitUntilGone(/^other/);
    await tree.menu(name, 'Connect');
    await tree.waitFor(/^other.*running/);
  });

  it('removes the host for good', async () => {
    const { tree, dialog } = session.workbench;
    const { name } = session.host;
    await tree.menu(name, 'Remove SSH Host…');
    assert.match(await dialog.text(), /Remove devbox from the list of hosts\?/);
    await dialog.press('Remove');
    await tree.waitUntilGone(name);
    await session.workbench.reload();
    await tree.waitFor(/^This machine/);
    await tree.waitUntilGone(name);
  });
}
