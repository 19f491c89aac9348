import assert from 'node:assert/strict';
import type { Page } from '../../vscode/playwright';
import type { VsCode } from '../support/vscode';
import { Dialog } from './dialog';
import { Notifications } from './notifications';
import { QuickPick } from './quick-pick';
import { Timeline } from './timeline';
import { Tree } from './tree';

/** The window of VS Code, as a user sees it. */
export class Workbench {
  readonly tree: Tree;
  readonly quickPick: QuickPick;
  readonly dialog: Dialog;
  readonly notifications: Notifications;
  readonly timeline: Timeline;
  readonly #page: Page;

  constructor(readonly vscode: VsCode) {
    const { page } = vscode;
    this.#page = page;
    this.tree = new Tree(page);
    this.quickPick = new QuickPick(page);
    this.dialog = new Dialog(page);
    this.notifications = new Notifications(page);
    this.timeline = new Timeline(page);
  }

  /** Opens the view by its icon, as whoever has just installed the extension does. */
  async openSidebar(): Promise<void> {
    const icon = this.#page.getByRole('tab', { name: /^Sidestep/ });
    await icon.click();
    await this.tree.waitUntilShown();
  }

  /** @param title as the palette has it: `Sidestep: Migrate Locally…` */
  async run(title: string): Promise<void> {
    await this.#page.keyboard.press('F1');
    await this.quickPick.type(title);
    await this.quickPick.moveTo(title);
    await this.#page.keyboard.press('Enter');
  }

  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.#page.keyboard.press(key);
  }

  async type(text: string): Promise<void> {
    await this.#page.keyboard.type(text);
  }

  /** How many elements there are in the window, its editors aside. */
  countOf(selector: string): Promise<number> {
    return this.#page.locator(selector).count();
  }

  /** Answers the questions of a migration. */
  async answerMigration(domain: string, emulator: string, mode: string): Promise<void> {
    const title = `Migrate ${domain} Locally`;
    await this.quickPick.waitForQuestion(title, 1);
    await this.quickPick.choose(emulator);
    await this.quickPick.waitForQuestion(title, 2);
    await this.quickPick.choose(mode);
    await this.quickPick.waitForQuestion(title, 3);
    await this.quickPick.choose('Start the Migration');
  }

  /** VS Code opens it by itself. */
  async hideSecondarySideBar(): Promise<void> {
    const bar = this.#page.locator('.part.auxiliarybar');
    if (!(await bar.isVisible())) return;
    await bar.getByRole('button', { name: /^Hide Secondary Side Bar/ }).click();
    await bar.waitFor({ state: 'hidden' });
  }

  async useTheme(name: string): Promise<void> {
    await this.run('Preferences: Color Theme');
    await this.quickPick.type(name);
    await this.quickPick.moveTo(name);
    await this.#page.keyboard.press('Enter');
    await this.quickPick.waitUntilGone();
  }

  /** Closes what VS Code has opened by itself. */
  async closeTab(title: string): Promise<void> {
    const tab = this.#page.locator('.tab', { hasText: title }).first();
    if (!(await tab.isVisible())) return;
    await tab.hover();
    await tab.getByRole('button', { name: /^Close/ }).click();
    await tab.waitFor({ state: 'detached' });
  }

  /** Drags the edge of the side bar. */
  async widenSidebar(byPixels: number): Promise<void> {
    const box = await this.#page.locator('.part.sidebar').boundingBox();
    assert.ok(box !== null, 'the side bar is not in sight');
    const [x, y] = [box.x + box.width, box.y + box.height / 2];
    const { mouse } = this.#page;
    await mouse.move(x, y);
    await mouse.down();
    await mouse.move(x + byPixels, y);
    await mouse.up();
  }

  /** Resolves once a tab of that title is the active one. */
  async waitForActiveTab(title: string | RegExp): Promise<void> {
    await this.#page.locator('.tab.active', { hasText: title }).waitFor();
  }

  /** Tries again until it holds: for what is drawn, of which nothing tells that it is. */
  async eventually(check: () => Promise<void>, timeoutMs = 30_000): Promise<void> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      try {
        await check();
        return;
      } catch (error) {
        if (Date.now() > end) throw error;
      }
    }
  }

  /** As a user does: VS Code first puts away what it has been told to keep. */
  async reload(): Promise<void> {
    const loaded = this.#page.waitForEvent('load');
    await this.run('Developer: Reload Window');
    await loaded;
    await this.#page.locator('.monaco-workbench').waitFor();
  }

  async screenshot(path: string): Promise<void> {
    await this.#page.screenshot({ path });
  }
}
