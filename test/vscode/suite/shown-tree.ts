/** The tree as VS Code asks it for what it shows. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { DomainTree } from '../../../src/views/tree/domain-tree';
import type { TreeNode } from '../../../src/views/tree/node';

export class ShownTree {
  constructor(private readonly tree: DomainTree) {}

  async children(node?: TreeNode): Promise<TreeNode[]> {
    return (await this.tree.content.getChildren(node)) ?? [];
  }

  async item(node: TreeNode): Promise<vscode.TreeItem> {
    return this.tree.content.getTreeItem(node);
  }

  /** Label, description and context value. */
  async row(node: TreeNode): Promise<string> {
    const { label, description, contextValue } = await this.item(node);
    return [label, description, contextValue].map(String).join(' ');
  }

  async rows(node?: TreeNode): Promise<string[]> {
    return Promise.all((await this.children(node)).map((child) => this.row(child)));
  }

  async tooltip(node: TreeNode): Promise<vscode.MarkdownString> {
    const { token } = new vscode.CancellationTokenSource();
    const item = await this.tree.content.resolveTreeItem?.(await this.item(node), node, token);
    assert.ok(item?.tooltip instanceof vscode.MarkdownString);
    return item.tooltip;
  }

  /** The paths below an instance, whatever group they are in. */
  async paths(instance: TreeNode): Promise<TreeNode[]> {
    const groups = await this.children(instance);
    return (await Promise.all(groups.map((group) => this.children(group)))).flat();
  }

  /** The kinds of the nodes that the tree tells to be drawn anew. */
  changes() {
    const kinds: (string | undefined)[] = [];
    let wake = () => {
      // Nobody waits.
    };
    const listener = this.tree.content.onDidChangeTreeData?.((nodes) => {
      kinds.push(...[nodes ?? []].flat().map(({ kind }) => kind));
      wake();
    });
    return {
      /** As soon as it is so; what was told since the last time. */
      async until(isSo: () => Promise<boolean>): Promise<(string | undefined)[]> {
        for (;;) {
          const woken = new Promise<void>((resolve) => (wake = resolve));
          if (await isSo()) return kinds.splice(0);
          await woken;
        }
      },
      dispose: () => {
        listener?.dispose();
      },
    };
  }
}
