import assert from 'node:assert/strict';
import { definitionOf, startArguments } from '../../../src/engine/plan/start-arguments';
import { words } from './fixture';

describe('The arguments of an instance', () => {
  const definition = words('-M q35 -hda /a.img -chardev null,id=c -mon c');

  it('are at the first start the definition, the engine’s monitor and the user’s', () => {
    assert.deepEqual(startArguments(definition, '/run/a,b'), [
      ...definition,
      ...['-chardev', 'socket,id=sidestep-monitor,path=/run/a,,b/qmp.sock,server=on,wait=off'],
      ...['-mon', 'chardev=sidestep-monitor,mode=control'],
      ...['-chardev', 'socket,id=sidestep-console,path=/run/a,,b/console.sock,server=on,wait=off'],
      ...['-mon', 'chardev=sidestep-console,mode=control'],
    ]);
  });

  it('lead back to the definition', () => {
    assert.deepEqual(definitionOf(startArguments(definition, '/run/1'), '/'), definition);
  });

  it('lead to a definition without how the process was started, and with absolute paths', () => {
    const argv = words('-daemonize -S -incoming defer -loadvm x -hda a.img -writeconfig c');
    assert.deepEqual(definitionOf(argv, '/home/dev'), ['-hda', '/home/dev/a.img']);
  });
});
