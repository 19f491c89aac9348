/** The view in the sidebar: hosts, their domains, and what those hold. */
import * as vscode from 'vscode';
import { formatUptime } from '../../engine/text/units';
import type { Disposable } from '../../host/host';
import type { ViewedHosts } from '../hosts';
import type { Branch, Icon, Words } from './branch';
import { domainTreeId } from './commands';
import { HostTrees } from './host-trees';
import { TreeMemory } from './memory';
import { idOf, type TreeNode } from './node';
import { timeWords } from './time-words';
import { cannotRunVms, welcomeFor, welcomeKey } from './welcome';

export interface DomainTreeSetting {
  readonly hosts: ViewedHosts;
  /** Keeps what the user has opened over a reload of the window. */
  readonly workspaceState: vscode.Memento;
}

export interface DomainTree extends Disposable {
  readonly view: vscode.TreeView<TreeNode>;
  /** What the view shows. */
  readonly content: vscode.TreeDataProvider<TreeNode>;
  /** Shows a domain, opens the way to it and selects it. False if there is no such domain. */
  reveal(hostId: string, uuid: string): Promise<boolean>;
  /** Reads anew what is shown of the node's host; of all hosts if none is given. Never rejects. */
  refresh(node?: TreeNode): Promise<void>;
}

export function registerDomainTree(setting: DomainTreeSetting): DomainTree {
  return new DomainTreeView(setting);
}

class DomainTreeView implements DomainTree, vscode.TreeDataProvider<TreeNode> {
  readonly view: vscode.TreeView<TreeNode>;
  readonly #hosts: ViewedHosts;
  readonly #trees: HostTrees;
  readonly #memory: TreeMemory;
  readonly #changed = new vscode.EventEmitter<TreeNode[] | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #disposables: Disposable[];
  /** Id of the node that was selected when the window was closed. */
  #toSelect: string | undefined;
  /** The welcome, or the hosts, as VS Code was told last. */
  #shown: string | undefined;

  constructor({ hosts, workspaceState }: DomainTreeSetting) {
    this.#hosts = hosts;
    this.#memory = new TreeMemory(workspaceState);
    this.#toSelect = this.#memory.selected;
    this.#trees = new HostTrees(hosts, words, (nodes) => {
      this.#onChange(nodes);
    });
    this.view = vscode.window.createTreeView(domainTreeId, {
      treeDataProvider: this,
      showCollapseAll: true,
    });
    this.#disposables = [
      this.view,
      this.#trees,
      this.#memory,
      this.#changed,
      this.view.onDidExpandElement(({ element }) => {
        this.#memory.setOpen(idOf(element), true);
      }),
      this.view.onDidCollapseElement(({ element }) => {
        this.#memory.setOpen(idOf(element), false);
      }),
      this.view.onDidChangeSelection(({ selection: [selected] }) => {
        if (selected !== undefined) this.#memory.selected = idOf(selected);
      }),
      this.view.onDidChangeVisibility(() => {
        this.#look();
      }),
      vscode.window.onDidChangeWindowState(({ focused }) => {
        if (focused) this.#look();
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        this.#onChange(undefined);
      }),
    ];
    this.#look();
    this.#tellWelcome();
  }

  get content(): vscode.TreeDataProvider<TreeNode> {
    return this;
  }

  async getChildren(node?: TreeNode): Promise<TreeNode[]> {
    const children = node === undefined ? this.#roots() : await this.#trees.children(node);
    const selected = children.find((child) => idOf(child) === this.#toSelect);
    if (selected !== undefined) this.#selectAgain(selected);
    return children;
  }

  getParent(node: TreeNode): TreeNode | undefined {
    return this.#trees.parent(node);
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    const branch = this.#trees.branch(node);
    // One that went a moment ago, and is about to be taken away.
    if (branch === undefined) return new vscode.TreeItem('');
    return this.#item(node, branch);
  }

  /** The tooltip is made when it is asked for: it tells how long an instance has been up by then. */
  resolveTreeItem(item: vscode.TreeItem, node: TreeNode): vscode.TreeItem {
    const look = this.#trees.branch(node)?.look;
    if (look === undefined) return item;
    const now = this.#trees.now(node.hostId);
    const { startedAt, tooltip } = look;
    const uptime =
      startedAt === undefined || now === undefined
        ? []
        : [vscode.l10n.t('Up for {0}', formatUptime(now - startedAt))];
    item.tooltip = plainText([...tooltip.split('\n'), ...uptime]);
    return item;
  }

  async reveal(hostId: string, uuid: string): Promise<boolean> {
    const domain = await this.#trees.domain(hostId, uuid);
    if (domain === undefined) return false;
    await this.view.reveal(domain, { select: true, focus: true, expand: true });
    return true;
  }

  refresh(node?: TreeNode): Promise<void> {
    return this.#trees.refresh(node?.hostId);
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #roots(): TreeNode[] {
    if (welcomeFor(this.#hosts.all, vscode.workspace.isTrusted) !== 'none') return [];
    const unfit = this.#hosts.all.filter(({ status }) => cannotRunVms(status));
    return this.#trees.roots.filter(({ hostId }) => !unfit.some(({ id }) => id === hostId));
  }

  #item(node: TreeNode, { look, children, isOpen }: Branch): vscode.TreeItem {
    const { label, description, icon, contextValue, accessibilityLabel, command } = look;
    const id = idOf(node);
    const item = new vscode.TreeItem(label, this.#collapsibleState(id, children, isOpen));
    item.id = id;
    item.description = description;
    item.contextValue = contextValue;
    item.accessibilityInformation = { label: accessibilityLabel, role: 'treeitem' };
    if (icon !== undefined) item.iconPath = themeIcon(icon);
    if (command !== undefined) {
      item.command = { command: command.id, title: command.title, arguments: [command.node] };
    }
    return item;
  }

  #collapsibleState(
    id: string,
    children: Branch['children'],
    isOpen: boolean,
  ): vscode.TreeItemCollapsibleState {
    const { None, Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
    if (children === undefined) return None;
    return this.#memory.isOpen(id, isOpen) ? Expanded : Collapsed;
  }

  #onChange(nodes: TreeNode[] | undefined): void {
    const { migrations } = this.#trees;
    this.view.badge =
      migrations === 0
        ? undefined
        : { value: migrations, tooltip: vscode.l10n.t('Migrations under way: {0}', migrations) };
    this.view.message = banner(this.#trees.outdated);
    this.#changed.fire(this.#tellWelcome() ? undefined : nodes);
  }

  #look(): void {
    this.#trees.isSeen = this.view.visible;
  }

  /** @returns whether other hosts are shown than before */
  #tellWelcome(): boolean {
    const welcome = welcomeFor(this.#hosts.all, vscode.workspace.isTrusted);
    const shown = JSON.stringify([welcome, this.#roots().map(idOf)]);
    if (shown === this.#shown) return false;
    this.#shown = shown;
    void vscode.commands.executeCommand('setContext', welcomeKey, welcome);
    return true;
  }

  /** What was selected when the window was closed, as soon as it is there again. */
  #selectAgain(node: TreeNode): void {
    this.#toSelect = undefined;
    // VS Code has to know the node first.
    setImmediate(() => {
      if (!this.view.visible || this.view.selection.length > 0) return;
      this.view.reveal(node, { select: true, focus: false }).then(undefined, () => {
        // It has gone meanwhile.
      });
    });
  }
}

/** Above the tree; empty where there is nothing to be told. */
function banner(outdated: number): string {
  if (outdated === 0) return '';
  return outdated === 1
    ? vscode.l10n.t('1 domain runs another QEMU than is installed now. It can be upgraded live.')
    : vscode.l10n.t(
        '{0} domains run another QEMU than is installed now. They can be upgraded live.',
        outdated,
      );
}

/** Lines close to each other. Nothing of their text is Markdown: nothing is drawn or run. */
function plainText(lines: readonly string[]): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  for (const line of lines) text.appendText(line).appendMarkdown('  \n');
  return text;
}

function themeIcon({ id, color }: Icon): vscode.ThemeIcon {
  return new vscode.ThemeIcon(id, color === undefined ? undefined : new vscode.ThemeColor(color));
}

const words: Words = {
  t: (message, ...args) => vscode.l10n.t(message, ...args),
  ...timeWords(() => vscode.env.language),
};
