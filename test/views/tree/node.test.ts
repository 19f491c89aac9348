import assert from 'node:assert/strict';
import type { Holding } from '../../../src/engine/inventory/holdings';
import { changedNodes } from '../../../src/views/tree/difference';
import { Forest } from '../../../src/views/tree/forest';
import { asTreeNode, idOf } from '../../../src/views/tree/node';
import {
  all,
  domain,
  holdingsOf,
  instance,
  loaded,
  localHost,
  only,
  overview,
  sshHost,
  trace,
  tree,
} from './fixture';

const devbox = domain('devbox');
const disk: Holding = {
  kind: 'disk',
  option: '-drive',
  address: '/vms/disk.qcow2',
  action: 'share',
  reason: '',
  target: undefined,
};
const whole = {
  ...overview([devbox], [trace('20261123T081502Z-devbox-6')]),
  ...holdingsOf(devbox, [disk]),
  emulators: loaded([]),
};

describe('a node of the tree', () => {
  it('is what a command is given', () => {
    for (const { node } of all(tree(localHost(), whole))) assert.deepEqual(asTreeNode(node), node);
  });

  for (const value of [
    undefined,
    null,
    'domain',
    { kind: 'domain' },
    { kind: 'vm', hostId: 'local' },
    { kind: 'path', hostId: 'local', uuid: 'u', name: 'n', instanceId: 1, group: 'x' },
  ]) {
    it(`is not ${JSON.stringify(value)}`, () => {
      assert.equal(asTreeNode(value), undefined);
    });
  }

  it('has an id of its own, on each host', () => {
    const ids = [...all(tree(localHost(), whole)), ...all(tree(sshHost(), whole))].map(({ node }) =>
      idOf(node),
    );
    assert.equal(new Set(ids).size, ids.length);
  });

  it('keeps its id while all about it changes', () => {
    const paused = { ...devbox, state: 'paused' };
    const before = only(tree(localHost(), whole), 'domain');
    const now = only(tree(localHost(), overview([paused])), 'domain');
    assert.equal(idOf(before.node), idOf(now.node));
  });
});

describe('what of the tree is drawn anew', () => {
  const before = tree(localHost(), whole);

  it('is nothing where nothing has changed', () => {
    assert.deepEqual(changedNodes(before, tree(localHost(), { ...whole })), []);
  });

  it('is the row that looks otherwise', () => {
    const paused = { ...devbox, state: 'paused' };
    assert.deepEqual(kinds(tree(localHost(), { ...whole, ...overview([paused], oldTraces()) })), [
      'domain',
    ]);
  });

  it('is the parent of what comes or goes', () => {
    const target = instance(8, { role: 'target' });
    const more = domain('devbox', { instances: [instance(7), target] });
    const gone = { ...whole, holdings: new Map() };
    assert.deepEqual(kinds(tree(localHost(), { ...whole, ...overview([more], oldTraces()) })), [
      'domain',
    ]);
    assert.deepEqual(kinds(tree(localHost(), gone)), ['instance']);
    assert.deepEqual(kinds(tree(localHost(), { ...whole, ...overview([devbox], []) })), ['traces']);
  });

  it('is nothing for children that are read the first time, for VS Code waits for them', () => {
    const unread = tree(localHost(), { ...whole, holdings: new Map() });
    assert.deepEqual(changedNodes(unread, before), []);
  });

  it('is all of a host that is lost', () => {
    assert.deepEqual(kinds(tree(localHost({ state: 'disconnected' }))), ['host']);
  });

  function kinds(now: typeof before): string[] {
    return changedNodes(before, now).map(({ kind }) => kind);
  }

  function oldTraces() {
    return [trace('20261123T081502Z-devbox-6')];
  }
});

describe('the forest', () => {
  it('keeps the very node as long as it stands for the same', () => {
    const forest = new Forest();
    forest.plant(tree(localHost(), whole));
    const nodes = all(tree(localHost(), whole)).map(({ node }) => forest.same(node));
    const [changed] = forest.plant(
      tree(localHost(), { ...whole, ...overview([{ ...devbox, state: 'paused' }]) }),
    );
    const kept = nodes.filter((node) => forest.branch(node) !== undefined);
    for (const node of kept) assert.equal(forest.same({ ...node }), node);
    assert.ok(changed !== undefined && nodes.includes(changed));
  });

  it('knows the way up, as far as there is one', () => {
    const forest = new Forest();
    const shown = tree(localHost(), whole);
    forest.plant(shown);
    const way = [];
    for (
      let node = all(shown).find((each) => each.look.label === 'disk.qcow2')?.node;
      node !== undefined;
      node = forest.parent(node)
    ) {
      way.push(node.kind);
    }
    assert.deepEqual(way, ['path', 'path-group', 'instance', 'domain', 'host']);
  });

  it('forgets a host that is removed', () => {
    const forest = new Forest();
    const shown = tree(localHost(), whole);
    forest.plant(shown);
    forest.plant(tree(sshHost(), whole));
    forest.fell('local');
    assert.equal(forest.branch(shown.node), undefined);
    assert.ok(forest.branch({ kind: 'host', hostId: 'lab' }) !== undefined);
  });
});
