import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Session } from '../support/session';

/** What the source says of its run state while the guest is at neither side. */
const standingStill = /finish-migrate|postmigrate|paused/;

/** From nothing to the first migration, and back to it after a reload of the window. */
export function firstMigration(session: Session): void {
  it('adds a host of the SSH configuration, and is asked once about its key', async () => {
    const { host } = session;
    const { tree, quickPick, dialog, notifications } = session.workbench;
    await session.workbench.openSidebar();
    await tree.waitFor('This machine');
    await tree.close('This machine');
    await session.workbench.run('Sidestep: Add SSH Host…');
    await quickPick.waitForQuestion('Add SSH Host');
    await quickPick.choose(host.name);
    await quickPick.waitForQuestion('Add SSH Host', 2);
    await quickPick.accept();
    await quickPick.waitForQuestion('Add SSH Host', 3);
    await quickPick.choose('the user I connect as');
    const question = await dialog.text();
    assert.ok(question.includes(await host.fingerprint()), question);
    await assert.rejects(readFile(host.knownHosts), { code: 'ENOENT' });
    await dialog.press('Trust This Host');
    await tree.waitFor(/^web/);
    assert.match(await readFile(host.knownHosts, 'utf8'), /ssh-ed25519 /);
    await notifications.waitUntilNone();
  });

  it('sees the domains, and the paths of an instance with what a migration does to them', async () => {
    const { tree } = session.workbench;
    await tree.waitFor(/^web.*running.*QEMU 7\.2/);
    await tree.waitFor(/^build.*running.*QEMU 7\.2/);
    await tree.open(/^web/);
    await tree.open('Instance #');
    await tree.waitFor(/^RAM/);
    await tree.open('Monitors');
    await tree.waitFor(/web\.qmp.*given back/);
    await tree.open('Disks');
    await tree.waitFor(/web\.qcow2.*shared/);
  });

  it('migrates from the context menu to a newer QEMU, and sees the timeline', async () => {
    const { tree, timeline, notifications } = session.workbench;
    await tree.menu(/^web/, 'Migrate Locally…');
    await session.workbench.answerMigration('web', '10.0', 'precopy');
    await notifications.waitFor(/web has moved to QEMU 10\.0/);
    await timeline.header.filter({ hasText: 'moved' }).waitFor();
    await session.workbench.hideSecondarySideBar();
    const header = await timeline.header.innerText();
    assert.match(header, /web\s+on devbox/);
    assert.match(header, /QEMU 7\.2.*→.*QEMU 10\.0/s);
    assert.match(header, /Guest stood still\s+[\d.]+ [µm]?s/);
    assert.doesNotMatch(header, /✗/);
    await tree.waitFor(/^web.*running.*QEMU 10\.0/);
    await tree.open('Instance #');
    await tree.open('Monitors');
    await tree.waitFor(/web\.qmp.*given back/);
  });

  it('finds the migrate command in the list, and what it was', async () => {
    const { timeline } = session.workbench;
    await timeline.search('migrate');
    await timeline.scrollToStart();
    await timeline.row('migrate').click();
    await timeline.detail.filter({ hasText: 'unix:' }).waitFor();
    assert.match(await timeline.detail.innerText(), /^migrate\b/);
  });

  it('zooms to the downtime, where the pointer is on a guest that stands still', async () => {
    const { timeline } = session.workbench;
    await timeline.button('Downtime').click();
    await session.workbench.eventually(async () => {
      assert.match((await timeline.probeMiddle()).join('\n'), standingStill);
    });
  });

  it('finds everything again after a reload of the window', async () => {
    const { tree, timeline } = session.workbench;
    await tree.waitFor(/web\.qmp.*given back/);
    await session.workbench.reload();
    await timeline.header.filter({ hasText: 'moved' }).waitFor();
    await timeline.selectedRow.filter({ hasText: /migrate\s*\{.*unix:/ }).waitFor();
    assert.equal(await timeline.filter.inputValue(), 'migrate');
    await tree.waitFor(/^web.*QEMU 10\.0/);
    await tree.waitFor(/web\.qmp.*given back/);
    await session.workbench.eventually(async () => {
      assert.match((await timeline.probeMiddle()).join('\n'), standingStill);
    });
  });
}
