import assert from 'node:assert/strict';
import type { Session } from '../support/session';

const names = {
  markup: '<img src=x onerror=alert(1)>',
  shell: '$(reboot)',
  long: 'long-'.repeat(800),
  steering: 'invoice\u202Egpj.exe',
};

/** Whoever names a VM does not say what is run, or shown, elsewhere. */
export function namesThatAttack(session: Session): void {
  it('sees names that attack as the text they are', async () => {
    const { tree } = session.workbench;
    await session.host.startSmall(names.markup);
    for (const name of [names.shell, names.long, names.steering]) {
      await session.host.startEmpty(name);
    }
    // As they come, by themselves.
    await tree.waitFor(names.markup);
    await tree.waitFor(names.shell);
    await tree.waitFor(/^(long-){5,20}[^-]*…/);
    await tree.waitFor('invoice\\u{202e}gpj.exe');
  });

  it('also in tooltips, menus, questions and documents', async () => {
    const { tree, quickPick } = session.workbench;
    await tree.menu(names.markup, 'Migrate Locally…');
    await quickPick.waitForQuestion(`Migrate ${names.markup} Locally`, 1);
    await session.workbench.press('Escape');
    await session.workbench.run('Sidestep: Migrate Locally…');
    for (const name of [names.markup, names.shell, 'long-long-', 'invoice\\u{202e}gpj.exe']) {
      await quickPick.waitForRow(name);
    }
    await session.workbench.press('Escape');
    await tree.menu(names.shell, 'Show Instance Status');
    await session.workbench.waitForActiveTab(/reboot/);
    assert.equal(await session.workbench.countOf('img[src=x]'), 0);
    assert.equal(await session.workbench.countOf('.codicon-reboot'), 0);
  });
  it('also in the timeline, and in what is told of a migration', async () => {
    const { tree, timeline, notifications } = session.workbench;
    await tree.menu(names.markup, 'Migrate Locally…');
    await session.workbench.answerMigration(names.markup, '10.0', 'precopy');
    await notifications.waitFor(`${names.markup} has moved to QEMU 10.0`);
    await timeline.header.filter({ hasText: names.markup }).filter({ hasText: 'moved' }).waitFor();
    await session.workbench.waitForActiveTab(names.markup);
    assert.equal(await session.workbench.countOf('img[src=x]'), 0);
    assert.equal(await timeline.countOf('img[src=x]'), 0);
  });
}
