import assert from 'node:assert/strict';
import type { ConsoleSession } from '../../../src/engine/console';
import { ConsoleView } from '../../../src/views/console/console-view';
import { qemu100 } from '../../support/emulators';
import { Screen } from '../../support/screen';
import { EngineBench, type Walker } from '../../support/workbench';

const columns = 100;
const endKey = '\x04';

describe('A QMP console on a real QEMU', () => {
  const open: UserConsole[] = [];
  // Before the domains end: that would be told to the screen as well.
  afterEach(() => {
    for (const console of open.splice(0)) console.view.dispose();
  });
  const bench = EngineBench.forEachTest();

  class UserConsole {
    readonly screen = new Screen(columns);
    readonly view: ConsoleView;
    hasEnded = false;
    #wake: () => void = () => undefined;

    constructor(connect: (signal: AbortSignal) => Promise<ConsoleSession>) {
      this.view = new ConsoleView(
        {
          connect,
          write: (data) => {
            this.screen.write(data);
            this.#wake();
          },
          end: () => (this.hasEnded = true),
          t: (message, ...args) =>
            message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)])),
        },
        columns,
      );
      open.push(this);
    }

    /** Resolves when the screen has such a line. */
    async shows(line: RegExp): Promise<void> {
      while (!this.screen.lines.some((each) => line.test(each))) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    }
  }

  const consoleOf = ({ uuid }: Walker) =>
    new UserConsole((signal) => bench.engine.openConsole(uuid, undefined, signal));

  it('greets, completes, sends, and shows answers, failures and events', async () => {
    const walker = await bench.walker({ emulator: qemu100 });
    const console = consoleOf(walker);
    await console.shows(/^QEMU 10\.0\.\d+ .*, instance 1 of walker-1$/);
    // The schema comes a moment later.
    await complete(console, 'query-uu\t', 'query-uuid');
    console.view.input('\r');
    await console.shows(/^ {2}"UUID": /);
    assert.ok(console.screen.lines.includes(`  "UUID": "${walker.uuid}"`));

    console.view.input('nonsense\r');
    await console.shows(/^CommandNotFound: The command nonsense has not been found$/);

    console.view.input('set_link name\r');
    await console.shows(/^ {14}\^$/);
    await console.shows(/^"name" has no value/);

    console.view.input('to be ty');
    await bench.engine.pause(walker.name);
    await console.shows(/^\d\d:\d\d:\d\d\.\d{3} STOP$/);
    console.view.input('ped');
    assert.equal(console.screen.cursorLine, 'QMP> to be typed|');

    console.view.prefill('query-name');
    assert.equal(console.screen.cursorLine, 'QMP> query-name|');
    console.view.input(`\x15${endKey}`);
    assert.equal(console.hasEnded, true);
  });

  it('says that another has it, and connects when that is gone', async () => {
    const walker = await bench.walker();
    const other = await bench.engine.openConsole(walker.name);
    const console = consoleOf(walker);
    console.view.prefill('query-name');
    await console.shows(/^Another client holds the QMP console of instance 1/);
    await console.shows(/^Press Enter to connect again/);
    other.dispose();
    console.view.input('\r');
    await console.shows(/instance 1 of walker-1$/);
    await console.shows(/^QMP> query-name$/);
    console.view.input('\r');
    await console.shows(/^\{/);
  });

  it('follows the domain to its new instance on Enter, after a migration', async () => {
    const walker = await bench.walker();
    const console = consoleOf(walker);
    await console.shows(/instance 1 of walker-1$/);
    const { error } = await walker.migrate({ emulator: qemu100 });
    assert.equal(error, undefined);
    await console.shows(/closed the monitor connection/);
    console.view.input('\r');
    await console.shows(/instance 2 of walker-1$/);
  });

  async function complete(console: UserConsole, typed: string, line: string): Promise<void> {
    console.view.input(typed);
    while (console.screen.cursorLine !== `QMP> ${line}|`) {
      await new Promise(setImmediate);
      console.view.input('\t');
    }
  }
});
