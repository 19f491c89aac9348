/**
 * Takes pictures of what a user does and sees, in a light and a dark theme:
 *
 *   node test/vscode/screenshots.mjs FOLDER
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { windowUrl } from './client.mjs';
import { withWorkbench } from './workbench.mjs';

/** @typedef {import('./client.mjs').Page} Page */

const folder = resolve(process.argv[2] ?? 'screenshots');
mkdirSync(folder, { recursive: true });

for (const [name, theme] of [
  ['light', 'Default Light Modern'],
  ['dark', 'Default Dark Modern'],
]) {
  await withWorkbench({ 'workbench.colorTheme': theme }, async ({ workspace, page, server }) => {
    const picture = (/** @type {string} */ what) =>
      page.screenshot({ path: join(folder, `${what}-${name}.png`) });
    await page.goto(windowUrl(server.port, workspace));
    await file(page, 'vm.sh').click({ clickCount: 2 });
    await page.locator('.statusbar-item >> text=Shell Script').waitFor();
    await file(page, 'vm.sh').click({ button: 'right' });
    await page.locator('.monaco-menu >> text=Plan a Local Migration').click({ trial: true });
    await picture('context-menu');
    await page.keyboard.press('Escape');
    await command(page, 'Sidestep: Plan');
    await page.locator('.quick-input-list >> text=on the PATH').waitFor();
    await picture('emulators');
    await page.locator('.quick-input-list >> text=QEMU 10.0').click();
    await page.locator('.tab >> text=vm.sh.plan').waitFor();
    await page.locator('.view-line >> text=Resources').waitFor();
    await picture('plan');
    await page.locator('[aria-label*="Compare the Two Command Lines"]').first().click();
    await page.locator('.monaco-diff-editor').waitFor();
    await page.locator('.monaco-diff-editor .line-insert').first().waitFor();
    await picture('compare');
    await file(page, 'unexpanded.sh').click({ clickCount: 2 });
    await page.locator('.tab.active >> text=unexpanded.sh').waitFor();
    await command(page, 'Sidestep: Plan');
    // Under its test driver VS Code shows no toasts.
    await command(page, 'Notifications: Show Notifications');
    await page.locator('.notifications-center >> text=Go to Line 3').waitFor();
    await picture('error');
  });
}

function file(/** @type {Page} */ page, /** @type {string} */ name) {
  return page.locator(`.explorer-folders-view .monaco-list-row[aria-label^="${name}"]`).first();
}

async function command(/** @type {Page} */ page, /** @type {string} */ title) {
  await page.keyboard.press('F1');
  await page.keyboard.type(title);
  await page.locator('.quick-input-list .monaco-list-row.focused', { hasText: title }).waitFor();
  await page.keyboard.press('Enter');
}
