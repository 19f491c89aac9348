/** The trees of all hosts, each as far as it has been opened; what VS Code shows of them is `domain-tree.ts`. */
import type { Engine } from '../../engine/engine';
import type { Disposable } from '../../host/host';
import type { ViewedHost, ViewedHosts } from '../hosts';
import type { Branch, Words } from './branch';
import { childrenOf, Forest } from './forest';
import { hostBranch, libvirtDomains, nothingRead } from './host';
import { HostModel, type Reading } from './host-model';
import { isOutdated } from './libvirt-domains';
import type { HostNode, TreeNode } from './node';

interface Followed {
  readonly host: ViewedHost;
  readonly listener: Disposable;
  /** While it is connected. */
  link: { readonly engine: Engine; readonly model: HostModel } | undefined;
}

export class HostTrees implements Disposable {
  readonly #forest = new Forest();
  readonly #followed = new Map<string, Followed>();
  readonly #listener: Disposable;
  #isSeen = false;

  /** @param onChange told the nodes to be drawn anew; undefined when hosts have come or gone */
  constructor(
    private readonly hosts: ViewedHosts,
    private readonly words: Words,
    private readonly onChange: (nodes: TreeNode[] | undefined) => void,
  ) {
    this.#listener = hosts.onDidChange(() => {
      this.#followHosts();
      this.onChange(undefined);
    });
    this.#followHosts();
  }

  /** Whether the tree is seen, as of `HostModel`. What is not seen is not kept up to date. */
  set isSeen(isSeen: boolean) {
    this.#isSeen = isSeen;
    for (const { link } of this.#followed.values()) if (link) link.model.isSeen = isSeen;
  }

  get roots(): TreeNode[] {
    return this.hosts.all.map(({ id }) => this.#forest.same(hostNode(id)));
  }

  /** Those of a node, read from the host if they have not been before. Never rejects. */
  async children(node: TreeNode): Promise<TreeNode[]> {
    const model = this.#followed.get(node.hostId)?.link?.model;
    if (model !== undefined && this.branch(node)?.children === 'not loaded') {
      await model.read(readingOf(node));
    }
    const branch = this.branch(node);
    return branch === undefined ? [] : childrenOf(branch).map((child) => this.same(child.node));
  }

  branch(node: TreeNode): Branch | undefined {
    return this.#forest.branch(node);
  }

  parent(node: TreeNode): TreeNode | undefined {
    return this.#forest.parent(node);
  }

  find(id: string): TreeNode | undefined {
    return this.#forest.find(id);
  }

  same(node: TreeNode): TreeNode {
    return this.#forest.same(node);
  }

  /** The node of a domain, for which the host is read if need be; undefined if it has none such. */
  async domain(hostId: string, uuid: string): Promise<TreeNode | undefined> {
    const isIt = (node: TreeNode) => node.kind === 'domain' && node.uuid === uuid;
    const known = (await this.children(hostNode(hostId))).find(isIt);
    if (known !== undefined) return known;
    // It may have been started a moment ago.
    await this.#followed.get(hostId)?.link?.model.refresh();
    return (await this.children(hostNode(hostId))).find(isIt);
  }

  /** Reads anew what has been read of a host, or of all. Never rejects. */
  async refresh(hostId?: string): Promise<void> {
    const chosen = [...this.#followed].filter(([id]) => hostId === undefined || id === hostId);
    await Promise.all(chosen.flatMap(([, { link }]) => link?.model.refresh() ?? []));
  }

  /** How many migrations are under way, as far as is known. */
  get migrations(): number {
    const overviews = [...this.#followed.values()].map(({ link }) => link?.model.content.overview);
    return overviews.reduce((count, overview) => {
      if (overview?.state !== 'loaded') return count;
      return count + overview.value.domains.filter(({ migration }) => migration).length;
    }, 0);
  }

  /** How many of libvirt's domains run a QEMU that another one is installed in the place of. */
  get outdated(): number {
    return [...this.#followed.values()]
      .flatMap(({ link }) => (link === undefined ? [] : libvirtDomains(link.model.content)))
      .filter(isOutdated).length;
  }

  /** The host's clock; undefined if it is not connected. */
  now(hostId: string): number | undefined {
    return this.#followed.get(hostId)?.link?.engine.host.now();
  }

  dispose(): void {
    this.#listener.dispose();
    for (const id of this.#followed.keys()) this.#forget(id);
  }

  #followHosts(): void {
    const { all } = this.hosts;
    for (const [id, { host }] of this.#followed) if (!all.includes(host)) this.#forget(id);
    for (const host of all) {
      if (this.#followed.has(host.id)) continue;
      const listener = host.onDidChangeStatus(() => {
        this.#update(host.id);
      });
      this.#followed.set(host.id, { host, listener, link: undefined });
      this.#plant(host.id);
    }
  }

  #forget(id: string): void {
    const followed = this.#followed.get(id);
    followed?.listener.dispose();
    followed?.link?.model.dispose();
    this.#followed.delete(id);
    this.#forest.fell(id);
  }

  /** The host's status or content has changed. */
  #update(id: string): void {
    const changed = this.#plant(id);
    if (changed.length > 0) this.onChange(changed);
  }

  /** @returns the nodes to be drawn anew */
  #plant(id: string): TreeNode[] {
    const followed = this.#followed.get(id);
    if (followed === undefined) return [];
    const { host } = followed;
    const engine = host.status.state === 'connected' ? host.status.engine : undefined;
    if (engine !== followed.link?.engine) {
      followed.link?.model.dispose();
      followed.link = engine && { engine, model: this.#model(id, engine) };
    }
    const content = followed.link?.model.content ?? nothingRead;
    return this.#forest.plant(hostBranch(host, content, this.words));
  }

  #model(id: string, engine: Engine): HostModel {
    const model = new HostModel(engine, () => {
      this.#update(id);
    });
    model.isSeen = this.#isSeen;
    return model;
  }
}

function hostNode(hostId: string): HostNode {
  return { kind: 'host', hostId };
}

/** What has to be read for a node's children. */
function readingOf(node: TreeNode): Reading {
  switch (node.kind) {
    case 'instance':
      return { holdings: node.uuid, connection: node.connection };
    case 'emulators':
    case 'traces':
      return node.kind;
    default:
      return 'overview';
  }
}
