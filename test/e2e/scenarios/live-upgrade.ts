import assert from 'node:assert/strict';
import type { LibvirtHost } from '../support/libvirt-host';
import type { Session } from '../support/session';

/** A domain of libvirt's gets another QEMU while its guest runs, and is libvirt's as before. */
export function liveUpgrade(session: Session<LibvirtHost>): void {
  it('sees libvirt’s domain, and how libvirt names its paths', async () => {
    const { tree } = session.workbench;
    await session.workbench.openSidebar();
    await tree.waitFor(/^web.*running.*QEMU 7\.2.*libvirt/);
    await tree.open(/^web/);
    await tree.open('Instance #');
    await tree.open('Monitors');
    await tree.waitFor(/monitor\.sock.*by instance id/);
  });

  it('upgrades it from the context menu, and sees both migrations in one timeline', async () => {
    const { tree, quickPick, timeline, notifications } = session.workbench;
    await tree.menu(/^web/, 'Migrate Locally…');
    const title = 'Migrate web Locally';
    for (const [step, answer] of ['10.0', 'auto', 'Back to libvirt', 'Start'].entries()) {
      await quickPick.waitForQuestion(title, step + 1);
      await quickPick.choose(answer);
    }
    await notifications.waitFor(/web is libvirt’s as before and runs on QEMU 10\.0/);
    await timeline.header.filter({ hasText: 'moved' }).waitFor();
    const header = await timeline.header.innerText();
    assert.match(header, /#1 QEMU 7\.2.*→.*#2 QEMU 10\.0.*→.*#3 QEMU 10\.0/s);
    assert.match(header, /Guest stood still\s+[\d.]+ [µm]?s \+ [\d.]+ [µm]?s/);
    assert.match(header, /Both migrations\s+[\d.]+ m?s/);
    await tree.waitFor(/^web.*running.*QEMU 10\.0.*libvirt/);
  });

  it('is well to be looked at', async () => {
    const { workbench } = session;
    await workbench.hideSecondarySideBar();
    await workbench.notifications.clear();
    await workbench.closeTab('Welcome');
    await workbench.tree.open('Instance #');
    await workbench.tree.open('RAM');
    await workbench.tree.open('Disks');
    await workbench.useTheme('Dark Modern');
    await workbench.timeline.waitForTheme('dark');
    await workbench.timeline.button('Fit').click();
    await session.picture('upgrade-dark');
  });

  it('zooms to one downtime, and then to the other', async () => {
    const { workbench } = session;
    for (const instance of ['#1 source', '#2 source']) {
      await workbench.timeline.button('Downtime').click();
      await workbench.eventually(async () => {
        const seen = (await workbench.timeline.probeMiddle()).join('\n');
        assert.match(seen, new RegExp(`(paused|postmigrate)[^]*${instance}`));
      });
    }
  });
}
