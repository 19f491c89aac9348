import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { ConsoleSession } from '../../../src/engine/console';
import { Engine } from '../../../src/engine/engine';
import { asSidestepError } from '../../../src/engine/errors';
import type { CloseAction } from '../../../src/engine/migration/on-close';
import { openLocalHost } from '../../../src/host/local';
import type { Host } from '../../../src/host/host';
import type { DomainTree } from '../../../src/views/tree/domain-tree';
import { domainTreeId } from '../../../src/views/tree/commands';
import { answering, answeringWhetherSure, messageOf } from './answers';
import { activated, domainsOf, OwnState, set } from './extension';
import { ShownTree } from './shown-tree';
import { onceShown } from './waiting';
import { startWalking, type WalkerNode } from './walker';

const local = { kind: 'host', hostId: 'local' };

/** Bytes a second: a tenth of what the walker writes, and more than it ever does. */
const bandwidths = { slow: 5 * 1024 ** 2, fast: 1024 ** 4 };

describe('Two clients of a host', () => {
  const own = OwnState.forSuite();
  let tree: DomainTree;
  let shown: ShownTree;
  let walker: WalkerNode;
  let host: Host;
  let other: Engine;

  before(async () => {
    ({ tree } = await activated());
    shown = new ShownTree(tree);
    await vscode.commands.executeCommand(`${domainTreeId}.focus`);
    walker = await startWalking(own, 'shared');
    host = openLocalHost();
    other = await Engine.open(host, (await own.engine()).state.path);
  });

  after(async () => {
    await other.close();
    await host.dispose();
  });

  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  /** Begins a migration that comes to no end by itself: QEMU is slowed down before it copies. */
  async function beginSlowly(engine: Engine, begin: () => void): Promise<void> {
    const console = await other.openConsole(walker.uuid);
    const running = () => engine.migrations.get(walker.uuid);
    begin();
    while (running() === undefined) await new Promise(setImmediate);
    await new Promise((resolve, reject) => {
      running()?.trace.listen((record) => {
        if (record.type !== 'step' || record.step !== 'migrate' || record.edge !== 'begin') return;
        setBandwidth(console, 'slow').then(resolve, reject);
      });
    });
    console.dispose();
  }

  /** QEMU comes to the end of the migration under way. */
  async function letConverge(): Promise<void> {
    const console = await other.openConsole(walker.uuid);
    await setBandwidth(console, 'fast');
    console.dispose();
  }

  function setBandwidth(
    console: ConsoleSession,
    bandwidth: keyof typeof bandwidths,
  ): Promise<unknown> {
    const parameters = { 'max-bandwidth': bandwidths[bandwidth] };
    return console.execute('migrate-set-parameters', parameters);
  }

  async function isRow(pattern: RegExp): Promise<boolean> {
    return pattern.test(await shown.row(walker));
  }

  async function untilRow(pattern: RegExp): Promise<void> {
    const told = shown.changes();
    await tree.reveal('local', walker.uuid);
    await told.until(() => isRow(pattern));
    told.dispose();
  }

  describe('where the other one migrates', () => {
    let ended: Promise<string>;

    before(async () => {
      await beginSlowly(other, () => {
        ended = other.migrate({ domain: walker.uuid, mode: 'precopy' }).then(
          () => 'moved',
          (error: unknown) => asSidestepError(error).code,
        );
      });
      await untilRow(/^shared migrating by another client · Perform · \d+ % domain migrating own$/);
    });

    it('see how far that is, live', async () => {
      const { description } = await shown.item(walker);
      const told = shown.changes();
      await told.until(async () => (await shown.item(walker)).description !== description);
      told.dispose();
      assert.ok(await isRow(/migrating by another client · Perform/));
      const { value } = await shown.tooltip(walker);
      assert.match(value.replaceAll('&nbsp;', ' '), /Step: await-completion · precopy · /);
    });

    it('open its timeline', async () => {
      const opened = onceShown('sidestep.timeline');
      await vscode.commands.executeCommand('sidestep.openTrace', walker);
      await opened;
    });

    it('begin no other', async () => {
      const [message] = await messageOf('showErrorMessage', () =>
        vscode.commands.executeCommand('sidestep.migrate', walker, { mode: 'auto' }),
      );
      assert.match(String(message), /nothing was changed\. .*\[DOMAIN_BUSY\]$/);
    });

    it('cancel it when the user is sure, and only then', async () => {
      const cancel = () => vscode.commands.executeCommand('sidestep.cancelMigration', walker);
      const [asked] = await answeringWhetherSure(undefined, cancel);
      assert.match(String(asked?.[0]), /^Cancel the migration of shared\?/);
      assert.ok(await isRow(/migrating/));
      const [message] = await messageOf('showInformationMessage', async () => {
        await answeringWhetherSure('Cancel Migration', cancel);
      });
      assert.match(String(message), /^The migration of shared was cancelled/);
      assert.equal(await ended, 'CANCELLED_ELSEWHERE');
      await untilRow(/^shared running/);
    });
  });

  describe('where this window goes', () => {
    afterEach(() => set('migrate.onClose', undefined));

    /** @returns what it tells of its migration */
    async function disconnectInTheMiddle(onClose: CloseAction): Promise<string> {
      await set('migrate.onClose', onClose);
      const engine = await own.engine();
      const messages = await answering(
        'showInformationMessage',
        () => undefined,
        async () => {
          let migrating: Thenable<unknown> | undefined;
          await beginSlowly(engine, () => {
            const wish = { mode: 'precopy' };
            migrating = vscode.commands.executeCommand('sidestep.migrate', walker, wish);
          });
          const isCopying = () => engine.migrations.get(walker.uuid)?.progress.ram !== undefined;
          while (!isCopying()) await new Promise(setImmediate);
          await vscode.commands.executeCommand('sidestep.disconnect', local);
          await migrating;
        },
      );
      return messages.map(([text]) => String(text)).join('\n');
    }

    it('cancel its migration, if that is set', async () => {
      const told = await disconnectInTheMiddle('cancel');
      assert.match(told, /^The migration of shared was cancelled: it is where it was\.$/);
      assert.equal((await domainsOf(other))[0]?.state, 'running');
      await vscode.commands.executeCommand('sidestep.connect', local);
      await own.engine();
    });

    it('leave it to QEMU else, and confirm it when the host is connected again', async () => {
      const told = await disconnectInTheMiddle('finish');
      assert.match(told, /^The migration of shared is left to QEMU\./);
      const [left] = (await other.overview()).domains;
      assert.deepEqual([left?.state, left?.migration?.client], ['migrating', 'gone']);
      let tell: (text: string) => void = () => undefined;
      const confirmed = new Promise<string>((resolve) => (tell = resolve));
      await answering(
        'showInformationMessage',
        (message) => {
          tell(String(message));
        },
        async () => {
          await vscode.commands.executeCommand('sidestep.connect', local);
          await own.engine();
          await letConverge();
          assert.match(await confirmed, /^A migration of shared was cut off\. The guest had moved/);
        },
      );
      await untilRow(/^shared running/);
    });
  });
});
