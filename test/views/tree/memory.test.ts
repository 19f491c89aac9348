import assert from 'node:assert/strict';
import { TreeMemory, type Memento } from '../../../src/views/tree/memory';

describe('the memory of the tree', () => {
  it('is kept over a reload', () => {
    const memento = new FakeMemento();
    const before = new TreeMemory(memento);
    before.setOpen('domain', true);
    before.setOpen('host', false);
    before.selected = 'instance';
    before.dispose();
    const after = new TreeMemory(memento);
    assert.equal(after.isOpen('domain', false), true);
    assert.equal(after.isOpen('host', true), false);
    assert.equal(after.isOpen('another', true), true);
    assert.equal(after.selected, 'instance');
    after.dispose();
  });

  it('forgets the oldest of very many', () => {
    const memento = new FakeMemento();
    const memory = new TreeMemory(memento);
    for (let number = 0; number < 2_000; number++) memory.setOpen(String(number), true);
    memory.dispose();
    assert.ok(JSON.stringify(memento.value).length < 20_000);
    assert.equal(memory.isOpen('0', false), false);
    assert.equal(memory.isOpen('1999', false), true);
  });

  it('starts anew from what it cannot read', () => {
    for (const value of [undefined, null, 'open', { open: [['a']] }]) {
      const memory = new TreeMemory(new FakeMemento(value));
      assert.equal(memory.isOpen('a', true), true);
      assert.equal(memory.selected, undefined);
    }
  });
});

class FakeMemento implements Memento {
  constructor(public value?: unknown) {}

  get(): unknown {
    return this.value;
  }

  update(_: string, value: unknown): Promise<void> {
    this.value = JSON.parse(JSON.stringify(value));
    return Promise.resolve();
  }
}
