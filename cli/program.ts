import { Command, Option } from 'commander';
import { addCommands } from './commands/index.ts';
import { examples } from './help.ts';
import type { Terminal } from './terminal/terminal.ts';
import { nameList } from './input/options.ts';
import { widthOf } from './terminal/terminal.ts';
import { packageVersion } from './version.ts';

/** The whole command line. It writes to the terminal it is given and never ends the process. */
export function createProgram(terminal: Terminal): Command {
  const program: Command = new Command('waymark')
    .description('Durable agent tasks on Temporal and Redis, from a terminal.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .option('--json', 'print exactly one JSON value (watch: one a line); everything else goes to stderr')
    .option('--tenant <id>', 'work in this tenant (default: "default")')
    .option('--as <name>', 'act under this name (default: your user name)')
    .option(
      '--as-roles <list>',
      'and in these roles, joined by commas: what is asked of finance, finance may answer',
      nameList,
    )
    .addOption(new Option('--verbose', 'print stack traces'))
    .exitOverride()
    .showHelpAfterError('(--help shows how it is used)')
    .configureHelp({
      showGlobalOptions: true,
      sortOptions: false,
      helpWidth: widthOf(terminal),
      subcommandTerm: termOf,
      // Not those of a command that has commands of its own, such as `serve`.
      visibleGlobalOptions: (command) => (command === program ? [] : program.options.filter(({ hidden }) => !hidden)),
    })
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      getOutHelpWidth: () => widthOf(terminal),
      getErrHelpWidth: () => widthOf(terminal),
    })
    .addHelpText(
      'after',
      examples(
        'waymark start onboarding --input examples/inputs/onboarding.json --key acme',
        'waymark watch onboarding:acme',
      ),
    );
  addCommands(program, terminal);
  return program;
}

/** A command as the list of commands shows it: with the arguments it takes, as its own help tells them. */
function termOf(command: Command): string {
  const usage = command.usage();
  return `${command.name()} ${command.options.length > 0 ? usage : usage.replace(/\[options\] ?/u, '')}`.trim();
}
