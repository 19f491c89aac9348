import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { readTrace } from '../../../src/engine/trace/file';
import { messageOf } from './answers';
import { machine, OwnState } from './extension';
import {
  closeTerminal,
  terminalEnd,
  terminalOf,
  terminalsOf,
  type OpenedTerminal,
} from './terminals';
import { startWalker, type WalkerNode } from './walker';

describe('The QMP console in VS Code', () => {
  const own = OwnState.forSuite();
  let walker: WalkerNode;
  let console: OpenedTerminal;

  before(async () => {
    walker = await startWalker(own, 'talker');
  });

  /** What a user types: VS Code hands it to the console. */
  function type(text: string): void {
    console.shown.clear();
    console.terminal.sendText(text, false);
  }

  async function open(): Promise<OpenedTerminal> {
    return terminalOf(() => vscode.commands.executeCommand('sidestep.openConsole', walker));
  }

  it('opens in a terminal, and greets', async () => {
    console = await open();
    assert.match(console.terminal.name, /^QMP: talker #1$/);
    await console.shown.until(/QEMU 7\.2\.\d+ .*, instance 1 of talker/);
    await console.shown.until(/QMP> /);
  });

  it('sends what is typed, and shows the answer', async () => {
    type('query-status\r');
    await console.shown.until(/"status": "running"/);
  });

  it("completes QEMU's own commands and arguments by Tab", async () => {
    // The schema comes a moment after the greeting.
    while (!console.shown.text().includes('query-uuid')) {
      type('\x15query-uu\t');
      await console.shown.until(/query-uu/);
      await new Promise(setImmediate);
    }
    type('\x15qom-get pa\t');
    await console.shown.until(/qom-get path=/);
    type('\x15');
  });

  it('tells what is wrong, and what QEMU refuses', async () => {
    type('no-such-command\r');
    await console.shown.until(/CommandNotFound: The command no-such-command has not been found/);
    type('device_del id=nothing\r');
    await console.shown.until(/DeviceNotFound: Device 'nothing' not found/);
  });

  it('shows an event as it comes, also one that somebody else has caused', async () => {
    console.shown.clear();
    await vscode.commands.executeCommand('sidestep.pause', walker);
    await console.shown.until(/\d\d:\d\d:\d\d\.\d{3} STOP/);
    await vscode.commands.executeCommand('sidestep.resume', walker);
    await console.shown.until(/RESUME/);
  });

  it('is there once for an instance, however often it is opened', async () => {
    const made = await terminalsOf(() =>
      vscode.commands.executeCommand('sidestep.openConsole', walker),
    );
    assert.deepEqual(made, []);
  });

  it('is in the trace of a migration as the user, and tells the end of its process', async () => {
    const engine = await own.engine();
    console.shown.clear();
    const wish = { emulator: machine().qemu100, mode: 'precopy' };
    await messageOf('showInformationMessage', async () => {
      const migrating = vscode.commands.executeCommand('sidestep.migrate', walker, wish);
      while (engine.migrations.size === 0) await new Promise(setImmediate);
      // The user's and not the engine's: nothing of a migration asks for it. Not by way of VS Code's
      // window, which may take longer than the migration.
      console.pty.handleInput?.('query-name\r');
      await migrating;
    });
    const [trace] = await engine.traces();
    const records = readTrace(readFileSync(trace?.path ?? '', 'utf8'), trace?.path ?? '');
    const said = records.flatMap((record) =>
      record.type === 'qmp' && record.origin === 'user'
        ? [[record.instance, record.direction, record.kind, record.name]]
        : [],
    );
    assert.deepEqual(said, [
      [1, 'sent', 'command', 'query-name'],
      [1, 'received', 'reply', 'query-name'],
    ]);
    await console.shown.until(/Press Enter to connect again, Ctrl\+D to end the console/);
  });

  it('follows the domain to the instance that runs it now', async () => {
    type('\r');
    await console.shown.until(/QEMU 10\.0\.\d+ .*, instance 2 of talker/);
    type('query-version\r');
    await console.shown.until(/"major": 10/);
  });

  it('tells when its QEMU is gone, and that there is nothing to connect to', async () => {
    type('quit\r');
    await console.shown.until(/Press Enter to connect again/);
    type('\r');
    await console.shown.until(/Connecting[^]*talker[^]*Press Enter to connect again/);
  });

  it('ends by Ctrl+D, and another may be opened', async () => {
    const ended = terminalEnd(console.terminal);
    type('\x04');
    await ended;
    console = await open();
    await console.shown.until(/Press Enter to connect again/);
    await closeTerminal(console.terminal);
  });
});
