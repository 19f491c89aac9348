/** The helper's program, put together from its modules. */
import appenders from './helper/appenders.py';
import conversations from './helper/conversations.py';
import data from './helper/data.py';
import files from './helper/files.py';
import listeners from './helper/listeners.py';
import locks from './helper/locks.py';
import main from './helper/main.py';
import processes from './helper/processes.py';
import watches from './helper/watches.py';
import wire from './helper/wire.py';

/** Each behind those it imports. */
const modules = Object.entries({
  data,
  wire,
  files,
  appenders,
  watches,
  processes,
  locks,
  listeners,
  conversations,
  main,
});

// Python reads JSON's strings as its own, as long as they are ASCII.
export const program = Buffer.from(`import sys, types
for name, code in ${JSON.stringify(modules)}:
    sys.modules[name] = types.ModuleType(name)
    exec(compile(code, name + ".py", "exec"), sys.modules[name].__dict__)
sys.modules["main"].main()
`);
